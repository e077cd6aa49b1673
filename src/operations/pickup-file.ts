// What a file of the pickup folder says: its envelope in X-Sender and X-Receiver lines on top, which are taken off, or in its
// header. Pure. SE-08
export type PickupFile = {
  readonly sender: string | null // as written; null: as the header says
  readonly receivers: readonly string[] // none: as the header says
  readonly message: Uint8Array
}

const envelopeLine = /^x-(sender|receiver):[ \t]*([^\r\n]*)\r?\n/i
const lineBytesMax = 1000

export function parsePickup(octets: Buffer): PickupFile {
  let sender: string | null = null
  const receivers: string[] = []
  let at = 0
  for (;;) {
    const line = envelopeLine.exec(octets.toString('latin1', at, at + lineBytesMax))
    if (line === null) return { sender, receivers, message: octets.subarray(at) }
    const value = Buffer.from(line[2]!, 'latin1').toString('utf8').trim()
    const path = value.startsWith('<') && value.endsWith('>') && value !== '<>' ? value.slice(1, -1) : value
    if (line[1]!.toLowerCase() === 'sender') sender = path
    else receivers.push(path)
    at += line[0].length
  }
}
