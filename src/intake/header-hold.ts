// Holds the octets of a message until its header section has ended, because what is read there decides what is written.
// Used by receiving.ts and collecting.ts, one per message. Never copies a section that came in one chunk.
import { headerEnd } from '#/message/header.ts'

/** All octets so far, and how many of them are the header section. */
export type Held = { readonly seen: Uint8Array; readonly fieldsEnd: number }

export class HeaderHold {
  #octets: Uint8Array | null = null
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** Null while the end was not seen. */
  push(chunk: Uint8Array): Held | null {
    const seen = this.#hold(chunk)
    if (!chunk.includes(10)) return null
    const end = headerEnd(seen, Math.max(0, lineStart(seen, seen.length - chunk.length)))
    return end && { seen, fieldsEnd: end.fieldsEnd }
  }

  /** The message is a header section alone, or nothing at all. */
  end(): Held {
    const seen = (this.#octets ?? new Uint8Array()).subarray(0, this.#bytes)
    return { seen, fieldsEnd: headerEnd(seen)?.fieldsEnd ?? seen.length }
  }

  /** One chunk is taken as it is; more are gathered in a buffer that doubles. */
  #hold(chunk: Uint8Array): Uint8Array {
    const before = this.#bytes
    this.#bytes += chunk.length
    if (this.#octets === null) return (this.#octets = chunk)
    if (this.#octets.length < this.#bytes || before === this.#octets.length) {
      const grown = new Uint8Array(Math.max(this.#bytes, 2 * this.#octets.length, 4096))
      grown.set(this.#octets.subarray(0, before))
      this.#octets = grown
    }
    this.#octets.set(chunk, before)
    return this.#octets.subarray(0, this.#bytes)
  }
}

/** The start of the line in which `at` lies: where the search for the header's end goes on. */
function lineStart(octets: Uint8Array, at: number): number {
  let lf = at > 0 ? octets.lastIndexOf(10, at - 1) : -1
  while (lf > 0 && octets[lf - 1] !== 13) lf = octets.lastIndexOf(10, lf - 1)
  return lf <= 0 ? 0 : lf + 1
}
