// Upgrades of a database: from each schema that ever was, and those that fail. MB-10
import { test } from 'node:test'
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { openStore } from './open.ts'
import { compact } from './compact.ts'
import { migrations } from './schema.ts'
import type { Store } from './store.ts'

const world = { clock, random: randomPool(), log: silentLog }
const open = (folder: string, steps: readonly string[] = migrations): Promise<Store> =>
  openStore({ folder, world, reserveBytes: () => 0, steps })

function old(version: number): Disposable & { readonly folder: string } {
  const folder = fs.mkdtempSync(join(tmpdir(), 'netcruiser-upgrade-'))
  const db = new DatabaseSync(join(folder, 'mail.db'))
  db.exec('PRAGMA page_size = 16384; PRAGMA journal_mode = WAL')
  for (const step of migrations.slice(0, version)) db.exec(step)
  db.exec(`PRAGMA user_version = ${version};
    INSERT INTO mailbox (id, name, pop3, uid_validity, uid_next, change, messages, bytes, created_at)
      VALUES (1, 'ann', 1, 1, 2, 1, 1, 5, 1);
    INSERT INTO content (id, refs, size, crc, octets) VALUES (1, 1, 5, 907060870, CAST('hello' AS BLOB));
    INSERT INTO entry (mailbox, uid, content, message, prefix, size, flags, at, change) VALUES (1, 1, 1, 'k', '', 5, 0, 1, 1);
    INSERT INTO trace (ref, at, n, step, recipients, detail) VALUES ('k', 1, 1, 'received', '[]', '{}')`)
  if (db.prepare("SELECT 1 FROM pragma_table_info('mailbox') WHERE name = 'unseen'").get())
    db.exec('UPDATE mailbox SET unseen = messages')
  db.close()
  return { folder, [Symbol.dispose]: () => fs.rmSync(folder, { recursive: true }) }
}
const snapshots = (folder: string): string[] =>
  fs
    .readdirSync(folder)
    .filter((name) => name.startsWith('before-upgrade'))
    .toSorted()
function versionOf(file: string): number {
  using closing = new DisposableStack()
  const db = closing.adopt(new DatabaseSync(file), (one) => one.close())
  return Number(db.prepare('PRAGMA user_version').get()!['user_version'])
}

for (let version = 1; version < migrations.length; version++)
  test(`MB-10 data of version ${version} is copied, upgraded, and whole`, async () => {
    using data = old(version)
    const store = await open(data.folder)
    assert.deepEqual((await store.verify()).problems, [])
    assert.equal((await store.mailboxState(1)).messages, 1)
    assert.equal((await store.trace({ ref: 'k', limit: 1 })).length, 1)
    await store.close()
    assert.deepEqual(snapshots(data.folder), [`before-upgrade-${version}.sqlite`])
    const snapshot = join(data.folder, `before-upgrade-${version}.sqlite`)
    assert.equal(versionOf(snapshot), version)
    assert.equal(fs.statSync(snapshot).mode & 0o077, 0)
  })

test('SEC-08, MB-10 data of an earlier version is brought up to date before it is written anew', async () => {
  using data = old(1)
  assert.deepEqual(compact(data.folder).copies, ['before-upgrade-1.sqlite'])
  assert.equal(versionOf(join(data.folder, 'mail.db')), migrations.length)
  const store = await open(data.folder)
  assert.deepEqual((await store.verify()).problems, [])
  await store.close()
})

const failing: readonly (readonly [string, string, RegExp])[] = [
  ['fails half way', 'CREATE TABLE made (x); INSERT INTO nowhere VALUES (1)', /no such table: nowhere/],
  ['loses rows', 'CREATE TABLE made (x); DELETE FROM entry', /entry had 1 rows and has 0/],
]
for (const [title, step, words] of failing)
  test(`MB-10 an upgrade that ${title} leaves the data as it was, and says so`, async () => {
    using data = old(migrations.length)
    const known = 'CREATE TABLE known (x)'
    await assert.rejects(open(data.folder, [...migrations, known, step]), (error: Error) => {
      assert.match(error.message, words)
      assert.match(error.message, /It is as it was before.*A copy is in .*before-upgrade-\d+\.sqlite/)
      return true
    })
    assert.equal(versionOf(join(data.folder, 'mail.db')), migrations.length)
    const store = await open(data.folder) // the program of before
    assert.equal((await store.mailboxState(1)).messages, 1)
    assert.deepEqual((await store.verify()).problems, [])
    await store.close()
  })

test('MB-10 the copies of the last two upgrades stay', async () => {
  using data = old(migrations.length)
  for (let more = 1; more <= 4; more++)
    await (
      await open(data.folder, [...migrations, ...Array.from({ length: more }, (_, n) => `CREATE TABLE t${n} (x)`)])
    ).close()
  assert.deepEqual(
    snapshots(data.folder),
    [2, 3].map((n) => `before-upgrade-${migrations.length + n}.sqlite`),
  )
})

test('MB-10 data of a newer version is refused in words', async () => {
  using data = old(migrations.length)
  await (await open(data.folder, [...migrations, 'CREATE TABLE later (x)'])).close()
  await assert.rejects(open(data.folder), /is of version \d+, this program knows \d+: use the newer program/)
})
