// A row in which every party has its turn: one who has much to send does not make the others wait for all of it. QU-15
// Used by lanes.ts. Knows no mail.

export class Turns<T> {
  readonly #parties = new Map<string, T[]>()

  get isEmpty(): boolean {
    return this.#parties.size === 0
  }

  add(party: string, item: T): void {
    const items = this.#parties.get(party)
    if (items) items.push(item)
    else this.#parties.set(party, [item])
  }

  /** All that wait, in no order. */
  all(): T[] {
    return [...this.#parties.values()].flat()
  }

  /** Of the party that has waited longest for a turn. */
  next(): T | undefined {
    if (this.#parties.size === 0) return undefined
    const [party, items] = this.#parties.entries().next().value!
    const item = items.shift()
    this.#parties.delete(party)
    if (items.length > 0) this.#parties.set(party, items)
    return item
  }
}
