// A zip read from its beginning to its end, as it comes: messages, folders of Maildir, and mbox files in it. The names in it are
// never paths of ours: they are told, and nothing is written under them. APPNOTE.TXT 6.3 §4.3. WEB-10
import { createInflateRaw } from 'node:zlib'
import { isMessageName, readMessage } from './eml.ts'
import { unfoldedBytesMax, zipNameBytesMax } from './limits.ts'
import { readMbox } from './mbox.ts'
import { Pull } from './pull.ts'
import { ArchiveError, type Archive, type Chunks } from './types.ts'

const localFile = 0x04034b50
const descriptor = 0x08074b50
const inDescriptor = 0xffffffff
const pieceBytes = 65_536

type Entry = {
  readonly name: string
  readonly method: number
  readonly encrypted: boolean
  /** Null: it follows the octets, which must tell their end themselves. */
  readonly sizeBytes: number | null
  readonly large: boolean
}

export async function* readZip(chunks: Chunks): Archive {
  const pull = new Pull(chunks)
  for (;;) {
    const entry = await nextEntry(pull)
    if (entry === null) return
    const octets = octetsOf(pull, entry)
    const problem = problemOf(entry)
    if (problem === null) yield* readEntry(entry.name, octets)
    else if (problem !== '') yield { is: 'skipped', name: entry.name, why: problem }
    for await (const _rest of octets) continue // what nobody wanted
    if (entry.sizeBytes === null) await passDescriptor(pull, entry.large)
  }
}

const readEntry = (name: string, octets: Chunks): Archive =>
  isMbox(name) ? readMbox(octets) : readMessage(octets, name)
const isMbox = (name: string): boolean => /\.mbox$|(?:^|\/)mbox$/i.test(name)

/** Empty: nothing that anybody misses. */
function problemOf({ name, method, encrypted }: Entry): string | null {
  if (name.endsWith('/') || /(?:^|\/)(?:__MACOSX\/|\.[^./])/.test(name)) return ''
  if (encrypted) return 'It is encrypted'
  if (method !== 0 && method !== 8) return 'It is compressed in a way that is not known here'
  return isMbox(name) || isMessageName(name) ? null : 'It is no message: .eml, .mbox and Maildir are taken'
}

/** Null where the list of contents begins. */
async function nextEntry(pull: Pull): Promise<Entry | null> {
  const signature = (await pull.exactly(4)).readUInt32LE()
  if (signature !== localFile) return null
  const head = await pull.exactly(26)
  const flags = head.readUInt16LE(2)
  const nameBytes = head.readUInt16LE(22)
  if (nameBytes > zipNameBytesMax) throw new ArchiveError('A name in the zip is too long')
  const name = (await pull.exactly(nameBytes)).toString('utf8')
  const extra = await pull.exactly(head.readUInt16LE(24))
  const packed = head.readUInt32LE(14)
  const follows = (flags & 8) !== 0
  const sizeBytes = follows ? null : packed === inDescriptor ? largeSize(extra) : packed
  const entry = {
    name,
    method: head.readUInt16LE(4),
    encrypted: (flags & 1) !== 0,
    sizeBytes,
    large: packed === inDescriptor,
  }
  if (sizeBytes === null && (entry.method !== 8 || entry.encrypted))
    throw new ArchiveError(`The zip does not tell where ${name} ends: unpack it and import the folder`)
  return entry
}

/** The packed size in the field of zip64, behind the unpacked one. */
function largeSize(extra: Buffer): number {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2))
    if (extra.readUInt16LE(at) === 1 && extra.readUInt16LE(at + 2) >= 16 && at + 20 <= extra.length)
      return Number(extra.readBigUInt64LE(at + 12))
  throw new ArchiveError('The zip does not tell how long a part of it is')
}

/** Its signature is optional. */
async function passDescriptor(pull: Pull, large: boolean): Promise<void> {
  const first = await pull.exactly(4)
  await pull.exactly((first.readUInt32LE() === descriptor ? 4 : 0) + (large ? 16 : 8))
}

async function* octetsOf(pull: Pull, { name, method, encrypted, sizeBytes }: Entry): AsyncGenerator<Uint8Array> {
  if (method !== 8 || encrypted) return yield* sized(pull, sizeBytes ?? 0)
  let unfolded = 0
  for await (const chunk of inflated(pull, sizeBytes)) {
    unfolded += chunk.length
    if (unfolded > unfoldedBytesMax) throw new ArchiveError(`${name} unfolds to more than anybody's mail`)
    yield chunk
  }
}

async function* sized(pull: Pull, sizeBytes: number): AsyncGenerator<Buffer> {
  for (let left = sizeBytes; left > 0;) {
    const part = await pull.some(Math.min(left, pieceBytes))
    if (part === null) throw new ArchiveError('The archive ends in the middle: a part of it is missing')
    left -= part.length
    yield part
  }
}

/** Fed piece by piece; what stands behind the end is given back. */
async function* inflated(pull: Pull, sizeBytes: number | null): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw()
  const feed = async (): Promise<void> => {
    let [left, fed] = [sizeBytes ?? Number.MAX_SAFE_INTEGER, 0]
    while (left > 0 && !inflate.readableEnded) {
      const part = await pull.some(Math.min(left, pieceBytes))
      if (part === null) break
      left -= part.length
      fed += part.length
      await new Promise<void>((done) => inflate.write(part, () => done()))
      if (sizeBytes === null && inflate.bytesWritten < fed) {
        pull.giveBack(part.subarray(part.length - (fed - inflate.bytesWritten)))
        break
      }
    }
    inflate.end()
  }
  const fed = feed().catch((error: unknown) => inflate.destroy(error as Error))
  try {
    yield* inflate as AsyncIterable<Uint8Array> // no encoding is set
  } catch (error) {
    throw error instanceof ArchiveError ? error : new ArchiveError('The zip is damaged')
  }
  await fed
}
