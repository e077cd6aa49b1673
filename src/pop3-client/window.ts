// How much is under way at once in one session: messages asked for and not durable yet. Bounded in number and octets, by the
// session's share of what all sessions may.

export type Share = { readonly count: number; readonly bytes: number }

export class Window {
  readonly #share: () => Share
  #count = 0
  #bytes = 0
  #changed: (() => void) | null = null // one waits at a time: the loop that fills the window

  constructor(share: () => Share) {
    this.#share = share
  }

  /** A promise while there is no room; one alone always fits. */
  take(bytes: number): Promise<void> | undefined {
    if (this.#isFull(bytes)) return this.#wait(bytes)
    this.#add(bytes)
    return undefined
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

  #isFull(bytes: number): boolean {
    const max = this.#share()
    return this.#count > 0 && (this.#count >= max.count || this.#bytes + bytes > max.bytes)
  }

  async #wait(bytes: number): Promise<void> {
    while (this.#isFull(bytes)) await this.#change()
    this.#add(bytes)
  }

  #add(bytes: number): void {
    this.#count++
    this.#bytes += bytes
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#changed = resolve))
  }
}
