// Batches that are ready, one row of them for each next hop, so that a slow one delays no other. Each lane in turn gives one;
// what is new goes before what was tried already. QU-08, QU-15, OUT-14. Called by the engine; knows no mail.

export type Limits = { readonly all: number; readonly each: number }
type Lane<T> = { fresh: T[]; again: T[]; active: number }

export class Lanes<T> {
  readonly #lanes = new Map<string, Lane<T>>()
  #ready = 0
  #active = 0
  #activeAgain = 0
  readonly #onRoom: () => void

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
    const lane = this.#lanes.get(name)
    return lane ? lane.fresh.length + lane.again.length : 0
  }

  add(name: string, item: T, kind: 'fresh' | 'again'): void {
    let lane = this.#lanes.get(name)
    if (!lane) this.#lanes.set(name, (lane = { fresh: [], again: [], active: 0 }))
    lane[kind].push(item)
    this.#ready++
  }

  /** Starts all that the limits allow; `work` never rejects. At most half of all may be tries of what failed before. */
  run(limits: Limits, work: (item: T) => Promise<void>): void {
    for (const kind of ['fresh', 'again'] as const)
      for (const [name, lane] of this.#lanes) {
        if (this.#active >= limits.all) return
        if (kind === 'again' && this.#activeAgain >= Math.ceil(limits.all / 2)) return
        const item = lane.active < limits.each ? lane[kind].shift() : undefined
        if (item === undefined) continue
        this.#lanes.delete(name)
        this.#lanes.set(name, lane) // behind the others, where this loop comes by once more
        this.#start(name, { lane, kind, item, work })
      }
  }

  #start(
    name: string,
    { lane, kind, item, work }: { lane: Lane<T>; kind: 'fresh' | 'again'; item: T; work: (item: T) => Promise<void> },
  ): void {
    const again = kind === 'again' ? 1 : 0
    this.#ready--
    this.#active++
    this.#activeAgain += again
    lane.active++
    void work(item).finally(() => {
      this.#active--
      this.#activeAgain -= again
      lane.active--
      if (lane.active + lane.fresh.length + lane.again.length === 0) this.#lanes.delete(name)
      this.#onRoom()
    })
  }
}
