// The storage contract on SQLite, and what only this engine can show: locks, faults, damage.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { acceptance, storeContract, type Opened } from './contract.ts'
import { migrations } from './schema.ts'
import { groupTurns, pageBytes } from './limits.ts'
import { openStore, type OpenOptions } from './open.ts'
import { collectedContract, collectedMessage } from './collected-contract.ts'
import { awayContract } from './away-contract.ts'
import { notesContract } from './notes-contract.ts'
import { draftsContract } from './drafts-contract.ts'
import { peopleContract } from './people-contract.ts'
import { entriesContract } from './entries-contract.ts'
import { queueContract, queuePagesContract } from './queue-contract.ts'
import { queueDelaysContract } from './queue-delays-contract.ts'
import { restoringContract } from './restoring-contract.ts'
import { storiesContract, traced } from './stories-contract.ts'
import type { StoreError, Store } from './store.ts'

const world = { clock, random: randomPool(), log: silentLog }
type Extra = Partial<OpenOptions>

async function openTemporary(extra: Extra = {}): Promise<Opened & { folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-store-'))
  let store: Store = await openStore({ folder, world, reserveBytes: () => 0, ...extra })
  const first = store
  return {
    folder,
    store: first,
    again: async () => {
      await store.close()
      return (store = await openStore({ folder, world, reserveBytes: () => 0 }))
    },
    [Symbol.asyncDispose]: async () => {
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

storeContract('SQLite', openTemporary)
queueContract('SQLite', openTemporary)
queueDelaysContract('SQLite', openTemporary)
queuePagesContract('SQLite', openTemporary)
collectedContract('SQLite', openTemporary)
restoringContract('SQLite', openTemporary)
notesContract('SQLite', openTemporary, () => clock.now())
draftsContract('SQLite', openTemporary)
peopleContract('SQLite', openTemporary)
storiesContract('SQLite', openTemporary)
entriesContract('SQLite', openTemporary)
awayContract('SQLite', openTemporary)

test('mail is kept as before while memory is saved, and when that is over', async () => {
  await using opened = await openTemporary()
  const { store } = opened
  const ann = await store.addMailbox('ann', 0)
  for (const lean of [true, true, false]) {
    store.saveMemory(lean)
    await store.accept(await acceptance(store, [ann.id]))
  }
  assert.equal((await store.list(ann.id)).uids.length, 3)
})

test('QUE-11: a second server on the same folder is refused in words', async () => {
  await using opened = await openTemporary()
  await assert.rejects(
    openStore({ folder: opened.folder, world, reserveBytes: () => 0 }),
    /Another NetCruiser Mail runs/,
  )
})

test('QUE-04, QUE-16: after a failed flush nobody of the group is told 250, and nothing is stored until the store is opened anew', async () => {
  await using opened = await openTemporary({ faults: { failCommit: 2, as: 'failed' } })
  const { store } = opened
  const ann = await store.addMailbox('ann', 1)
  const both = [await acceptance(store, [ann.id]), await acceptance(store, [ann.id])]
  const results = await Promise.allSettled(both.map((one) => store.accept(one)))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.equal(store.canAccept(), 'failed')
  await assert.rejects(store.accept(await acceptance(store, [ann.id])), (error: StoreError) => error.kind === 'failed')
  const again = await opened.again()
  assert.equal((await again.mailboxState(ann.id)).messages, 0)
  assert.deepEqual((await again.verify()).problems, [])
})

test('IN-03, QUE-06: a full disk refuses the message and recovers by itself', async () => {
  await using opened = await openTemporary({ faults: { failCommit: 2, as: 'full' } })
  const { store } = opened
  const ann = await store.addMailbox('ann', 1)
  await assert.rejects(store.accept(await acceptance(store, [ann.id])), (error: StoreError) => error.kind === 'full')
  await store.accept(await acceptance(store, [ann.id]))
  assert.equal((await store.mailboxState(ann.id)).messages, 1)
})

test('QUE-04: closing a store that failed with work under way ends', { timeout: 5000 }, async () => {
  await using opened = await openTemporary({ faults: { failCommit: 2, as: 'failed' } })
  const ann = await opened.store.addMailbox('ann', 1)
  const lost = opened.store.accept(await acceptance(opened.store, [ann.id])).catch(() => 'lost')
  for (let turn = 0; turn <= groupTurns; turn++) await new Promise((go) => setImmediate(go)) // it is on its way
  const more = opened.store.accept(await acceptance(opened.store, [ann.id])).catch(() => 'lost')
  await opened.store.close()
  assert.deepEqual(await Promise.all([lost, more]), ['lost', 'lost'])
})

test('QUE-04: a content file that cannot be written stops the store, as a failed flush does', async () => {
  await using opened = await openTemporary()
  rmSync(join(opened.folder, 'content'), { recursive: true })
  const spool = opened.store.spool()
  await assert.rejects(async () => {
    await spool.write(Buffer.alloc(300_000))
    await spool.finish()
  })
  assert.equal(opened.store.canAccept(), 'failed')
})

const big = `Subject: x\r\n\r\n${'x'.repeat(70)}\r\n`.padEnd(300_000, 'y')

for (const code of ['EBUSY', 'EPERM', 'EACCES'])
  test(`QU-04: a content file that somebody holds for a moment (${code}) is named when it is free`, async () => {
    let held = 3
    await using opened = await openTemporary({
      async rename(from, to) {
        if (held-- > 0) throw Object.assign(new Error(`${code}: it is in use`), { code })
        await rename(from, to)
      },
    })
    const ann = await opened.store.addMailbox('ann', 1)
    await opened.store.accept(await acceptance(opened.store, [ann.id], big))
    assert.equal(held, -1)
    assert.deepEqual((await opened.store.verify()).problems, [])
    assert.equal((await opened.store.mailboxState(ann.id)).messages, 1)
  })

test('QU-04: a name that is a folder already is no passing trouble: it is tried once', async () => {
  let tries = 0
  await using opened = await openTemporary({
    async rename(from, to) {
      tries++
      mkdirSync(to)
      await rename(from, to)
    },
  })
  const ann = await opened.store.addMailbox('ann', 1)
  await assert.rejects(acceptance(opened.store, [ann.id], big), (error: StoreError) => error.kind === 'failed')
  assert.equal(tries, 1)
})

test('QUE-05: a checkpoint that fails stops the store; what was told durable is there after opening anew', async () => {
  await using opened = await openTemporary({ faults: { failCheckpoint: true } })
  const ann = await opened.store.addMailbox('ann', 1)
  await assert.rejects(opened.store.changeMailbox(ann.id, { quotaBytes: 1 }), /checkpoint/)
  assert.equal(opened.store.canAccept(), 'failed')
  assert.equal((await (await opened.again()).mailboxes())[0]?.name, 'ann')
})

test('IN-03: below the reserve of free space no mail is taken', async () => {
  await using opened = await openTemporary({ reserveBytes: () => Number.MAX_SAFE_INTEGER })
  assert.equal(opened.store.canAccept(), 'full')
})

test('PS-20: one damaged content is told, its neighbours are served', async () => {
  await using opened = await openTemporary()
  const ann = await opened.store.addMailbox('ann', 1)
  for (let i = 0; i < 3; i++) await opened.store.accept(await acceptance(opened.store, [ann.id]))
  const db = new DatabaseSync(join(opened.folder, 'mail.db'))
  db.exec("UPDATE content SET octets = CAST(replace(CAST(octets AS TEXT), 'body', 'bodY') AS BLOB) WHERE id = 2")
  db.close()
  assert.deepEqual([...(await opened.store.readStuffed(ann.id, Uint32Array.of(1, 2, 3), 1e6)).status], [0, 2, 0])
  assert.match((await opened.store.verify()).problems.join(), /content 2: its checksum is wrong/)
})

test('MB-10: verify tells how much is done, from the first content to the end', async () => {
  await using opened = await openTemporary()
  const ann = await opened.store.addMailbox('ann', 1)
  for (let i = 0; i < 10; i++) await opened.store.accept(await acceptance(opened.store, [ann.id]))
  const shares: number[] = []
  await opened.store.verify((share) => shares.push(share))
  assert.deepEqual(shares, [0.08, 0.16, 0.24, 0.32, 0.4, 0.48, 0.56, 0.64, 0.72, 0.8, 1])
})

test('SEC-04: the data folder and its files are closed to other users', async () => {
  await using opened = await openTemporary()
  assert.equal(statSync(opened.folder).mode & 0o777, 0o700)
  assert.equal(statSync(join(opened.folder, 'mail.db')).mode & 0o777, 0o600)
})

test('MB-10: data of a newer version is refused in words', async () => {
  await using opened = await openTemporary()
  const db = new DatabaseSync(join(opened.folder, 'mail.db'))
  db.exec('PRAGMA user_version = 99')
  db.close()
  await assert.rejects(opened.again(), /use the newer program/)
  const mend = new DatabaseSync(join(opened.folder, 'mail.db'))
  mend.exec(`PRAGMA user_version = ${migrations.length}`)
  mend.close()
  await opened.again()
})

test('MB-10: a data folder keeps the page size that it was made with', async () => {
  await using opened = await openTemporary()
  const ann = await opened.store.addMailbox('ann', 1)
  await opened.store.accept(await acceptance(opened.store, [ann.id]))
  await opened.store.close()
  const db = new DatabaseSync(join(opened.folder, 'mail.db'))
  assert.equal(db.prepare('PRAGMA page_size').get()?.['page_size'], pageBytes)
  db.exec('PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; VACUUM') // as an earlier version made it
  db.close()
  const again = await opened.again()
  await again.accept(await acceptance(again, [ann.id]))
  assert.deepEqual([...(await again.list(ann.id)).uids], [1, 2])
  assert.deepEqual((await again.verify()).problems, [])
  const older = new DatabaseSync(join(opened.folder, 'mail.db'), { readOnly: true })
  assert.equal(older.prepare('PRAGMA page_size').get()?.['page_size'], 4096)
  older.close()
})

for (const as of ['full', 'failed'] as const)
  test(`PC-13, PC-23: a commit that the disk does not take (${as}) leaves neither the message nor its row`, async () => {
    await using opened = await openTemporary({ faults: { failCommit: 3, as } })
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    const account = await store.collected.addAccount('{}', '{}')
    await assert.rejects(store.accept(await collectedMessage(store, [ann.id], { account })))
    assert.deepEqual(await store.collected.messages(account), [])
    const again = await opened.again()
    assert.deepEqual(await again.collected.messages(account), [])
    assert.equal((await again.mailboxState(ann.id)).messages, 0)
    await again.accept(await collectedMessage(again, [ann.id], { account }))
    assert.equal((await again.collected.messages(account)).length, 1)
    assert.deepEqual((await again.verify()).problems, [])
  })

test('PC-12, PC-27: of a purged mailbox the rows stay as gone here, and tell nothing about another one of its number', async () => {
  await using opened = await openTemporary()
  const { store } = opened
  const ann = await store.addMailbox('ann', 1)
  const account = await store.collected.addAccount('{}', '{}')
  await store.accept(await collectedMessage(store, [ann.id], { account, sameness: 's' }))
  await store.changeMailbox(ann.id, { deletedAt: 2 })
  assert.deepEqual(await store.collected.deletedHere(account), []) // it may come back
  await store.purgeMailbox(ann.id)
  const again = await opened.again()
  const bob = await again.addMailbox('bob', 3)
  assert.equal(bob.id, ann.id)
  await again.accept(await acceptance(again, [bob.id]))
  assert.deepEqual(await again.collected.deletedHere(account), [{ uid: 'u1', headerHash: 'h1' }])
  assert.deepEqual(await again.collected.samenesses(bob.id), new Set())
  assert.deepEqual((await again.verify()).problems, [])
})

test('PC-24: an entry is of the moment that the message is from, if one is given', async () => {
  await using opened = await openTemporary()
  const ann = await opened.store.addMailbox('ann', 1)
  const made = await acceptance(opened.store, [ann.id])
  await opened.store.accept({ ...made, local: made.local.map((entry) => ({ ...entry, datedAt: 5 })) })
  await opened.store.accept(await acceptance(opened.store, [ann.id]))
  const db = new DatabaseSync(join(opened.folder, 'mail.db'), { readOnly: true })
  const times = db.prepare('SELECT at FROM entry ORDER BY uid').all()
  db.close()
  assert.deepEqual(
    times.map((row) => row['at']),
    [5, 1000],
  )
})

const countsUnseen = 8
for (let version = 1; version < migrations.length; version++)
  test(`MB-10: a data folder of version ${version} opens, keeps its mail and collects`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netcruiser-store-'))
    const db = new DatabaseSync(join(folder, 'mail.db'))
    db.exec(`PRAGMA journal_mode = WAL; ${migrations.slice(0, version).join('')}; PRAGMA user_version = ${version};
      INSERT INTO mailbox (id, name, pop3, uid_validity, uid_next, change, messages, bytes, created_at)
        VALUES (7, 'ann', 1, 1, 2, 1, 1, 6, 1);
      INSERT INTO content (id, refs, size, crc, octets) VALUES (1, 1, 6, ${crc32('body\r\n')}, CAST('body' || char(13, 10) AS BLOB));
      INSERT INTO entry (mailbox, uid, content, message, prefix, size, flags, at, change) VALUES (7, 1, 1, 'k', '', 6, 0, 1, 1);
      ${version < countsUnseen ? '' : 'UPDATE mailbox SET unseen = 1'}`)
    db.close()
    const store = await openStore({ folder, world, reserveBytes: () => 0 })
    const account = await store.collected.addAccount('{}', '{}')
    await store.accept(await collectedMessage(store, [7], { account }))
    assert.deepEqual(
      (await store.collected.messages(account)).map(({ localUid }) => localUid),
      [2],
    )
    assert.deepEqual([...(await store.readStuffed(7, Uint32Array.of(1, 2), 1e6)).status], [0, 0])
    assert.deepEqual((await store.verify()).problems, [])
    assert.equal((await store.facts()).schema, migrations.length)
    await store.close()
    rmSync(folder, { recursive: true })
  })

test('what a crash left out of the index, or was there before it, is found soon after the next start', async () => {
  await using opened = await openTemporary()
  await opened.store.record([traced('01m0000000000000000000000a', 'received', { subject: 'boat' })])
  await opened.store.close()
  const db = new DatabaseSync(join(opened.folder, 'mail.db'))
  db.exec('DELETE FROM story; UPDATE story_state SET swept = 0')
  db.close()
  const { stories } = await opened.again()
  const found = async () => (await stories.search({ subject: 'boat', limit: 9 })).stories.length
  for (let i = 0; i < 100 && (await found()) === 0; i++) await clock.sleep(50)
  assert.equal(await found(), 1)
})
