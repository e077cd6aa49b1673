// Settings while somebody changes them: what the server has, what differs in the fields, and saving all of it at once.
import { onChanged } from './live.svelte.ts'
import { call, type Answer, wordsOf } from './api.ts'

export type Line = Answer<'settings.show'>[number]

export class SettingsDraft {
  #lines = $state.raw<ReadonlyMap<string, Line>>(new Map())
  #changed = $state.raw<ReadonlyMap<string, unknown>>(new Map())
  problem = $state<string | null>(null)
  busy = $state(false)

  /** Make it while a component is made: it follows what others change. */
  constructor() {
    onChanged(['settings'], () => this.load())
  }

  async load(): Promise<void> {
    this.#lines = new Map((await call('settings.show')).map((line) => [line.name, line]))
  }

  get ready(): boolean {
    return this.#lines.size > 0
  }
  get lines(): readonly Line[] {
    return [...this.#lines.values()]
  }
  line = (name: string): Line | undefined => this.#lines.get(name)

  /** As it stands in the field. */
  value(name: string): unknown {
    return this.#changed.has(name) ? this.#changed.get(name) : this.#lines.get(name)?.value
  }
  yes = (name: string): boolean => this.value(name) === true
  saved = (name: string): unknown => this.#lines.get(name)?.value

  set(name: string, value: unknown): void {
    const next = new Map(this.#changed)
    if (JSON.stringify(value) === JSON.stringify(this.#lines.get(name)?.value)) next.delete(name)
    else next.set(name, value)
    this.#changed = next
    this.problem = null
  }

  isChanged = (name: string): boolean => this.#changed.has(name)
  get count(): number {
    return this.#changed.size
  }

  undo(): void {
    this.#changed = new Map()
    this.problem = null
  }

  /** What the server has to say to it, or null. When `problem` is set, nothing was saved. */
  async save(): Promise<string | null> {
    this.busy = true
    try {
      const changes = [...this.#changed].map(([name, value]) => ({ name, value }))
      const { selfTest } = await call('settings.change', { changes })
      await this.load()
      this.undo()
      return selfTest
    } catch (error) {
      this.problem = wordsOf(error)
      return null
    } finally {
      this.busy = false
    }
  }
}
