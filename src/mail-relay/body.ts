// The content on its way out: dots doubled, a missing last CRLF added, the final dot behind it. Lazy: chunks pass one by
// one, and those without a leading dot as they are. RFC 5321 §4.5.2
import { stuff } from '#/wire/dots.ts'
import type { Chunks } from './session-types.ts'

const CR = 13
const LF = 10
const end = Buffer.from('.\r\n')
const endAfterNewline = Buffer.from('\r\n.\r\n')

/** `onEnd` is called when the final dot is taken: from then on the message may arrive whole. */
export const dotted = (chunks: Chunks, onEnd: () => void): Chunks =>
  Symbol.asyncIterator in chunks ? dottedSlowly(chunks, onEnd) : dottedAtOnce(chunks, onEnd)

function* dottedAtOnce(chunks: Iterable<Uint8Array>, onEnd: () => void): Generator<Uint8Array> {
  const tail = new Tail()
  for (const chunk of chunks) yield tail.next(chunk)
  onEnd()
  yield tail.end()
}

async function* dottedSlowly(chunks: AsyncIterable<Uint8Array>, onEnd: () => void): AsyncGenerator<Uint8Array> {
  const tail = new Tail()
  for await (const chunk of chunks) yield tail.next(chunk)
  onEnd()
  yield tail.end()
}

/** Knows the last two octets that went out. */
class Tail {
  #before = CR
  #last = LF // an empty content stands at the start of a line

  next(chunk: Uint8Array): Uint8Array {
    const stuffed = stuff(chunk, this.#last === LF)
    if (chunk.length > 0) {
      this.#before = chunk.at(-2) ?? this.#last
      this.#last = chunk.at(-1)!
    }
    return stuffed
  }

  end(): Uint8Array {
    return this.#before === CR && this.#last === LF ? end : endAfterNewline
  }
}
