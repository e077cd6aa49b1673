// How many remote sessions there are at once. Whoever finds no place waits for one, in the order of coming. Used by
// collector.ts. PC-05

export class Places {
  readonly #max: () => number
  readonly #waiting: (() => void)[] = []
  #taken = 0

  constructor(max: () => number) {
    this.#max = max
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#max()) this.#taken++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve)) // it is handed over
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#taken--
    }
  }
}
