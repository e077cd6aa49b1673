// Writes the database anew without what was deleted, for a stopped server: SQLite leaves the octets of deleted rows where they
// were until something else needs the room. The new file takes the place of the old one whole or not at all. SEC-08
import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { assertRoom, inWords, syncFile } from './backup/files.ts'
import { databaseFile } from './backup/format.ts'
import { syncFolderNow } from './content.ts'
import { busyMs } from './limits.ts'
import { lockFolder } from './sqlite/lock.ts'
import { StoreError } from './store.ts'
import { upgrade } from './upgrade.ts'

export type Compacted = {
  readonly beforeBytes: number
  readonly afterBytes: number
  /** Deleted messages that wait to be purged are kept, like all that is not deleted. */
  readonly waiting: number
  /** Names in the data folder that may still hold what is gone from the database: copies of an earlier time. */
  readonly copies: readonly string[]
}

/** Beside the database while it is written; one that was left by a crash is removed at the next start. */
export const compactFile = 'mail.db.compact'

/** @throws StoreError: a server runs on the folder, there is no database, it is of a newer program, or there is no room for a second
 *  one. */
export function compact(folder: string): Compacted {
  const file = join(folder, databaseFile)
  if (!existsSync(file))
    throw new StoreError('failed', `There is no mail in ${folder}: name a data folder with --data.`)
  using _lock = lockFolder(folder)
  const [beforeBytes, waiting] = settle(file)
  assertRoom(folder, beforeBytes, 'A second database is written first')
  const written = join(folder, compactFile)
  try {
    writeAnew(file, written)
    renameSync(written, file)
    syncFolderNow(folder)
  } catch (error) {
    rmSync(written, { force: true })
    throw inWords(error, folder)
  }
  return { beforeBytes, afterBytes: statSync(file).size, waiting, copies: readdirSync(folder).filter(isCopy) }
}

const isCopy = (name: string): boolean => /^before-(?:upgrade|restore)-/.test(name) || name === 'backup'

/** Of this version, as a start would make it. What stands in the log comes into the file, which is then alone; the words of deleted
 *  events leave their index. */
function settle(file: string): [bytes: number, waiting: number] {
  const db = new DatabaseSync(file, { timeout: busyMs })
  try {
    upgrade(db, { snapshotOf: file })
    db.exec("INSERT INTO story_text (story_text) VALUES ('optimize')")
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    const { n } = db.prepare('SELECT count(*) AS n FROM deleted_entry').get() as { n: number } // it has one column
    return [statSync(file).size, n]
  } finally {
    db.close()
  }
}

function writeAnew(file: string, to: string): void {
  rmSync(to, { force: true })
  closeSync(openSync(to, 'wx', 0o600)) // an empty file of ours, which SQLite takes as it is
  const db = new DatabaseSync(file, { timeout: busyMs })
  try {
    db.prepare('VACUUM INTO ?').run(to)
    assertSame(db, to)
  } finally {
    db.close()
  }
  syncFile(to)
}

/** Nothing may be missing in what takes the place of all mail. */
function assertSame(db: DatabaseSync, file: string): void {
  const copy = new DatabaseSync(file, { readOnly: true, timeout: busyMs })
  try {
    const check = copy.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
    const names = tables.all().map(({ name }) => String(name))
    const differs = names.find((name) => countOf(db, name) !== countOf(copy, name))
    if (check !== 'ok' || differs !== undefined)
      throw new StoreError(
        'failed',
        `The new database is not like the old one (${differs ?? String(check)}): nothing was changed.`,
      )
  } finally {
    copy.close()
  }
}

const countOf = (db: DatabaseSync, table: string): unknown =>
  db.prepare(`SELECT count(*) AS n FROM "${table}"`).get()?.['n']
