// The index over the trace on SQLite. Accepting mail pays nothing for it: which stories have changed is noted here in memory,
// and they are indexed when nobody writes, or when somebody searches. What a crash leaves out is found by walking over
// the trace once, in pieces. docs/decisions/0013
import type { Clock } from '#/world/world.ts'
import type { ReadName } from '../sql/reads.ts'
import { matchOf, type Words } from '../story-match.ts'
import type { Stories, Story, StoryPage, StoryQuery } from '../stories.ts'
import type { TraceEvent } from '../store.ts'
import type { Step, Unit, Value } from '../work.ts'
import * as rows from './rows.ts'

export type StoriesParts = {
  readonly run: (unit: Unit) => Promise<void>
  /** How many units were durable so far: who sees it stand still may write. */
  readonly written: () => number
  readonly scan: (run: ReadName, ...parameters: Value[]) => Promise<rows.Raw[]>
  readonly clock: Clock
  /** The index was whole when the store was closed. */
  readonly whole: boolean
}

const lookEveryMs = 200
/** So many looks one after the other at which nothing was written: a pause is not the end. A server that is just removing what
 *  was collected would share its disk with us. */
const quietLooks = 5
const pieceStories = 64
/** Indexed before a search answers, so that it finds what has just happened. */
const askedStoriesMax = 1024
/** When there is more than that, mail comes thick and fast: a search must not keep it waiting. */
const behindStories = 128
/** What is noted in memory, a hundred octets each; behind it the walk over the trace finds them. */
export const notedMax = 20_000
/** Where writing never stops: so many a look, which is a hundredth of the writer's time. */
const busyStories = 16
const busyLooks = 25
const walkedAtOnce = 1000
const perMs = 1024
const endOfTime = Number.MAX_SAFE_INTEGER

export class SqliteStories implements Stories {
  readonly #p: StoriesParts
  readonly #timer: Disposable
  readonly #noted = new Set<string>()
  /** Where the walk over the trace stands; null: everything is indexed or noted. */
  #walk: string | null
  #working: Promise<void> | null = null
  #seen = -1
  #quiet = 0
  #busy = 0
  #own = 0

  constructor(parts: StoriesParts) {
    this.#p = parts
    this.#walk = parts.whole ? null : ''
    this.#timer = parts.clock.every(lookEveryMs, () => this.#look())
  }

