// Rows of the queue as they were first shown, page by page; what changes is brought up to date where it stands, so
// that nothing moves under the pointer.
import { call, type Answer } from '../../app/api.ts'

/** `gone`: it is not in the queue any more. */
export type Row = Answer<'queue.page'>['rows'][number] & { readonly gone?: true }
export type Page = { readonly rows: readonly Row[]; readonly next: string | null }
type Load = (after: string | undefined, limit: number) => Promise<Page>

export class Rows {
  rows = $state.raw<readonly Row[]>([])
  next = $state<string | null>(null)
  known = $state(false)
  problem = $state<unknown>(null)
  busy = $state(false)
  readonly #load: Load
  readonly #first: number
  readonly #latestFirst: boolean

  constructor(load: Load, { first, latestFirst = false }: { first: number; latestFirst?: boolean }) {
    this.#load = load
    this.#first = first
    this.#latestFirst = latestFirst
  }

  /** The first page, or all that is shown already as it is now. */
  async look(): Promise<void> {
    try {
      const { rows, next } = await this.#load(undefined, Math.min(500, Math.max(this.#first, this.rows.length)))
      if (!this.known || this.rows.length === 0) this.next = next
      this.rows = updated(this.rows, rows, { latestFirst: this.#latestFirst, whole: next === null })
      this.problem = null
    } catch (error) {
      this.problem = error
    }
    this.known = true
  }

  async more(limit = 100): Promise<void> {
    if (this.next === null || this.busy) return
    this.busy = true
    try {
      const { rows, next } = await this.#load(this.next, limit)
      const there = new Set(this.rows.map(({ id }) => id))
      this.rows = [...this.rows, ...rows.filter(({ id }) => !there.has(id))]
      this.next = next
    } catch (error) {
      this.problem = error
    } finally {
      this.busy = false
    }
  }
}

/** Shown rows keep their places: what has left the queue stays until the person looks anew. New ones come behind the others,
 *  or on top where the latest come first. */
export function updated(
  shown: readonly Row[],
  fresh: readonly Row[],
  { latestFirst, whole }: { latestFirst: boolean; whole: boolean },
): readonly Row[] {
  const byId = new Map(fresh.map((row) => [row.id, row]))
  const last = fresh.at(-1)?.id ?? ''
  const isLooked = ({ id }: Row): boolean => !latestFirst && (whole || id <= last)
  const kept = shown.map((row) => byId.get(row.id) ?? (isLooked(row) ? { ...row, gone: true as const } : row))
  const there = new Set(shown.map(({ id }) => id))
  const added = fresh.filter(({ id }) => !there.has(id))
  return latestFirst ? [...added, ...kept] : [...kept, ...added]
}

export const loadOpen =
  (filter: { destination?: string; group?: string; text?: string }): Load =>
  (after, limit) =>
    call('queue.page', { ...filter, limit, ...(after !== undefined && { after }) })

export const loadFinished =
  (filter: { text?: string }): Load =>
  (after, limit) =>
    call('queue.finished', { ...filter, limit, ...(after !== undefined && { after }) })
