// Messages too large to be read ahead, chunk by chunk: checked first, then stuffed across borders; and the top of a message.
import { headerEnd } from '#/message/header.ts'
import { stuff } from '#/wire/dots.ts'

type Chunks = AsyncIterable<Uint8Array>
const headerBytesMax = 1_048_576
const endMark = Buffer.from('\r\n.\r\n')

/** Reads all of it for its checksum, before a word is said: why it cannot be sent, null when it can. PS-20 */
export async function damage(chunks: Chunks): Promise<Error | null> {
  try {
    for await (const chunk of chunks) void chunk
    return null
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Dots doubled also at chunk borders, the final dot behind. RFC 1939 §3 */
export async function* restuffed(chunks: Chunks): AsyncGenerator<Uint8Array> {
  let lineStart = true
  let tail = ''
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue
    yield stuff(chunk, lineStart)
    lineStart = chunk.at(-1) === 10
    tail = (tail + Buffer.from(chunk.subarray(-2)).toString('latin1')).slice(-2)
  }
  yield tail === '\r\n' ? endMark.subarray(2) : endMark
}

/** Header section, empty line and `lines` lines of a stuffed message, without its final dot. */
export function topOf(octets: Uint8Array, lines: number): Uint8Array {
  const message = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength - 3) // the final dot
  const start = headerEnd(message)?.bodyStart ?? message.length
  return message.subarray(0, afterLines(message, start, lines).at)
}

/** The same of a message in chunks that are not stuffed. */
export async function* topOfChunks(chunks: Chunks, lines: number): AsyncGenerator<Uint8Array> {
  let head: Buffer | null = Buffer.alloc(0)
  let left = lines
  let carry = false // the chunk before ended between CR and LF
  for await (const chunk of chunks) {
    let part = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let from = 0
    if (head) {
      part = head = Buffer.concat([head, part])
      const end = headerEnd(head)
      if (!end && head.length < headerBytesMax) continue
      from = end?.bodyStart ?? head.length
      head = null
    }
    const found = afterLines(part, from, left, carry)
    yield part.subarray(0, found.at)
    if (found.left === 0) return
    left = found.left
    carry = part.at(-1) === 13
  }
  if (head) yield head
}

/** Where the n-th line from `from` ends. Only CRLF ends a line. */
function afterLines(octets: Buffer, from: number, lines: number, carry = false): { at: number; left: number } {
  let at = from
  let left = lines
  if (left > 0 && carry && at === 0 && octets[0] === 10) {
    at = 1
    left--
  }
  for (; left > 0; left--) {
    const end = octets.indexOf('\r\n', at, 'latin1')
    if (end < 0) return { at: octets.length, left }
    at = end + 2
  }
  return { at, left }
}
