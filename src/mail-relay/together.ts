// Recipients of one message that failed for good in several transactions of one round, at several hosts or too many for one:
// their sender gets one notice where they end within moments. Made by the engine, filled by attempt.ts. Until it is told a
// recipient stays leased, so that its end and the notice of it are one commit; what was delivered or waits is not held up. DS-05
import type { Clock } from '#/world/world.ts'
import { togetherMax, togetherMs } from './limits.ts'
import type { Settling } from './attempt.ts'

export type TogetherParts = {
  readonly clock: Pick<Clock, 'sleep'>
  /** Writes down what became of them; never throws. */
  readonly settle: (parts: readonly Settling[]) => void
}

export class Together {
  readonly #p: TogetherParts
  #open: number
  #isClosed = false
  #parts: Settling[] = []
  #waiting: AbortController | null = null

  /** `groups`: that may still add to it. */
  constructor(groups: number, parts: TogetherParts) {
    this.#open = groups
    this.#p = parts
  }

  add(part: Settling): void {
    this.#parts.push(part)
    const count = this.#parts.reduce((sum, { rows }) => sum + rows.length, 0)
    if (this.#isClosed || count >= togetherMax) this.#tell()
    else if (this.#waiting === null) this.#tellLater()
  }

  /** One group is over, whatever it came to. True when it was the last. */
  ended(): boolean {
    this.#open--
    if (this.#open <= 0) this.#tell()
    return this.#open <= 0
  }

  /** The program ends: nobody is waited for any more. */
  close(): void {
    this.#isClosed = true
    this.#tell()
  }

  #tell(): void {
    this.#waiting?.abort()
    this.#waiting = null
    if (this.#parts.length > 0) this.#p.settle(this.#parts.splice(0))
  }

  #tellLater(): void {
    const waiting = new AbortController()
    this.#waiting = waiting
    this.#p.clock.sleep(togetherMs, waiting.signal).then(
      () => this.#waiting === waiting && this.#tell(),
      () => undefined,
    )
  }
}
