// A mailbox on the screen: which rows are loaded, which is open, which are selected, and what is done with them.
import { tick } from 'svelte'
import { call, type Answer } from '../../app/api.ts'
import { count } from '../../app/format.ts'
import { go, place } from '../../app/router.svelte.ts'
import { language } from '../../app/texts.svelte.ts'
import { toast, toastError } from '../../app/toasts.svelte.ts'
import { mailTexts as t } from '../../texts/mailbox-mail.ts'
import { neighbour, withFirstPage } from './rows.ts'

export type Row = Answer<'message.list'>['rows'][number]
export type Figures = Pick<Answer<'message.list'>, 'messages' | 'bytes' | 'unseen' | 'deletedMessages'>
const pageRows = 50
const written = (n: number): string => count(n, language())

export class Box {
  readonly name: string
  rows = $state.raw<readonly Row[]>([])
  figures = $state.raw<Figures | null>(null)
  graceDays = $state(14)
  /** Of a search: how many messages it has looked through. */
  looked = $state(0)
  wanted = $state('')
  selected = $state.raw<ReadonlySet<number>>(new Set())
  problem = $state.raw<unknown>(null)
  /** The rows are those of this place. */
  loaded = $state(false)
  #next = $state<string | null>(null)
  #loading = false
  /** Answers to an older question are dropped. */
  #asked = 0

  constructor(name: string) {
    this.name = name
  }

  get path(): string {
    return `/mailboxes/${encodeURIComponent(this.name)}/mail`
  }
  get inDeleted(): boolean {
    return place.query('in') === 'deleted'
  }
  get open(): number | null {
    const uid = Number(place.query('m'))
    return Number.isSafeInteger(uid) && uid > 0 ? uid : null
  }
  get more(): boolean {
    return this.#next !== null
  }
  get searching(): boolean {
    return this.wanted.trim() !== '' && !this.inDeleted
  }

  hrefOf = (uid: number | null): string => {
    const query = new URLSearchParams({
      ...(this.inDeleted && { in: 'deleted' }),
      ...(uid !== null && { m: String(uid) }),
    })
    return query.size === 0 ? this.path : `${this.path}?${query}`
  }
  show = (uid: number | null): void => go(this.hrefOf(uid), { replace: this.open !== null })

  /** From the first page on; what is loaded stays where it is. */
  refresh = async (): Promise<void> => {
    const asked = this.#asked
    try {
      const page = await this.#page(null)
      if (asked !== this.#asked) return
      const grows = !this.searching && !this.inDeleted
      const kept = grows && page.next !== null && this.rows.length > page.rows.length
      this.rows = grows ? withFirstPage(this.rows, page) : page.rows
      if (!kept) this.#next = page.next
      this.looked = page.looked
      this.problem = null
      this.loaded = true
    } catch (error) {
      if (asked === this.#asked) this.problem = error
    }
  }

  /** Something is new on the server. A search, or a long list of deleted ones, stays as it is read. */
  changed = async (): Promise<void> => {
    if (!this.searching && !(this.inDeleted && this.rows.length > pageRows)) return this.refresh()
    this.figures = await call('message.list', { mailbox: this.name, limit: 1 })
  }

  /** Another place: nothing of the one before is shown in it. */
  turn = (): Promise<void> => {
    this.rows = []
    this.loaded = false
    return this.begin()
  }

  /** Another search; what was found before stays until it answers. */
  begin = (): Promise<void> => {
    this.#asked++
    this.#next = null
    this.selected = new Set()
    return this.refresh()
  }

  further = async (): Promise<void> => {
    if (this.#loading || this.#next === null) return
    this.#loading = true
    const asked = this.#asked
    try {
      const page = await this.#page(this.#next)
      if (asked !== this.#asked) return
      const known = new Set(this.rows.map(({ uid }) => uid))
      this.rows = [...this.rows, ...page.rows.filter(({ uid }) => !known.has(uid))]
      this.#next = page.next
      this.looked += page.looked
    } catch (error) {
      toastError(error)
    } finally {
      this.#loading = false
    }
  }

  async #page(after: string | null): Promise<{ rows: Row[]; next: string | null; looked: number }> {
    const asked = { mailbox: this.name, limit: pageRows, ...(after !== null && { after }) }
    if (this.searching) {
      if (this.figures === null) this.figures = await call('message.list', { mailbox: this.name, limit: 1 })
      return call('message.search', { ...asked, text: this.wanted.trim() })
    }
    if (!this.inDeleted) {
      const page = await call('message.list', asked)
      this.figures = page
      return { ...page, looked: 0 }
    }
    const page = await call('message.deleted', asked)
    this.figures = page
    this.graceDays = page.graceDays
    return { ...page, looked: 0 }
  }

  step(by: number): void {
    const at = this.rows.findIndex(({ uid }) => uid === this.open)
    const row = this.rows[at < 0 ? 0 : Math.max(0, Math.min(this.rows.length - 1, at + by))]
    if (row) this.show(row.uid)
    if (at + by >= this.rows.length - 3) void this.further()
  }

  pick(uid: number): void {
    const next = new Set(this.selected)
    if (!next.delete(uid)) next.add(uid)
    this.selected = next
  }

  /** The selected ones, or the one that is open. */
  get chosen(): number[] {
    return this.selected.size > 0 ? [...this.selected] : this.open === null ? [] : [this.open]
  }

  async #act(uids: readonly number[], work: (some: number[]) => Promise<unknown>): Promise<boolean> {
    const going = new Set(uids)
    const next = neighbour(this.rows, going, this.open)
    try {
      for (let at = 0; at < uids.length; at += 500) await work(uids.slice(at, at + 500))
    } catch (error) {
      toastError(error)
      return false
    }
    this.rows = this.rows.filter(({ uid }) => !going.has(uid))
    this.selected = new Set()
    if (this.open !== null && going.has(this.open)) this.show(next)
    await tick()
    document.querySelector<HTMLElement>('.msg[aria-current]')?.focus() // what had it is gone
    await this.changed()
    return true
  }

  async delete(uids: readonly number[]): Promise<void> {
    const { name: mailbox } = this
    if (uids.length === 0 || !(await this.#act(uids, (some) => call('message.delete', { mailbox, uids: some })))) return
    const run = async (): Promise<void> => {
      await call('message.restore', { mailbox, uids: [...uids].slice(0, 500) }).catch(toastError)
      await this.changed()
    }
    toast({ text: t().deletedNews(written(uids.length)), act: { label: t().undo, run } })
  }

  async restore(uids: readonly number[]): Promise<void> {
    const { name: mailbox } = this
    if (await this.#act(uids, (some) => call('message.restore', { mailbox, uids: some })))
      toast({ text: t().restoredNews(written(uids.length)) })
  }

  async purge(uids: readonly number[]): Promise<void> {
    const { name: mailbox } = this
    if (await this.#act(uids, (some) => call('message.purge', { mailbox, uids: some })))
      toast({ text: t().purgedNews(written(uids.length)) })
  }

  async mark(uids: readonly number[], seen: boolean): Promise<void> {
    const marked = new Set(uids)
    try {
      await call('message.flag', { mailbox: this.name, uids: [...uids].slice(0, 500), seen })
      this.rows = this.rows.map((row) => (marked.has(row.uid) ? { ...row, seen } : row))
    } catch (error) {
      toastError(error)
    }
  }
}
