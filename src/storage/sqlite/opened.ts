// The octets of one content, handed out in chunks and checked meanwhile. Used by the store and for what is in a backup.
import { crc32 } from 'node:zlib'
import { StoreError } from '../store.ts'

type OpenFile = (name: string) => AsyncIterable<Uint8Array>

/** The columns `size`, `crc`, `file` and `octets`. The last chunk goes out only when the checksum is right.
 *  @throws StoreError 'failed' when it is missing or damaged */
export async function* checkedContent(
  row: Readonly<Record<string, unknown>>,
  openFile: OpenFile,
): AsyncGenerator<Uint8Array> {
  if (row['size'] === null) throw new StoreError('failed', 'The content is missing')
  const file = row['file'] as string | null // STRICT columns
  const source = file === null ? [row['octets'] as Uint8Array] : openFile(file)
  let crc = 0
  let size = 0
  let held: Uint8Array | null = null
  for await (const chunk of source) {
    if (held) yield held
    crc = crc32(chunk, crc)
    size += chunk.length
    held = chunk
  }
  if (crc !== row['crc'] || size !== row['size']) throw new StoreError('failed', 'The content is damaged')
  if (held) yield held
}
