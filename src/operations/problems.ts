// The problems of the moment, since when, and what was solved: looked for now and then and whenever somebody asks. Kept in the
// store, so that a restart forgets neither their age nor that somebody knows of them.
import type { ProblemRow } from '#/storage/notes.ts'
import type { Instant } from '#/world/world.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { problem, type Found, type ProblemCode, type ProblemList, type ShownProblem } from './problem-shapes.ts'
import { problemSources } from './problem-sources.ts'

const lookEveryMs = 30_000
const solvedMax = 50

export type ProblemBook = { look(context: Context): Promise<readonly ProblemRow[]> }

/** Looks one after the other: two at once would both find a problem new. */
export function openProblemBook(): ProblemBook {
  let last: Promise<unknown> = Promise.resolve()
  return {
    look(context) {
      const next = last.then(() => lookNow(context))
      last = next.catch(() => undefined) // told to who asked
      return next
    },
  }
}

export function watchProblems(context: Context): Disposable {
  const { world, running } = context
  return world.clock.every(lookEveryMs, () => {
    running?.problems.look(context).catch((error: unknown) => world.log.error('problems', { error }))
  })
}

const bookOf = ({ running }: Context): ProblemBook => running?.problems ?? openProblemBook()

async function lookNow(context: Context): Promise<readonly ProblemRow[]> {
  const { store, world } = context
  const found = (await Promise.all(problemSources.map((source) => foundBy(source, context)))).flat()
  const before = await store.notes.problems()
  const now = world.clock.now()
  const changed = changesOf(before, { found, now, isUnknown: unknownTo(context, now) })
  try {
    for (const row of changed) await store.notes.putProblem(row)
  } catch (error) {
    world.log.warn('problems', { error: String(error) }) // a full disk is one of them, and is told all the same
  }
  return merged(before, changed)
}

/** Open ones first, then what was solved last. */
function merged(before: readonly ProblemRow[], changed: readonly ProblemRow[]): ProblemRow[] {
  const keyOf = ({ id, since }: ProblemRow): string => `${since} ${id}`
  const rows = new Map([...before, ...changed].map((row) => [keyOf(row), row]))
  return [...rows.values()].toSorted((a, b) => (b.solvedAt ?? Infinity) - (a.solvedAt ?? Infinity) || b.since - a.since)
}

async function foundBy(source: (typeof problemSources)[number], context: Context): Promise<readonly Found[]> {
  try {
    return await source(context)
  } catch (error) {
    const values = { said: error instanceof Error ? error.message : String(error) }
    return [problem({ id: `source ${source.name}`, code: 'source-failed', values })]
  }
}

/** What only attempts show: after a start nobody knows for a while whether it is solved. */
const fromAttempts: ReadonlySet<ProblemCode> = new Set([
  'relay-held',
  'relay-rate',
  'relay-alternate',
  'relay-port-25',
  'relay-unwanted',
])
const attemptsWithinMs = 3_600_000

/** Which problems cannot be seen now: that they are not found does not mean that they are solved. */
function unknownTo({ running }: Context, now: Instant): Look['isUnknown'] {
  if (!running) return ({ code }) => code === 'listener' || fromAttempts.has(code)
  const isYoung = now - running.startedAt < attemptsWithinMs
  return ({ code }) => isYoung && fromAttempts.has(code)
}

export type Look = {
  readonly found: readonly Found[]
  readonly now: Instant
  readonly isUnknown: (kept: Found) => boolean
}

/** Rows to write, so that what is kept tells what was found. Pure. */
export function changesOf(before: readonly ProblemRow[], { found, now, isUnknown }: Look): ProblemRow[] {
  const open = new Map(before.filter(({ solvedAt }) => solvedAt === null).map((row) => [row.id, row]))
  const ids = new Set(found.map(({ id }) => id))
  const solved = [...open.values()]
    .filter((row) => !ids.has(row.id) && !isUnknown(readFound(row)))
    .map((row) => ({ ...row, solvedAt: now }))
  return [...found.flatMap((one) => changeOf(open.get(one.id), one, now)), ...solved]
}

function changeOf(row: ProblemRow | undefined, found: Found, now: Instant): ProblemRow[] {
  const value = JSON.stringify(found)
  if (!row) return [{ id: found.id, since: now, value, dismissedAt: null, solvedAt: null }]
  if (row.value === value) return []
  const isKnown = factsOf(readFound(row)) === factsOf(found)
  return [{ ...row, value, dismissedAt: isKnown ? row.dismissedAt : null }]
}

const factsOf = ({ severity, code, facts }: Found): string => JSON.stringify([severity, code, facts])
const readFound = ({ value }: ProblemRow): Found => JSON.parse(value) as Found // as changeOf wrote it

export async function listProblems(context: Context): Promise<ProblemList> {
  const rows = (await bookOf(context).look(context)).map(shownOf)
  const open = rows.filter(({ solvedAt }) => solvedAt === null)
  return {
    open: open.filter(({ dismissedAt }) => dismissedAt === null).toSorted(byWeight),
    dismissed: open.filter(({ dismissedAt }) => dismissedAt !== null),
    solved: rows.filter(({ solvedAt, dismissedAt }) => solvedAt !== null && dismissedAt === null).slice(0, solvedMax),
  }
}

function shownOf(row: ProblemRow): ShownProblem {
  const { facts: _facts, ...found } = readFound(row)
  return { ...found, since: row.since, dismissedAt: row.dismissedAt, solvedAt: row.solvedAt }
}

/** What needs somebody first, then the latest. */
const byWeight = (a: ShownProblem, b: ShownProblem): number =>
  Number(a.severity === 'notice') - Number(b.severity === 'notice') || b.since - a.since

/** "That's fine, stop telling me": until its facts change, or it comes anew. */
export async function dismissProblem(context: Context, { id }: { id: string }): Promise<ProblemList> {
  const row = await openRow(context, id)
  if (!readFound(row).dismissable) throw new OperationError('This cannot be left as it is: it must be solved')
  await context.store.notes.putProblem({ ...row, dismissedAt: context.world.clock.now() })
  return listProblems(context)
}

export async function recallProblem(context: Context, { id }: { id: string }): Promise<ProblemList> {
  await context.store.notes.putProblem({ ...(await openRow(context, id)), dismissedAt: null })
  return listProblems(context)
}

async function openRow(context: Context, id: string): Promise<ProblemRow> {
  const rows = await bookOf(context).look(context)
  const row = rows.find((one) => one.id === id && one.solvedAt === null)
  if (!row) throw new OperationError(`There is no problem ${id} any more; problems list shows them`)
  return row
}
