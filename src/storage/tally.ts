// Counts what became durable, and remembers the last events of the trace: told by the writer of each unit, so that nothing is
// counted that was not kept. In memory and cheap; sqlite/notes.ts writes the counts down now and then.
import type { Instant } from '#/world/world.ts'
import { figuresKeptMs, latestMax } from './limits.ts'
import { slotMs, type Figure, type FigureName } from './notes.ts'
import type { Step, Unit } from './work.ts'

type Slot = { readonly counts: Map<FigureName, number>; readonly changed: Set<FigureName> }

export class Tally {
  readonly #slots = new Map<number, Slot>()
  #latest: Step[] = []

  constructor(before: readonly Figure[] = []) {
    for (const { at, name, count } of before) this.#slot(at).counts.set(name, count)
  }

  take(unit: Unit): void {
    for (const step of unit) {
      if (step.run === 'addTrace') this.#happened(step)
      else if (step.run === 'addDelivery') this.count('queued', Number(step.with[acceptedAt]))
      else if (step.run === 'moveDelivery') this.#moved(step)
    }
  }

  count(name: FigureName, at: Instant, more = 1): void {
    const { counts, changed } = this.#slot(at)
    counts.set(name, (counts.get(name) ?? 0) + more)
    changed.add(name)
  }

  figures(since: Instant): Figure[] {
    const first = Math.floor(since / slotMs)
    return [...this.#slots].flatMap(([n, { counts }]) =>
      n < first ? [] : Array.from(counts, ([name, count]) => ({ at: n * slotMs, name, count })),
    )
  }

  /** Those that changed since this was asked last. */
  takeChanged(): Figure[] {
    return [...this.#slots].flatMap(([n, { counts, changed }]) => {
      const figures = Array.from(changed, (name) => ({ at: n * slotMs, name, count: counts.get(name) ?? 0 }))
      changed.clear()
      return figures
    })
  }

  /** Not written after all. */
  giveBack(figures: readonly Figure[]): void {
    for (const { at, name } of figures) this.#slot(at).changed.add(name)
  }

  forget(before: Instant): void {
    for (const n of this.#slots.keys()) if (n * slotMs < before) this.#slots.delete(n)
  }

  /** Steps that wrote events, oldest first. */
  latest = (): readonly Step[] => this.#latest

  #happened(step: Step): void {
    this.#latest.push(step)
    if (this.#latest.length >= 2 * latestMax) this.#latest = this.#latest.slice(-latestMax)
    const [, at, , what, , , , , , detail] = step.with
    const figure = figureOf.get(String(what))
    if (figure !== undefined) this.count(figure, Number(at), timesOf(String(what), String(detail)))
  }

  #moved(step: Step): void {
    const [state] = step.with
    if (state === 'delivered' || state === 'failed') this.count(state, Number(step.with[finishedAt]))
  }

  #slot(at: Instant): Slot {
    const n = Math.floor(at / slotMs)
    const known = this.#slots.get(n)
    if (known) return known
    const slot: Slot = { counts: new Map(), changed: new Set() }
    this.#begin(n, slot)
    return slot
  }

  #begin(n: number, slot: Slot): void {
    this.#slots.set(n, slot)
    this.forget(n * slotMs - figuresKeptMs)
  }
}

/** Places among the values of addDelivery and moveDelivery. */
const acceptedAt = 10
const finishedAt = 6

const figureOf: ReadonlyMap<string, FigureName> = new Map([
  ['received', 'accepted'],
  ['refused', 'refused'],
  ['read', 'read'],
  ['collected', 'collected'],
])

/** A row of the trace may tell of more than one: messages that were read, refusals beyond those told singly. */
function timesOf(step: string, detail: string): number {
  if (step !== 'read' && step !== 'refused') return 1
  const { messages, more } = JSON.parse(detail) as { messages?: number; more?: number } // written by pop3-server and intake
  return messages ?? more ?? 1
}
