// One run of the program, from its start to its death: its clock, and the gate through which all that happens to it comes.
// A dead one hears of nothing any more; a frozen one hears of it when it thaws. Made by simulation.ts.
import type { Clock, Instant } from '#/world/world.ts'
import type { Time, Timer } from './time.ts'

/** What the clock on the wall shows, against the true time. It may be set while the program runs. CLK-01, CLK-02 */
export type Wall = { aheadMs: number }
export const epochMs = 1_800_000_000_000

/** Periodic work comes less often than it asks to, as on a busy machine: five days have many seconds. */
const leastPeriodMs = 7_000

const aborted = new Error('aborted')
type Period = { readonly ms: number; readonly work: () => void; timer: Timer | null }

export class Life {
  readonly number: number
  readonly clock: Clock
  readonly #time: Time
  readonly #wall: Wall
  readonly #connections = new Set<() => void>()
  readonly #periods: Period[] = []
  #is: 'alive' | 'frozen' | 'dead' = 'alive'
  #missed: (() => void)[] = []

  constructor(number: number, time: Time, wall: Wall) {
    this.number = number
    this.#time = time
    this.#wall = wall
    this.clock = {
      now: () => this.now(),
      sleep: (ms, signal) => this.#sleep(ms, signal),
      every: (ms, work) => this.#every(ms, work),
    }
  }

  get is(): 'alive' | 'frozen' | 'dead' {
    return this.#is
  }

  now(): Instant {
    return epochMs + this.#time.now + this.#wall.aheadMs
  }

  /** What comes to it from outside. */
  hear(work: () => void): void {
    if (this.#is === 'alive') work()
    else if (this.#is === 'frozen') this.#missed.push(work)
  }

  after(ms: number, work: () => void): Timer {
    return this.#time.after(ms, () => this.hear(work))
  }

  /** Resolves after a while with what `work` comes to then; never when it died before. */
  wait<T>(ms: number, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.after(ms, () => {
        try {
          const value = work()
          if (this.is !== 'dead') resolve(value) // it may have been its last deed
        } catch (error) {
          reject(error as Error) // what it throws goes to whoever waits
        }
      })
    })
  }

  freeze(): void {
    if (this.#is === 'alive') this.#is = 'frozen'
  }

  thaw(): void {
    if (this.#is !== 'frozen') return
    this.#is = 'alive'
    const missed = this.#missed
    this.#missed = []
    for (const work of missed) this.#time.after(0, () => this.hear(work))
  }

  /** Its peers see their connections end. What it had written is still on its way. */
  kill(): void {
    this.#is = 'dead'
    for (const end of this.#connections) end()
  }

  /** `end` is called when it dies. Periodic work is done while there are connections: without any it has nothing to do. */
  connected(end: () => void): void {
    this.#connections.add(end)
    for (const period of this.#periods) this.#tick(period)
  }

  disconnected(end: () => void): void {
    this.#connections.delete(end)
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(aborted)
      const timer = this.after(ms, resolve)
      signal?.addEventListener('abort', () => {
        timer.work = null
        reject(aborted)
      })
    })
  }

  #every(ms: number, work: () => void): Disposable {
    const period: Period = { ms, work, timer: null }
    this.#periods.push(period)
    return { [Symbol.dispose]: () => void this.#periods.splice(this.#periods.indexOf(period), 1) }
  }

  #tick(period: Period): void {
    period.timer ??= this.after(Math.max(period.ms, leastPeriodMs), () => {
      period.timer = null
      if (!this.#periods.includes(period)) return
      period.work()
      if (this.#connections.size > 0) this.#tick(period)
    })
  }
}
