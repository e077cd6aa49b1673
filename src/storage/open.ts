// Opens the store in a data folder: lock, checks, migrations, threads. The only door into this room besides its types.
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { World } from '#/world/world.ts'
import { compactFile } from './compact.ts'
import { ContentFolder, syncFolderNow } from './content.ts'
import { busyMs, pageBytes, sqliteVersionMin } from './limits.ts'
import { finishRestore } from './backup/restore.ts'
import { reads } from './sql/reads.ts'
import type { Rename } from './naming.ts'
import type { Figure } from './notes.ts'
import { figureOf } from './sqlite/notes.ts'
import { lockFolder } from './sqlite/lock.ts'
import { Reader } from './sqlite/reader.ts'
import type { Raw } from './sqlite/rows.ts'
import { SqliteStore } from './sqlite/store.ts'
import type { Faults } from './sqlite/writer-thread.ts'
import { Writer } from './sqlite/writer.ts'
import { StoreError, type Store } from './store.ts'
import { upgrade } from './upgrade.ts'

export type OpenOptions = {
  readonly folder: string
  readonly world: Pick<World, 'clock' | 'random' | 'log'>
  /** Free disk space below which no new mail is taken. */
  readonly reserveBytes: () => number
  /** Other steps of the schema, for tests. */
  readonly steps?: readonly string[]
  /** Injected faults, for tests. */
  readonly faults?: Faults
  /** In place of the real one, for tests. */
  readonly rename?: Rename
}

/** @throws StoreError: the folder is in use, the data is of a newer version, SQLite is too old. */
export async function openStore(options: OpenOptions): Promise<Store> {
  const { folder } = options
  checkSqlite()
  const lock = lockFolder(folder)
  try {
    const file = join(folder, 'mail.db')
    const aside = finishRestore(folder)
    if (aside !== null) options.world.log.info('store.restored', { oldDataIn: aside })
    rmSync(join(folder, compactFile), { force: true })
    const ids = prepare(file, options)
    const contents = new ContentFolder(folder, options.rename)
    const swept = contents.sweep(ids.files)
    if (swept > 0) options.world.log.info('store.swept', { files: swept })
    syncFolderNow(folder)
    const writer = new Writer({ file, ...(options.faults ? { faults: options.faults } : {}) })
    const openReader = (): Reader => new Reader({ file, contentFolder: contents.path })
    return new SqliteStore({ ...options, writer, reader: openReader(), openReader, contents, lock, ids })
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}

function checkSqlite(): void {
  const db = new DatabaseSync(':memory:')
  const version = String((db.prepare('SELECT sqlite_version() AS v').get() as { v: string }).v)
  db.close()
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0)
  if (number(version) < number(sqliteVersionMin))
    throw new StoreError(
      'failed',
      `SQLite ${version} can damage data: ${sqliteVersionMin} or newer is needed. Update Node.`,
    )
}

export type Ids = {
  content: number
  mailbox: number
  access: number
  account: number
  files: ReadonlySet<string>
  storiesWhole: boolean
  figures: readonly Figure[]
}

/** Creates or upgrades the database and pins what must hold. */
function prepare(file: string, { steps, world: { log } }: OpenOptions): Ids {
  const fresh = !existsSync(file)
  const db = new DatabaseSync(file, { timeout: busyMs })
  try {
    chmodSync(file, 0o600)
    if (fresh) db.exec(`PRAGMA page_size = ${pageBytes}`)
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    const upgraded = upgrade(db, { snapshotOf: file, ...(steps && { steps }) })
    if (upgraded !== null && !fresh) log.info('store.upgraded', upgraded)
    const max = db.prepare(reads.maxIds).get() as Omit<Ids, 'files' | 'storiesWhole' | 'figures'>
    const files = new Set(
      db
        .prepare(reads.files)
        .all()
        .map((row) => String(row['file'])),
    )
    const figures = (db.prepare(reads.dayFigures).all() as Raw[]).map(figureOf) // STRICT columns
    return { ...max, files, figures, storiesWhole: takeWholeness(db) }
  } finally {
    db.close()
  }
}

/** Whether the index over the trace was whole at the end; from now on it is not, until it is closed. */
function takeWholeness(db: DatabaseSync): boolean {
  const { swept } = db.prepare(reads.swept).get() as { swept: number }
  if (swept === 1) db.exec('UPDATE story_state SET swept = 0')
  return swept === 1
}
