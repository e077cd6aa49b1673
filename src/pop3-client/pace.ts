// How many header sections are asked for at once where each decides what is said next: what a server has heard it answers
// before it hears anything else, QUIT too. More and more where it takes commands in a row and is quick. Used by fetching.ts.
import { headsAtFirst, headsAtOnce, slowHeadMs } from './limits.ts'

export class Pace {
  #count: number
  readonly #max: number

  constructor(pipelining: boolean) {
    this.#max = pipelining ? headsAtOnce : 1
    this.#count = Math.min(headsAtFirst, this.#max)
  }

  get count(): number {
    return this.#count
  }

  /** All of them were answered, after so long. */
  answered(tookMs: number): void {
    this.#count = tookMs < slowHeadMs ? Math.min(this.#max, this.#count * 2) : Math.max(1, this.#count >> 1)
  }
}
