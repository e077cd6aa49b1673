// The list of mailboxes as somebody looks at it: what is searched, the pages loaded so far. Kept while the properties of one are open.
import { call, type Answer } from '../../app/api.ts'

type Found = Answer<'mailbox.list'>
export type Line = Found['rows'][number]
export type Show = keyof Found['counts']
export type Sort = 'name' | 'messages' | 'bytes' | 'lastLoginAt'

const pageRows = 200
const rowsMax = 1000 // of one answer

class MailboxList {
  text = $state('')
  show = $state<Show>('all')
  sort = $state<Sort>('name')
  descending = $state(false)
  rows = $state.raw<readonly Line[]>([])
  found = $state.raw<Found | null>(null)
  #asked = ''
  #turn = 0

  /** Anew. What changed by itself is shown in its place: nothing moves under the pointer. */
  async load(): Promise<void> {
    const { text, show, sort, descending } = this
    const asked = JSON.stringify([text, show, sort, descending])
    const turn = ++this.#turn
    const limit = asked === this.#asked ? Math.min(rowsMax, Math.max(pageRows, this.rows.length)) : pageRows
    const found = await call('mailbox.list', { text, show, sort, descending, limit })
    if (turn !== this.#turn) return // a later question has been asked
    this.rows = asked === this.#asked && sort !== 'name' ? inPlace(this.rows, found.rows) : found.rows
    this.#asked = asked
    this.found = found
  }

  async more(): Promise<void> {
    const after = this.found?.next
    if (!after) return
    const { text, show, sort, descending } = this
    const found = await call('mailbox.list', { text, show, sort, descending, limit: pageRows, after })
    this.rows = [...this.rows, ...found.rows]
    this.found = found
  }

  async order(sort: Sort): Promise<void> {
    this.descending = this.sort === sort ? !this.descending : sort !== 'name'
    this.sort = sort
    await this.load()
  }
}

function inPlace(before: readonly Line[], now: readonly Line[]): Line[] {
  const fresh = new Map(now.map((row) => [row.name, row]))
  const kept = before.flatMap(({ name }) => fresh.get(name) ?? [])
  const known = new Set(kept.map(({ name }) => name))
  return [...kept, ...now.filter(({ name }) => !known.has(name))]
}

export const mailboxList = new MailboxList()
