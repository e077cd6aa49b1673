// The list of addresses as somebody looks at it.
import { call, type Answer } from '../../app/api.ts'

type Page = Answer<'address.all'>
export type Line = Page['rows'][number]
export type Show = 'all' | 'mapped' | 'nowhere'
const pageRows = 12 // the tester below stays in sight

class AddressBook {
  text = $state('')
  show = $state<Show>('all')
  rows = $state.raw<readonly Line[]>([])
  page = $state.raw<Page | null>(null)
  #turn = 0

  async load(): Promise<void> {
    const { text, show } = this
    const turn = ++this.#turn
    const page = await call('address.all', { text, show, limit: Math.min(1000, Math.max(pageRows, this.rows.length)) })
    if (turn !== this.#turn) return // a later question has been asked
    this.page = page
    this.rows = page.rows
  }

  /** Another question begins with its first page. */
  async ask(): Promise<void> {
    this.rows = []
    await this.load()
  }

  async more(): Promise<void> {
    const after = this.page?.next
    if (!after) return
    const { text, show } = this
    const page = await call('address.all', { text, show, limit: 200, after })
    this.page = page
    this.rows = [...this.rows, ...page.rows]
  }
}

export const addressBook = new AddressBook()
