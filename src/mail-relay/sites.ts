// When there is something to do for which destination. Bounded: those far in the future are left in the store, which is
// asked again before they are due. Called by the engine.
import type { Destination } from '#/storage/queue.ts'
import type { Instant } from '#/world/world.ts'
import { destinationsMax } from './limits.ts'

export class Sites {
  #due = new Map<string, Instant>()

  /** All that the store had when it was asked, soonest first. What was noted before stays as far as there is room: it may be
   *  newer, and when it is not, the store is asked once for nothing. */
  refresh(destinations: readonly Destination[]): void {
    const noted = this.#due
    this.#due = new Map(destinations.map(({ destination, dueAt }) => [destination, dueAt]))
    for (const [destination, dueAt] of noted) {
      if (this.#due.has(destination) || this.#due.size < destinationsMax) this.note(destination, dueAt)
    }
  }

  note(destination: string, dueAt: Instant): void {
    const known = this.#due.get(destination)
    if (known === undefined || dueAt < known) this.#due.set(destination, dueAt)
  }

  /** Takes up to `max` destinations that are due, in the order in which they became known. */
  take(now: Instant, max: number): string[] {
    const taken: string[] = []
    for (const [destination, dueAt] of this.#due) {
      if (taken.length === max) break
      if (dueAt > now) continue
      this.#due.delete(destination)
      taken.push(destination)
    }
    return taken
  }

  /** When the next one is due; Infinity when none is known. */
  next(): Instant {
    let next = Number.POSITIVE_INFINITY
    for (const dueAt of this.#due.values()) if (dueAt < next) next = dueAt
    return next
  }
}
