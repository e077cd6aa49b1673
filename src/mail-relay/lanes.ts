// Batches that are ready, one row of them for each next hop, so that a slow one delays no other. Each lane in turn gives one;
// people's mail goes before bulk, what is new before what was tried already, and in each row senders take turns. QU-08, QU-15,
// OUT-14. Called by the engine; knows no mail.
import { Turns } from './turns.ts'

export type Limits = { readonly all: number; readonly each: number }
/** In the order in which they go. */
const kinds = ['fresh', 'bulk', 'again'] as const
export type Kind = (typeof kinds)[number]
type Place = { readonly lane: string; readonly kind: Kind; readonly sender: string }
type Lane<T> = { readonly [kind in Kind]: Turns<T> } & { readonly name: string; ready: number; active: number }
type Begun<T> = { readonly lane: Lane<T>; readonly kind: Kind; readonly item: T }

const newLane = <T>(name: string): Lane<T> => ({
  name,
  fresh: new Turns(),
  bulk: new Turns(),
  again: new Turns(),
  ready: 0,
  active: 0,
})

export class Lanes<T> {
  readonly #lanes = new Map<string, Lane<T>>()
  readonly #onRoom: () => void
  #ready = 0
  #active = 0
  #activeAgain = 0

  /** `onRoom` is called when one that was started is over. */
  constructor(onRoom: () => void) {
    this.#onRoom = onRoom
  }

  get ready(): number {
    return this.#ready
  }
  get active(): number {
    return this.#active
  }

  /** Items of this lane that are ready and not begun. */
  waiting(name: string): number {
    return this.#lanes.get(name)?.ready ?? 0
  }

  add(item: T, { lane: name, kind, sender }: Place): void {
    const lane = this.#lanes.get(name) ?? newLane<T>(name)
    this.#lanes.set(name, lane)
    lane[kind].add(sender, item)
    lane.ready++
    this.#ready++
  }

  /** Starts all that the limits allow; `work` never rejects. At most half of all may be tries of what failed before. */
  run(limits: Limits, work: (item: T) => Promise<void>): void {
    for (const kind of kinds)
      for (const lane of this.#lanes.values()) {
        if (this.#active >= limits.all) return
        if (kind === 'again' && this.#activeAgain >= Math.ceil(limits.all / 2)) return
        const item = lane.active < limits.each ? lane[kind].next() : undefined
        if (item === undefined) continue
        this.#lanes.delete(lane.name)
        this.#lanes.set(lane.name, lane) // behind the others, where this loop comes by once more
        void this.#work({ lane, kind, item }, work)
      }
  }

  /** All that has not begun. */
  all(): T[] {
    return [...this.#lanes.values()].flatMap((lane) => kinds.flatMap((kind) => lane[kind].all()))
  }

  /** Takes out all that has not begun. */
  empty(): T[] {
    const items: T[] = []
    for (const lane of this.#lanes.values()) {
      for (const kind of kinds)
        for (let item = lane[kind].next(); item !== undefined; item = lane[kind].next()) items.push(item)
      lane.ready = 0
    }
    this.#ready = 0
    return items
  }

  async #work({ lane, kind, item }: Begun<T>, work: (item: T) => Promise<void>): Promise<void> {
    const again = kind === 'again' ? 1 : 0
    this.#count(lane, 1, again)
    lane.ready--
    this.#ready--
    await work(item)
    this.#count(lane, -1, -again)
    if (lane.active + lane.ready === 0) this.#lanes.delete(lane.name)
    this.#onRoom()
  }

  #count(lane: Lane<T>, begun: number, again: number): void {
    this.#active += begun
    this.#activeAgain += again
    lane.active += begun
  }
}
