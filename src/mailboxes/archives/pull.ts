// Octets by need: so many, or the next few, with the rest given back. For formats that say how long their parts are. Pure.
import { bufferOf } from './lines.ts'
import { ArchiveError, type Chunks } from './types.ts'

export class Pull {
  readonly #source: AsyncIterator<Uint8Array>
  #held: Buffer = Buffer.alloc(0)

  constructor(chunks: Chunks) {
    this.#source = chunks[Symbol.asyncIterator]()
  }

  /** The next ones, as they come; null at the end. */
  async some(bytesMax: number): Promise<Buffer | null> {
    if (this.#held.length === 0 && !(await this.#more())) return null
    const part = this.#held.subarray(0, bytesMax)
    this.#held = this.#held.subarray(part.length)
    return part
  }

  /** Exactly so many. @throws ArchiveError when it ends before */
  async exactly(bytes: number): Promise<Buffer> {
    while (this.#held.length < bytes)
      if (!(await this.#more())) throw new ArchiveError('The archive ends in the middle: a part of it is missing')
    const part = this.#held.subarray(0, bytes)
    this.#held = this.#held.subarray(bytes)
    return part
  }

  giveBack(octets: Uint8Array): void {
    if (octets.length > 0) this.#held = Buffer.concat([octets, this.#held])
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next()
    if (next.done === true) return false
    this.#held = this.#held.length === 0 ? bufferOf(next.value) : Buffer.concat([this.#held, next.value])
    return true
  }
}
