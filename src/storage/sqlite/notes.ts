// What the server keeps about its own running, on SQLite. Figures and logins are gathered in memory and written once a minute.
import type { Instant, World } from '#/world/world.ts'
import { figuresKeptMs, latestMax, loginRowsMax, loginsWaitingMax, notesEveryMs, notesKeptMs } from '../limits.ts'
import type { Figure, FigureName, FullMailbox, LoginNote, LoginQuery, LoginRow, Notes, ProblemRow } from '../notes.ts'
import type { ReadName } from '../sql/reads.ts'
import type { TraceEvent } from '../store.ts'
import type { Tally } from '../tally.ts'
import type { Step, Unit, Value } from '../work.ts'
import * as rows from './rows.ts'

export type NotesParts = {
  readonly run: (unit: Unit) => Promise<void>
  readonly scan: (run: ReadName, ...parameters: Value[]) => Promise<rows.Raw[]>
  readonly tally: Tally
  readonly clock: World['clock']
}

export class SqliteNotes implements Notes {
  readonly #p: NotesParts
  readonly #logins = new Map<string, LoginRow>() // what waits
  readonly #timer: Disposable
  #before: Promise<TraceEvent[]> | null = null // what happened before the start

  constructor(parts: NotesParts) {
    this.#p = parts
    this.#timer = parts.clock.every(notesEveryMs, () => void this.flush().catch(() => undefined)) // again in a minute
  }

  figures = (since: Instant): Figure[] => this.#p.tally.figures(since)

  async latest(limit: number): Promise<TraceEvent[]> {
    this.#before ??= this.#p.scan('traceLatest', 0, latestMax).then((found) => found.map(rows.traceOf))
    const before = (await this.#before).toSorted((a, b) => a.at - b.at)
    const seen = this.#p.tally.latest().map(eventOf)
    const known = new Set(seen.map(keyOf))
    return [...before.filter((event) => !known.has(keyOf(event))), ...seen].slice(-limit).toReversed()
  }

  noteLogin(note: LoginNote): void {
    if (note.service === 'pop3' && note.outcome === 'ok') this.#p.tally.count('logins', note.at)
    const { at, ...who } = note
    const key = JSON.stringify(who)
    const before = this.#logins.get(key)
    if (!before && this.#logins.size >= loginsWaitingMax) return // a flood: the log has them
    this.#logins.set(key, { ...who, times: (before?.times ?? 0) + 1, firstAt: before?.firstAt ?? at, lastAt: at })
  }

  async logins({ service, name, after, limit }: LoginQuery): Promise<LoginRow[]> {
    await this.#writeLogins()
    const place = after
      ? [after.lastAt, after.name, after.client, after.outcome]
      : [Number.MAX_SAFE_INTEGER, '', '', '']
    const found = await this.#p.scan(name === undefined ? 'logins' : 'loginsOf', service, name ?? '', ...place, limit)
    return found.map(rows.loginOf)
  }

  problems = async (): Promise<ProblemRow[]> => (await this.#p.scan('problems')).map(rows.problemOf)

  putProblem = ({ id, since, value, dismissedAt, solvedAt }: ProblemRow): Promise<void> =>
    this.#p.run([{ run: 'putProblem', with: [id, since, value, dismissedAt, solvedAt] }])

  fullMailboxes = async (percent: number, limit: number): Promise<FullMailbox[]> =>
    (await this.#p.scan('fullMailboxes', percent, limit)).map((row) => ({
      name: String(row['name']),
      bytes: Number(row['bytes']),
      quotaBytes: Number(row['quota']),
    }))

  async flush(): Promise<void> {
    await this.#writeLogins()
    const now = this.#p.clock.now()
    const figures = this.#p.tally.takeChanged()
    if (figures.length === 0) return
    try {
      await this.#p.run([...figures.map(figureStep), ...forgetting(now)])
    } catch (error) {
      this.#p.tally.giveBack(figures)
      throw error
    }
  }

  async close(): Promise<void> {
    this.#timer[Symbol.dispose]()
    await this.flush().catch(() => undefined) // a store that takes nothing any more
  }

  async #writeLogins(): Promise<void> {
    if (this.#logins.size === 0) return
    const steps = [...this.#logins.values()].map(loginStep)
    this.#logins.clear()
    await this.#p.run(steps)
  }
}

const figureStep = ({ at, name, count }: Figure): Step => ({ run: 'putFigure', with: [at, name, count] })
const loginStep = ({ service, name, client, outcome, times, firstAt, lastAt }: LoginRow): Step => ({
  run: 'putLogin',
  with: [service, name, client, outcome, times, firstAt, lastAt],
})
const forgetting = (now: Instant): Step[] => [
  { run: 'pruneFigures', with: [now - figuresKeptMs] },
  { run: 'pruneLogins', with: [now - notesKeptMs, loginRowsMax] },
  { run: 'pruneProblems', with: [now - notesKeptMs] },
]

export const figureOf = (row: rows.Raw): Figure => ({
  at: Number(row['at']),
  name: String(row['name']) as FigureName, // as figureStep wrote it
  count: Number(row['count']),
})

/** A step that wrote an event, read back. */
function eventOf({
  with: [ref, at, , step, client, sender, recipients, subject, message_id, detail],
}: Step): TraceEvent {
  return rows.traceOf({ ref, at, step, client, sender, recipients, subject, message_id, detail } as rows.Raw) // as traceStep wrote it
}

const keyOf = ({ ref, at, step, to }: TraceEvent): string => `${ref} ${at} ${step} ${to.join(' ')}`
