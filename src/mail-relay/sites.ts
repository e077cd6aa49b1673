// When there is something to do for which destination. Bounded: those far in the future are left in the store, which is
// asked again before they are due. Called by the engine.
import type { Destination } from '#/storage/queue.ts'
import type { Instant } from '#/world/world.ts'

export class Sites {
  #due = new Map<string, Instant>()

  /** All that the store has, soonest first. */
  refresh(destinations: readonly Destination[]): void {
    this.#due = new Map(destinations.map(({ destination, dueAt }) => [destination, dueAt]))
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
