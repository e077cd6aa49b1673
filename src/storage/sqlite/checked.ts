// Octets of a content on their way out, compared with what was stored. Used by store.ts and queue.ts.
import { crc32 } from 'node:zlib'
import { StoreError } from '../store.ts'

export const damaged = (): StoreError => new StoreError('failed', 'The content is damaged')

/** The last chunk goes out only when the checksum is right. */
export async function* checked(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { size, crc }: Record<string, unknown>,
): AsyncGenerator<Uint8Array> {
  let sum = 0
  let bytes = 0
  let held: Uint8Array | null = null
  for await (const chunk of source) {
    if (held) yield held
    sum = crc32(chunk, sum)
    bytes += chunk.length
    held = chunk
  }
  if (sum !== crc || bytes !== size) throw damaged()
  if (held) yield held
}
