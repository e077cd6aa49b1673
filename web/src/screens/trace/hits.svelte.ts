// What the search of the trace has found. It stays while one story after another is read. New messages are added above, in
// place; nothing that is shown moves under the pointer.
import { call, type Answer } from '../../app/api.ts'

export type Row = Answer<'trace.search'>['rows'][number]
export type Query = { readonly text: string; readonly when: string; readonly fate: string }

const hourMs = 3_600_000
export const spans: Readonly<Record<string, number>> = {
  hour: hourMs,
  today: 24 * hourMs,
  week: 168 * hourMs,
  month: 720 * hourMs,
}

let rows = $state.raw<readonly Row[]>([])
let next = $state<string | null>(null)
let indexing = $state(false)
let known = $state(false)
let problem = $state<unknown>(null)
let asked = ''

export const hits = {
  get rows() {
    return rows
  },
  get more() {
    return next !== null
  },
  get indexing() {
    return indexing
  },
  /** The server has answered. */
  get known() {
    return known
  },
  get problem() {
    return problem
  },
}

const parameters = ({ text, when, fate }: Query) => ({
  ...(text !== '' && { text }),
  ...(isFate(fate) && { fate }),
  ...(spans[when] !== undefined && { from: Date.now() - spans[when] }),
})
type Fate = 'delivered' | 'waiting' | 'failed' | 'refused'
const isFate = (text: string): text is Fate => ['delivered', 'waiting', 'failed', 'refused'].includes(text)

/** The first page; asked again with the same question it only adds and brings up to date. */
export async function search(query: Query): Promise<void> {
  const key = JSON.stringify(query)
  const same = key === asked && known
  asked = key
  try {
    const page = await call('trace.search', parameters(query))
    if (asked !== key) return // another question came meanwhile
    rows = same ? merged(rows, page.rows) : page.rows
    if (!same) next = page.next
    indexing = page.indexing
    problem = null
  } catch (error) {
    problem = error
  }
  known = true
}

export async function older(query: Query): Promise<void> {
  if (next === null) return
  const page = await call('trace.search', { ...parameters(query), after: next })
  next = page.next
  const there = new Set(rows.map(({ ref }) => ref))
  rows = [...rows, ...page.rows.filter(({ ref }) => !there.has(ref))]
}

/** Known rows where they are, as they are now; unknown ones on top. */
export function merged(shown: readonly Row[], fresh: readonly Row[]): readonly Row[] {
  const byRef = new Map(fresh.map((row) => [row.ref, row]))
  const there = new Set(shown.map(({ ref }) => ref))
  return [...fresh.filter(({ ref }) => !there.has(ref)), ...shown.map((row) => byRef.get(row.ref) ?? row)]
}
