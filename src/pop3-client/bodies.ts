// Bodies on their way from a remote server: one that is read no further than a number of octets, and where a header section
// is put. Used by pop-box.ts. RFC 1939 §3
import { DotReader } from '#/wire/dots.ts'
import type { BodyReader } from '#/wire/drive.ts'
import type { Sink } from './box.ts'
import { headBytesMax } from './limits.ts'

/** What the server lists as the size decides nothing: octets count as they come. PC-17, P3C-02 */
export class BoundedBody implements BodyReader {
  readonly #dots = new DotReader()
  readonly #bytesMax: number

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get facts(): DotReader['facts'] {
    return this.#dots.facts
  }

  get tooBig(): boolean {
    return this.#dots.facts.sizeBytes > this.#bytesMax
  }

  get done(): boolean {
    return this.#dots.done || this.tooBig
  }

  push(chunk: Uint8Array, emit: (part: Uint8Array) => void): number {
    return this.#dots.push(chunk, emit)
  }
}

/** Keeps the begin and lets the rest go: some servers send the whole message for TOP. */
export class HeadSink implements Sink {
  readonly #parts: Uint8Array[] = []
  #bytes = 0

  write(octets: Uint8Array): undefined {
    const part = octets.subarray(0, headBytesMax - this.#bytes)
    this.#bytes += part.length
    if (part.length > 0) this.#parts.push(part)
  }

  /** The header section with its empty line, which some servers leave out; without one where it was cut. */
  head(): Buffer {
    const octets = Buffer.concat(this.#parts)
    if (octets.indexOf('\r\n') === 0) return octets.subarray(0, 2)
    const end = octets.indexOf('\r\n\r\n')
    if (end >= 0) return octets.subarray(0, end + 4)
    return this.#bytes < headBytesMax ? Buffer.concat([octets, emptyLine]) : octets
  }
}

const emptyLine = Buffer.from('\r\n')
