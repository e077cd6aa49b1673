// Seeded chance: everything that a simulation draws comes from here, so that its seed says it all. Mulberry32.
import type { Random } from '#/world/world.ts'

export class Dice implements Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
    this.next() // neighbouring seeds begin alike
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  chance = (share: number): boolean => this.next() < share
  /** A whole number, both ends included. */
  whole = (from: number, to: number): number => from + Math.floor(this.next() * (to - from + 1))
  pick = <T>(items: readonly T[]): T => items[this.whole(0, items.length - 1)]!
  bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => this.whole(0, 255))
  /** Dice of its own for a part, so that what one part draws changes nothing for another. */
  fork = (): Dice => new Dice(Math.floor(this.next() * 4_294_967_296))
}