  /** Of every unit that has become durable. */
  note(unit: Unit): void {
    for (const { run, with: values } of unit) {
      if (run !== 'addTrace') continue
      const ref = String(values[0])
      if (this.#noted.size < notedMax) this.#noted.add(ref)
      else this.#walkFrom(ref)
    }
  }

  /** What the walk has behind it, it will not find. */
  #walkFrom(ref: string): void {
    const before = ref.slice(0, -1) // of all that begins so
    if (this.#walk === null || before < this.#walk) this.#walk = before
  }

  async search(query: StoryQuery): Promise<StoryPage> {
    await this.#index(this.#noted.size > askedStoriesMax ? behindStories : askedStoriesMax)
    const indexing = this.#walk !== null || this.#noted.size > 0
    const [words, after] = cursorOf(query.after)
    const found = await this.#found(query, words, after)
    const isSame = matchOf(query, 'begun') === matchOf(query, 'whole')
    if (words === 'begun' || isSame || found.length > 0 || after !== undefined)
      return this.#page(found, { query, words, indexing })
    return this.#page(await this.#found(query, 'begun', after), { query, words: 'begun', indexing })
  }

  /** All rows are looked through. */
  async trace(query: { text?: string; ref?: string; since?: number; limit: number }): Promise<TraceEvent[]> {
    const { text, ref, since = 0, limit } = query
    if (ref !== undefined) return this.story(ref, limit)
    if (text === undefined) return (await this.#p.scan('traceLatest', since, limit)).map(rows.traceOf)
    const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
    return (await this.#p.scan('traceByText', text, since, pattern, limit)).map(rows.traceOf)
  }

  story = async (ref: string, limit: number): Promise<TraceEvent[]> =>
    (await this.#p.scan('traceByRef', ref, limit)).map(rows.traceOf)

  async subjects(refs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = await this.#p.scan('storySubjects', JSON.stringify(refs))
    return new Map(found.map(({ ref, subject }) => [String(ref), String(subject)]))
  }

  async mentions(ref: string, limit: number): Promise<readonly Story[]> {
    const { stories } = await this.search({ text: ref, limit: limit + 1 })
    return stories.filter((one) => one.ref !== ref).slice(0, limit)
  }

  /** Behind the trace itself. */
  async prune(ref: string): Promise<void> {
    for (;;) {
      const old = JSON.stringify((await this.#p.scan('storiesBefore', ref, pieceStories)).map(({ id }) => id))
      if (old === '[]') return
      await this.#write([
        { run: 'dropStoryTexts', with: [old] },
        { run: 'dropStories', with: [old] },
      ])
    }
  }

  /** Before the store is closed. */
  async close(): Promise<void> {
    this.#timer[Symbol.dispose]()
    await this.#working
    await this.#index(askedStoriesMax).catch(() => undefined) // the next start walks over the trace
    if (this.#walk === null && this.#noted.size === 0) await this.#write([{ run: 'markSwept', with: [1] }])
  }

  // --- searching

  #found(query: StoryQuery, words: Words, before: number | undefined): Promise<rows.Raw[]> {
    const match = matchOf(query, words)
    if (match === false) return Promise.resolve([])
    const from = (query.from ?? 0) * perMs
    const until = Math.min(before ?? endOfTime, query.until === undefined ? endOfTime : query.until * perMs)
    const range = [from, until, query.limit + 1]
    return match === null ? this.#p.scan('storiesLatest', ...range) : this.#p.scan('storiesFound', ...range, match)
  }

  async #page(
    found: readonly rows.Raw[],
    { query: { limit }, words, indexing }: { query: StoryQuery; words: Words; indexing: boolean },
  ): Promise<StoryPage> {
    const page = found.slice(0, limit)
    const stories = await this.#told(page.map(({ ref }) => String(ref)))
    const last = page.at(-1)
    const next = found.length > limit && last ? `${words === 'begun' ? 'b' : ''}${String(last['id'])}` : null
    return { stories, next, indexing }
  }

  async #told(refs: readonly string[]): Promise<Story[]> {
    const events = await this.#p.scan('storyEvents', JSON.stringify(refs))
    const byRef = Map.groupBy(events, ({ ref }) => String(ref))
    return refs.flatMap((ref): Story[] => {
      const found = byRef.get(ref)
      return found ? [{ ref, events: found.map(rows.traceOf), eventCount: Number(found[0]!['events']) }] : []
    })
  }

  // --- indexing

  /** When nothing was written for a while, all that is noted; otherwise now and then a little. */
  #look(): void {
    const written = this.#p.written() - this.#own
    this.#quiet = written === this.#seen ? this.#quiet + 1 : 0
    this.#seen = written
    this.#busy = this.#quiet > 0 ? 0 : this.#busy + 1
    if (this.#working || (this.#noted.size === 0 && this.#walk === null)) return
    if (this.#quiet >= quietLooks) this.#working = this.#whileQuiet().finally(() => (this.#working = null))
    else if (this.#busy > busyLooks) this.#working = this.#index(busyStories).finally(() => (this.#working = null))
  }

  async #whileQuiet(): Promise<void> {
    try {
      while (this.#p.written() - this.#own === this.#seen && (this.#noted.size > 0 || this.#walk !== null)) {
        if (this.#noted.size === 0) await this.#walkOn()
        await this.#index(pieceStories)
      }
    } catch {
      // the store cannot write, or is closed: whoever stores mail hears of it
    }
  }

  async #index(max: number): Promise<void> {
    for (let left = max; left > 0 && this.#noted.size > 0; left -= pieceStories) {
      const refs = [...this.#noted.values().take(Math.min(left, pieceStories))] // noted anew while this is written: once more
      for (const ref of refs) this.#noted.delete(ref)
      const steps = refs.flatMap((ref): Step[] => [
        { run: 'putStory', with: [ref] },
        { run: 'putStoryText', with: [ref] },
      ])
      await this.#write(steps)
    }
  }

  /** Notes what the next piece of the trace has and the index has not. */
  async #walkOn(): Promise<void> {
    const from = this.#walk
    const [piece] = await this.#p.scan('unindexed', from ?? '', walkedAtOnce)
    if (this.#walk !== from) return // too much was to be noted meanwhile: it begins there
    if (piece?.['last'] === null || piece === undefined) this.#walk = null
    else {
      for (const ref of JSON.parse(String(piece['refs'])) as string[]) this.#noted.add(ref) // made by the statement
      this.#walk = String(piece['last'])
    }
  }

  async #write(unit: Unit): Promise<void> {
    await this.#p.run(unit)
    this.#own++
  }
}

function cursorOf(after: string | undefined): [Words, number | undefined] {
  const [, begun, id] = /^(b?)(\d{1,16})$/.exec(after ?? '') ?? []
  return [begun === 'b' ? 'begun' : 'whole', id === undefined ? undefined : Number(id)]
}
