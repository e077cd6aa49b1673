// At most so many password hashes at once: 19 MiB and a core each. Who waits too long is asked to come again. AUT-10
import type { Clock } from '#/world/world.ts'

export type GateLimits = { readonly atOnce: number; readonly queueMax: number; readonly waitMs: number }

export class HashGate {
  readonly #clock: Clock
  readonly #limits: () => GateLimits
  readonly #waiting = new Set<(enter: boolean) => void>()
  #inside = 0

  constructor(clock: Clock, limits: () => GateLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** The result of the work; null when there was no room in time. */
  async run<T>(work: () => Promise<T>): Promise<T | null> {
    if (!(await this.#enter())) return null
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #enter(): boolean | Promise<boolean> {
    const { atOnce, queueMax, waitMs } = this.#limits()
    if (this.#inside < atOnce) {
      this.#inside++
      return true
    }
    return this.#waiting.size < queueMax && this.#wait(waitMs)
  }

  #wait(ms: number): Promise<boolean> {
    const called = new AbortController()
    return new Promise((resolve) => {
      const settle = (enter: boolean): void => {
        this.#waiting.delete(settle)
        called.abort()
        resolve(enter)
      }
      this.#waiting.add(settle)
      this.#clock.sleep(ms, called.signal).then(
        () => settle(false),
        () => undefined, // called in time
      )
    })
  }

  /** The place is handed on, never free in between, so that nobody slips in. */
  #leave(): void {
    const [next] = this.#waiting
    if (next && this.#inside <= this.#limits().atOnce) return next(true)
    this.#inside--
  }
}
