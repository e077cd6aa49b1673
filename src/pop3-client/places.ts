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
    const turn = new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#fill()
    await turn
    try {
      return await work()
    } finally {
      this.#taken--
      this.#fill()
    }
  }

  /** As many as there may be by now: the number is a setting. */
  #fill(): void {
    while (this.#waiting.length > 0 && this.#taken < this.#max()) {
      this.#taken++
      this.#waiting.shift()!()
    }
  }
}
