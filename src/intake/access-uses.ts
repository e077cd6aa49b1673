// Counts how often each access entry decided, and tells the store every few seconds, off the hot path. AC-17
import type { Store } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import { errorText } from './parts.ts'

const everyMs = 5_000

export class AccessUses {
  readonly #store: Store
  readonly #world: World
  readonly #timer: Disposable
  #uses = new Map<number, { uses: number; at: number }>()

  constructor(store: Store, world: World) {
    this.#store = store
    this.#world = world
    this.#timer = world.clock.every(everyMs, () => void this.flush())
  }

  note(rule: number): void {
    const before = this.#uses.get(rule)?.uses ?? 0
    this.#uses.set(rule, { uses: before + 1, at: this.#world.clock.now() })
  }

  async flush(): Promise<void> {
    const uses = this.#uses
    this.#uses = new Map()
    try {
      for (const [rule, { uses: count, at }] of uses) await this.#store.noteAccessUse(rule, count, at)
    } catch (error) {
      this.#world.log.warn('uses of access entries not counted', { error: errorText(error) })
    }
  }

  async close(): Promise<void> {
    this.#timer[Symbol.dispose]()
    await this.flush()
  }
}
