// The writer thread: owns the one connection that writes. Runs a group of units in one transaction and one flush.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { noteOctets } from '#/world/node/passing-octets.ts'
import { clock } from '#/world/node/clock.ts'
import { busyMs, checkpointIdleMs, checkpointPagesMax, checkpointPagesMin } from '../limits.ts'
import { walBytesKept, writerCacheKib, writerCacheLeanKib } from '../limits.ts'
import { writes, type StatementName } from '../sql/writes.ts'
import type { Step, Unit, UnitResult } from '../work.ts'
import { unpack, type Packed } from './packed.ts'

/** Faults for tests: the n-th commit, or every checkpoint, of this thread fails as if the disk had. */
export type Faults = {
  readonly failCommit?: number
  readonly as?: 'full' | 'failed'
  readonly failCheckpoint?: boolean
}
export type WriterData = { readonly file: string; readonly faults?: Faults }
/** The common answer is a word: nothing to clone for each message. */
export type GroupAnswer = 'durable' | readonly UnitResult[]

const { file, faults } = workerData as WriterData // given by writer.ts
const db = new DatabaseSync(file, { timeout: busyMs })
db.exec(`PRAGMA synchronous = FULL; PRAGMA mmap_size = 0; PRAGMA cache_size = -${writerCacheKib}; PRAGMA wal_autocheckpoint = 0;
  PRAGMA journal_size_limit = ${walBytesKept}`)
/** What durability rests on must hold, not only be asked for. QUE-13 */
for (const [pragma, wanted] of [
  ['journal_mode', 'wal'],
  ['synchronous', 2],
] as const) {
  const value = Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]
  if (value !== wanted) throw new Error(`SQLite did not take ${pragma} = ${wanted}`)
}
const statements = new Map<StatementName, StatementSync>()
let commits = 0
let broken: UnitResult = null

class BrokenExpectation extends Error {
  readonly step: number
  constructor(unit: Unit, step: Step, changes: number | bigint) {
    super(`${step.run} changed ${changes} rows, not ${step.changes}`)
    this.step = unit.indexOf(step)
  }
}

function statement(name: StatementName): StatementSync {
  let prepared = statements.get(name)
  if (!prepared) statements.set(name, (prepared = db.prepare(writes[name])))
  return prepared
}

function runUnit(unit: Unit): void {
  for (const step of unit) {
    const { changes } = statement(step.run).run(...step.with)
    if (step.changes !== undefined && changes !== step.changes) throw new BrokenExpectation(unit, step, changes)
  }
}

function commit(): void {
  commits++
  if (faults?.failCommit === commits)
    throw Object.assign(new Error('injected'), { errcode: faults.as === 'full' ? 13 : 10 })
  db.exec('COMMIT')
}

/** The common case: no unit breaks its expectations, so no savepoints are needed. */
function runTogether(group: readonly Unit[]): UnitResult[] {
  db.exec('BEGIN IMMEDIATE')
  for (const unit of group) runUnit(unit)
  commit()
  return group.map(() => null)
}

/** Each unit in its own savepoint: one that breaks is undone alone, the others go on. */
function runApart(group: readonly Unit[]): UnitResult[] {
  db.exec('BEGIN IMMEDIATE')
  const results = group.map((unit): UnitResult => {
    db.exec('SAVEPOINT unit')
    try {
      runUnit(unit)
      db.exec('RELEASE unit')
      return null
    } catch (error) {
      if (!isConflict(error)) throw error
      db.exec('ROLLBACK TO unit; RELEASE unit')
      const { message } = error as Error
      return { kind: 'conflict', message, ...(error instanceof BrokenExpectation && { step: error.step }) }
    }
  })
  commit()
  return results
}

const isConflict = (error: unknown): boolean =>
  error instanceof BrokenExpectation || ((error as { errcode?: number }).errcode ?? 0) % 256 === 19 // SQLITE_CONSTRAINT

function rollback(): void {
  if (db.isTransaction) db.exec('ROLLBACK')
}

function runGroup(group: readonly Unit[]): UnitResult[] {
  if (broken) return group.map(() => broken)
  for (const attempt of [runTogether, runApart])
    try {
      return attempt(group)
    } catch (error) {
      rollback()
      if (isConflict(error)) continue
      return group.map(() => trouble(error))
    }
  return group.map(() => ({ kind: 'failed', message: 'a conflict could not be told apart' }))
}

/** After a failed write or flush nobody knows what the disk holds: no further commit until the store is opened anew. */
function trouble(error: unknown): UnitResult {
  const { errcode = 0, message } = error as { errcode?: number; message: string }
  if (errcode % 256 === 13) return { kind: 'full', message } // SQLITE_FULL
  return (broken = { kind: 'failed', message })
}

const walState = db.prepare('PRAGMA wal_checkpoint(NOOP)')
type WalState = { readonly log: number; readonly checkpointed: number }

/** Pages of the log that are not copied into the database yet.
 *  SQLite's own checkpoints keep a failure to themselves; the next one could then drop the log though the pages that were
 *  not flushed are gone. Ours stop the store. QUE-05 */
function uncopiedPages(): number {
  if (faults?.failCheckpoint) throw new Error('injected')
  const { log, checkpointed } = walState.get() as WalState
  return log - checkpointed
}

let groups = 0
let isWaiting = false

/** After the answers went out, so that nobody's 250 waits for it: at once when the log is long, otherwise when nobody writes. */
function checkpoint(): void {
  groups++
  guarded(() => {
    const pages = uncopiedPages()
    if (pages >= checkpointPagesMax) copyLog()
    else if (pages >= checkpointPagesMin && !isWaiting) void copyWhenIdle()
  })
}

async function copyWhenIdle(): Promise<void> {
  isWaiting = true
  for (let seen = -1; seen !== groups;) {
    seen = groups
    await clock.sleep(checkpointIdleMs)
  }
  isWaiting = false
  if (db.isOpen) guarded(copyLog)
}

function copyLog(): void {
  db.exec('PRAGMA wal_checkpoint(PASSIVE)')
}

function guarded(work: () => void): void {
  if (broken) return
  try {
    work()
  } catch (error) {
    broken = { kind: 'failed', message: `checkpoint: ${(error as Error).message}` }
  }
}

/** What was written is not needed any more. */
function noteContents({ values }: Packed): void {
  let bytes = 0
  for (const value of values) if (value instanceof Uint8Array) bytes += value.length
  noteOctets(bytes)
}

parentPort?.on('message', (message: Packed | 'lean' | 'roomy' | 'close') => {
  if (message === 'lean' || message === 'roomy') {
    const kib = message === 'lean' ? writerCacheLeanKib : writerCacheKib
    return db.exec(`PRAGMA cache_size = -${kib}`)
  }
  if (message !== 'close') {
    const results = runGroup(unpack(message))
    const answer: GroupAnswer = results.every((result) => result === null) ? 'durable' : results
    parentPort?.postMessage(answer)
    noteContents(message)
    return checkpoint()
  }
  if (!broken) db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
  parentPort?.close()
})
