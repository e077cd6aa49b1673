// Brings a database to the schema of this program: first a copy of the file is kept, then all steps are taken in one
// transaction and looked at before it counts. Whatever fails, the data is as it was. Called when a store is opened. MB-10
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { assertRoom, copyDurably } from './backup/files.ts'
import { syncFolderNow } from './content.ts'
import { migrations } from './schema.ts'
import { StoreError } from './store.ts'

export type UpgradeOptions = {
  /** The file of the database, when a copy of it is to be kept beside it. */
  readonly snapshotOf?: string
  readonly steps?: readonly string[]
}
export type Upgraded = { readonly from: number; readonly to: number; readonly snapshot: string | null }

const snapshotsKept = 2
const snapshotName = /^before-upgrade-(\d+)\.sqlite$/

/** Null: nothing was to do. @throws StoreError in words; then nothing was changed. */
export function upgrade(db: DatabaseSync, { snapshotOf, steps = migrations }: UpgradeOptions = {}): Upgraded | null {
  const { user_version: from } = db.prepare('PRAGMA user_version').get() as { user_version: number } // it has one column
  if (from > steps.length)
    throw new StoreError(
      'failed',
      `The data is of version ${from}, this program knows ${steps.length}: use the newer program.`,
    )
  if (from === steps.length) return null
  const snapshot = from === 0 || snapshotOf === undefined ? null : keepSnapshot(db, snapshotOf, from)
  try {
    takeSteps(db, steps, from)
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw new StoreError('failed', failure({ from, to: steps.length, snapshot }, error as Error), { cause: error })
  }
  if (snapshot !== null) dropOlder(dirname(snapshot))
  return { from, to: steps.length, snapshot }
}

const failure = ({ from, to, snapshot }: Upgraded, { message }: Error): string =>
  `The data could not be brought from version ${from} to ${to}: ${message}. It is as it was before, and the program of before can use it.${snapshot === null ? '' : ` A copy is in ${snapshot}.`}`

/** Nobody else writes: the folder is ours. */
function keepSnapshot(db: DatabaseSync, file: string, version: number): string {
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const folder = dirname(file)
  const snapshot = join(folder, `before-upgrade-${version}.sqlite`)
  assertRoom(folder, statSync(file).size, `Before an upgrade a copy of ${basename(file)} is kept`)
  rmSync(`${snapshot}.part`, { force: true })
  copyDurably(file, `${snapshot}.part`)
  renameSync(`${snapshot}.part`, snapshot)
  syncFolderNow(folder)
  return snapshot
}

/** What an upgrade must not lose. */
const tables = ['mailbox', 'entry', 'content', 'delivery', 'trace'] as const

function takeSteps(db: DatabaseSync, steps: readonly string[], from: number): void {
  db.exec('BEGIN IMMEDIATE')
  const before = from === 0 ? [] : counts(db)
  for (const step of steps.slice(from)) db.exec(step)
  if (from > 0) assertSound(db, before)
  db.exec(`PRAGMA user_version = ${steps.length}`)
  db.exec('COMMIT')
}

const counts = (db: DatabaseSync): number[] =>
  tables.map((name) => Number((db.prepare(`SELECT count(*) AS n FROM ${name}`).get() as { n: number }).n)) // one row

function assertSound(db: DatabaseSync, before: readonly number[]): void {
  const after = counts(db)
  tables.forEach((name, i) => {
    if (before[i] !== after[i]) throw new Error(`${name} had ${before[i]} rows and has ${after[i]}`)
  })
  const { quick_check: said } = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string } // one row
  if (said !== 'ok') throw new Error(said)
}

function dropOlder(folder: string): void {
  const versions = readdirSync(folder).flatMap((name) => snapshotName.exec(name)?.[1] ?? [])
  for (const version of versions
    .map(Number)
    .toSorted((a, b) => b - a)
    .slice(snapshotsKept))
    rmSync(join(folder, `before-upgrade-${version}.sqlite`))
}
