// Virtual time: happenings in their order, none of it real. Used by all parts of the simulation. A happening is over when
// nothing that it set off can go on without time passing: all promises are settled before the next one begins.
import { nextTick } from 'node:process'

export type Timer = { readonly at: number; readonly order: number; work: (() => void) | null }

export class Time {
  /** Milliseconds since the beginning. Goes forward only, whatever clocks show. */
  now = 0
  #order = 0
  readonly #timers: Timer[] = [] // a heap, soonest first

  after(ms: number, work: () => void): Timer {
    const timer = { at: this.now + Math.max(0, ms), order: this.#order++, work }
    this.#timers.push(timer)
    this.#up(this.#timers.length - 1)
    return timer
  }

  /** Runs happenings until `isOver`, or until `end`. False: there was nothing more to wait for. */
  async run(end: number, isOver: () => boolean): Promise<boolean> {
    await quiet()
    while (!isOver()) {
      const timer = this.#take()
      if (!timer) return false
      if (timer.work === null) continue
      if (timer.at > end) return this.#stopAt(end, timer)
      this.now = timer.at
      timer.work()
      await quiet()
    }
    return true
  }

  #stopAt(end: number, timer: Timer): boolean {
    this.#timers.push(timer)
    this.#up(this.#timers.length - 1)
    this.now = end
    return true
  }

  #take(): Timer | undefined {
    const [first] = this.#timers
    const last = this.#timers.pop()
    if (last !== undefined && last !== first) {
      this.#timers[0] = last
      this.#down(0)
    }
    return first
  }

  #up(i: number): void {
    for (let parent = (i - 1) >> 1; i > 0 && this.#before(i, parent); parent = (i - 1) >> 1) {
      this.#swap(i, parent)
      i = parent
    }
  }

  #down(i: number): void {
    for (;;) {
      let least = i
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < this.#timers.length && this.#before(child, least)) least = child
      if (least === i) return
      this.#swap(i, least)
      i = least
    }
  }

  #before(i: number, j: number): boolean {
    const [a, b] = [this.#timers[i]!, this.#timers[j]!]
    return a.at === b.at ? a.order < b.order : a.at < b.at
  }

  #swap(i: number, j: number): void {
    const timers = this.#timers
    ;[timers[i], timers[j]] = [timers[j]!, timers[i]!]
  }
}

/** Ticks come after all promises, so this is a moment in which nothing can go on by itself. */
const quiet = (): Promise<void> => new Promise((resolve) => nextTick(resolve))
