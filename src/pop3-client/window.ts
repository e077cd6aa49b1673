// How much is under way at once in one session: messages asked for and not durable yet. Bounded in number and octets.

export class Window {
  readonly #max: { readonly count: number; readonly bytes: () => number }
  #count = 0
  #bytes = 0
  #changed: (() => void) | null = null

  constructor(max: { readonly count: number; readonly bytes: () => number }) {
    this.#max = max
  }

  /** Waits for room; one alone always fits. */
  async take(bytes: number): Promise<void> {
    while (this.#count > 0 && (this.#count >= this.#max.count || this.#bytes + bytes > this.#max.bytes()))
      await this.#change()
    this.#count++
    this.#bytes += bytes
  }

  release(bytes: number): void {
    this.#count--
    this.#bytes -= bytes
    this.#changed?.()
    this.#changed = null
  }

  async idle(): Promise<void> {
    while (this.#count > 0) await this.#change()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#changed = resolve))
  }
}
