// What a pattern means while it is typed: asked of the server a moment after the last key.
import { call } from '../../app/api.ts'
import type { Meaning } from './access.svelte.ts'

const restMs = 150

export class LiveMeaning {
  pattern = $state('')
  meaning = $state.raw<Meaning | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined

  type(text: string): void {
    this.pattern = text
    clearTimeout(this.#timer)
    if (text.trim() === '') this.meaning = null
    else this.#timer = setTimeout(() => void this.look(), restMs)
  }

  async look(): Promise<void> {
    const asked = this.pattern
    const meaning = await call('access.meaning', { pattern: asked }).catch(() => null) // saving tells what is wrong
    if (asked === this.pattern) this.meaning = meaning
  }

  get danger(): string | null {
    return this.meaning?.ok ? this.meaning.danger : null
  }
}
