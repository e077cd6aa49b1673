// What a kill may leave in a data folder beside its database. Called at the end of a torture, when the server has stopped.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Files in the content folder that no row names. */
export function orphans(data: string): string[] {
  const file = readdirSync(data).find((name) => /\.(db|sqlite3?)$/.test(name))
  assert.ok(file, 'the database is there')
  const db = new DatabaseSync(join(data, file), { readOnly: true })
  const rows = db.prepare('SELECT file FROM content WHERE file IS NOT NULL').all()
  db.close()
  const known = new Set(rows.map((row) => row['file']))
  return readdirSync(join(data, 'content')).filter((name) => !known.has(name))
}
