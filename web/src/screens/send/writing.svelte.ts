// A message that is being written: kept on the server as one types, one change after the other; looked at again for what would
// happen on Send. Knows no markup.
import { ApiError, call, type Answer, wordsOf } from '../../app/api.ts'
import { Bringing, stopped, type Attached } from './bringing.svelte.ts'
import { isEmpty, noFields, type Fields } from './quote.ts'

export type Preview = Answer<'send.preview'>
export type Recipient = Preview['recipients'][number]
const restMs = 700

export class Writing {
  fields = $state<Fields>({ ...noFields })
  attached = $state<Attached[]>([])
  bringing = $state<Bringing[]>([])
  draft = $state<string | null>(null)
  /** When it was last kept; null: not yet. */
  keptAt = $state<number | null>(null)
  /** Why it could not be kept, in the server's words. */
  problem = $state<string | null>(null)
  changed = $state(false)
  preview = $state<Preview | null>(null)
  #version = 1
  #work: Promise<unknown> = Promise.resolve()
  #timer: ReturnType<typeof setTimeout> | undefined
  #looks = 0
  #over = false
  readonly #onKept: (draft: string) => void

  /** `onKept` hears of the draft when it is there for the first time. */
  constructor(onKept: (draft: string) => void) {
    this.#onKept = onKept
  }

  /** What is known of the recipients that stand there now. */
  get looked(): readonly Recipient[] {
    const named = new Set([...this.fields.to, ...this.fields.cc, ...this.fields.bcc])
    return (this.preview?.recipients ?? []).filter(({ text }) => named.has(text))
  }

  /** Those that it cannot go to. */
  get wrong(): readonly Recipient[] {
    return this.looked.filter(({ problem }) => problem !== null)
  }

  /** A new one: from this address, with what else is in its fields already. */
  begin(from: string): void {
    if (this.fields.from === '') this.fields.from = from
    if (!isEmpty(this.fields)) this.touch()
    else void this.look()
  }

  /** @throws ApiError */
  async load(draft: string): Promise<void> {
    const shown = await call('draft.show', { draft })
    this.fields = { ...noFields, ...shown.fields }
    this.attached = shown.attached
    this.draft = draft
    this.#version = shown.version
    this.keptAt = shown.at
    await this.look()
  }

  /** Something was typed, added or taken away. */
  touch(): void {
    this.changed = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.keep().then(() => this.look()), restMs)
  }

  /** Resolves when all that was typed is kept, or `problem` says why not. */
  keep({ evenEmpty = false } = {}): Promise<void> {
    clearTimeout(this.#timer)
    const next = this.#work.then(() => this.#save(evenEmpty))
    this.#work = next
    return next
  }

  async #save(evenEmpty: boolean): Promise<void> {
    const isNew = this.draft === null
    if (isNew ? !evenEmpty && isEmpty(this.fields) : !this.changed) return
    this.changed = false
    try {
      const known = this.draft === null ? {} : { draft: this.draft, version: this.#version }
      const { draft, version, at } = await call('draft.save', { ...known, fields: $state.snapshot(this.fields) })
      this.draft = draft
      this.#version = version
      this.keptAt = at
      this.problem = null
      if (isNew && !this.#over) this.#onKept(draft)
    } catch (error) {
      this.changed = true
      this.problem = wordsOf(error)
    }
  }

  /** What would happen on Send. An answer that a later question has overtaken is dropped. */
  async look(): Promise<void> {
    const look = ++this.#looks
    const about = this.draft === null ? {} : { draft: this.draft }
    try {
      const preview = await call('send.preview', { ...about, fields: $state.snapshot(this.fields) })
      if (look === this.#looks) this.preview = preview
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return
      if (look === this.#looks) this.preview = null
    }
  }

  /** @throws ApiError; a file that does not fit, a line that broke */
  async attach(file: File): Promise<void> {
    await this.keep({ evenEmpty: true }) // a file needs a draft that it belongs to
    if (this.draft === null) throw new Error(this.problem ?? '')
    const one = new Bringing(this.draft, file)
    this.bringing.push(one)
    try {
      this.attached.push(await one.done)
    } catch (error) {
      if (error !== stopped) throw error
    } finally {
      this.bringing = this.bringing.filter(({ done }) => done !== one.done)
    }
    await this.look()
  }

  /** @throws ApiError */
  async detach(file: string): Promise<void> {
    await call('draft.detach', { draft: this.draft!, file })
    this.attached = this.attached.filter(({ id }) => id !== file)
    await this.look()
  }

  /** @throws ApiError */
  async send(at?: number): Promise<Answer<'send.draft'>> {
    this.changed = true
    await this.keep()
    if (this.problem !== null || this.draft === null) throw new Error(this.problem ?? '')
    const later = at === undefined ? {} : { at }
    return call('send.draft', { draft: this.draft, version: this.#version, ...later })
  }

  /** It is sent: nothing of it is kept any more. */
  forget(): void {
    this.changed = false
    this.draft = null
    this.fields = { ...noFields }
  }

  /** What was typed is kept; a draft in which nothing is left goes. */
  close(): void {
    this.#over = true
    for (const one of this.bringing) one.stop()
    const draft = this.draft
    if (draft === null || !isEmpty(this.fields) || this.attached.length > 0) void this.keep()
    else call('draft.remove', { draft }).catch(() => undefined) // gone already, or sent
  }
}
