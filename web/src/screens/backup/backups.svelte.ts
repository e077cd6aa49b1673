// Backups as the screen shows them: asked again when settings change, each second while something goes on, and
// now and then, for one may be made by itself.
import { call, type Answer } from '../../app/api.ts'

export type Backup = Answer<'backup.list'>['rows'][number]
export type State = Answer<'backup.state'>
export type Ended = NonNullable<State['ended']>

const atWorkMs = 1000
const quietMs = 30_000

export class Backups {
  state = $state.raw<State | null>(null)
  rows = $state.raw<readonly Backup[]>([])
  next = $state.raw<string | null>(null)
  error = $state.raw<unknown>(null)
  /** How the work ended that this page has seen at work. */
  seen = $state.raw<Ended | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined
  #left = false // the screen is not shown any more
  #asked = 0
  #latest: Promise<void> | undefined

  load = (): Promise<void> => (this.#latest = this.#ask(++this.#asked))

  async #ask(turn: number): Promise<void> {
    const wasAtWork = this.state?.job != null
    try {
      const state = await call('backup.state')
      const list = await call('backup.list', { limit: 50 }) // asked behind it: it has what the state says is made
      if (turn !== this.#asked) return await this.#latest // whoever asked later knows more
      ;[this.rows, this.next] = [list.rows, list.next]
      this.state = state
      this.error = null
    } catch (error) {
      if (turn !== this.#asked) return await this.#latest
      this.error = error
    }
    const { job = null, ended = null } = this.state ?? {}
    if (job) this.seen = null
    else if (wasAtWork) this.seen = ended
    clearTimeout(this.#timer)
    if (!this.#left) this.#timer = setTimeout(() => void this.load(), job ? atWorkMs : quietMs)
  }

  /** Something was begun: a short one may have ended before anybody looked. */
  begun = async (): Promise<void> => {
    await this.load()
    if (this.state?.job === null) this.seen = this.state.ended
  }

  more = async (): Promise<void> => {
    if (this.next === null) return
    const list = await call('backup.list', { limit: 50, after: this.next })
    ;[this.rows, this.next] = [[...this.rows, ...list.rows], list.next]
  }

  close = (): void => {
    this.#left = true
    clearTimeout(this.#timer)
  }
}
