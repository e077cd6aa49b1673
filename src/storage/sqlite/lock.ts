// One server per data folder: an exclusive lock of the operating system, held for the life of the process. QUE-11
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { FolderInUse } from '../store.ts'

/** The file whose lock it is. */
export const lockName = 'lock'

/** @throws FolderInUse when another process holds the folder. */
export function lockFolder(folder: string): Disposable {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  const file = join(folder, lockName)
  const db = new DatabaseSync(file, { timeout: 200 })
  chmodSync(file, 0o600)
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    throw new FolderInUse(folder, { cause: error })
  }
  return { [Symbol.dispose]: () => db.close() }
}
