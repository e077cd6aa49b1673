// An archive of messages, by what it begins with: a zip, an mbox, or one message. Called by operations.
import { readMessage } from './eml.ts'
import { readMbox } from './mbox.ts'
import { Pull } from './pull.ts'
import type { Archive, Chunks } from './types.ts'
import { readZip } from './zip-read.ts'

export async function* readArchive(chunks: Chunks, name: string): Archive {
  const pull = new Pull(chunks)
  const start = await beginning(pull)
  const all = rest(pull)
  if (start.startsWith('PK\x03\x04')) yield* readZip(all)
  else if (/^[\r\n]*From /.test(start)) yield* readMbox(all)
  else yield* readMessage(all, name)
}

async function beginning(pull: Pull): Promise<string> {
  const parts: Buffer[] = []
  for (let bytes = 0; bytes < 8;) {
    const part = await pull.some(4096)
    if (part === null) break
    parts.push(part)
    bytes += part.length
  }
  const octets = Buffer.concat(parts)
  pull.giveBack(octets)
  return octets.toString('latin1', 0, 16)
}

async function* rest(pull: Pull): Chunks & AsyncGenerator<Uint8Array> {
  for (;;) {
    const part = await pull.some(65_536)
    if (part === null) return
    yield part
  }
}
