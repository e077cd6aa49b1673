// Backups of a store at work, and what is made of them again: the storage half. What a whole server does: test/backup*.test.ts.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { openSecretKey } from '#/world/node/secret-key.ts'
import { acceptance } from '../contract.ts'
import { openStore } from '../open.ts'
import { address } from '../queue-contract.ts'
import type { Store } from '../store.ts'
import { contentFolderName, databaseFile } from './format.ts'
import type { Sealing } from './keys.ts'
import { readBackup } from './read.ts'
import { finishRestore, restoreAll, type RestoredAll } from './restore.ts'
import { tarOf, untar } from './tar.ts'
import { backupPath, createBackup, listBackups, removeBackup, verifyBackupIn } from './work.ts'

const random = randomPool()
const world = { clock, random, log: silentLog }
const open = (folder: string): Promise<Store> => openStore({ folder, world, reserveBytes: () => 0 })
const event = {
  ref: 'r',
  at: 1,
  step: 'deleted',
  client: null,
  from: null,
  to: [],
  subject: null,
  messageId: null,
  detail: {},
}
const large = `Subject: large\r\n\r\n${'0123456789abcdef\r\n'.repeat(20_000)}`

/** A store with two messages, one of them a file, and a delivery that waits. */
async function rig() {
  const root = fs.mkdtempSync(join(tmpdir(), 'netcruiser-backup-'))
  const [data, folder] = [join(root, 'data'), join(root, 'backups')]
  const store = await open(data)
  openSecretKey(data, random)
  const ann = await store.addMailbox('ann', 1)
  await store.accept(await acceptance(store, [ann.id]))
  await store.accept(await acceptance(store, [ann.id], large))
  const outgoing = await acceptance(store, [])
  const to = { to: address('bob@far.example'), parameters: { notify: null, orcpt: null }, allowedBy: 'test' }
  await store.accept({ ...outgoing, remote: [to], lease: { node: 'a', until: 60_000 } })
  const create = (sealing: Sealing | null = null, signal?: AbortSignal) =>
    createBackup({
      store,
      data,
      folder,
      at: clock.now(),
      random: random.bytes(8),
      hostname: 'mx.example.org',
      reason: 'asked',
      sealing,
      reserveBytes: 0,
      signal,
    })
  const close = async (): Promise<void> => {
    await store.close()
    fs.rmSync(root, { recursive: true, force: true })
  }
  return { root, data, folder, store, ann: ann.id, create, [Symbol.asyncDispose]: close }
}

const restore = (from: string, to: string, passphrase: string | null = null): RestoredAll =>
  restoreAll({ from, to, now: clock.now(), aside: 'now', passphrase })

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all).toString('latin1')
}
const verified = async (folder: string): Promise<string> => (await verifyBackupIn(folder, {})).problems.join('\n')

test('MB-08 what is deleted while a backup reads it is in it, and goes from the disk afterwards', async () => {
  await using made = await rig()
  const { store, ann, folder, create } = made
  const kept = store.restoring.keepFiles()
  const work = create()
  await work
  await store.removeEntries(ann, [2], event)
  assert.equal(fs.readdirSync(join(made.data, contentFolderName)).length, 1, 'somebody still reads it')
  kept[Symbol.dispose]()
  assert.equal(fs.readdirSync(join(made.data, contentFolderName)).length, 0)
  const [backup] = listBackups(folder)
  assert.deepEqual(
    [backup!.mailboxes, backup!.messages, backup!.deliveries, backup!.files, backup!.schema > 5],
    [1, 2, 1, 1, true],
  )
  assert.equal(await verified(join(folder, backup!.id)), '')
  await using reader = readBackup(join(folder, backup!.id))
  const [mailbox] = await reader.mailboxes()
  const entries = await reader.entries(mailbox!, 0, 10)
  assert.deepEqual(
    entries.map(({ uid, subject, from }) => [uid, subject, from]),
    [
      [1, 'x', '<a@b.example>'],
      [2, 'x', '<a@b.example>'],
    ],
  )
  assert.equal(await textOf(reader.octets(mailbox!.id, 2)), large)
})

test('SEC-04, MB-09 backups are for this user only, whatever the umask, and sha256sum can check them', async () => {
  await using made = await rig()
  const before = process.umask(0)
  const { id } = await made.create().finally(() => process.umask(before))
  const path = join(made.folder, id)
  const files = fs.readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))
  for (const file of [path, ...files]) assert.equal(fs.statSync(file).mode & 0o077, 0, file)
  const checked = spawnSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: path, encoding: 'utf8' })
  assert.equal(checked.status, 0, checked.stdout)
})

test('SEC-04 a content that is a link is not followed, and leaves no backup behind', async () => {
  await using made = await rig()
  const [name] = fs.readdirSync(join(made.data, contentFolderName))
  const file = join(made.data, contentFolderName, name!)
  fs.rmSync(file)
  fs.symlinkSync('/etc/hostname', file)
  await assert.rejects(made.create(), /is not a plain file/)
  assert.deepEqual(fs.readdirSync(made.folder), [])
})

test('MB-08 verifying finds one flipped bit, a file that is missing, and one that does not belong', async () => {
  await using made = await rig()
  const path = join(made.folder, (await made.create()).id)
  for (const name of [
    databaseFile,
    'manifest.json',
    'SHA256SUMS',
    `${contentFolderName}/${fs.readdirSync(join(path, contentFolderName))[0]!}`,
  ]) {
    const file = join(path, name)
    const octets = fs.readFileSync(file)
    const damaged = Buffer.from(octets)
    damaged[Math.floor(octets.length / 2)]! ^= 1
    fs.rmSync(file) // it may be linked
    fs.writeFileSync(file, damaged)
    assert.notEqual(await verified(path), '', name)
    fs.rmSync(file)
    assert.notEqual(await verified(path), '', `${name} is missing`)
    fs.writeFileSync(file, octets)
    assert.equal(await verified(path), '')
  }
  fs.writeFileSync(join(path, 'more'), '')
  assert.match(await verified(path), /more does not belong to it/)
})

test('MB-08 a backup that is ended or fails leaves nothing; what a killed one left goes with the next', async () => {
  await using made = await rig()
  await assert.rejects(made.create(null, AbortSignal.abort()), /ended before it was done/)
  assert.deepEqual(fs.readdirSync(made.folder), [])
  fs.mkdirSync(join(made.folder, '.partial-00'))
  const { id } = await made.create()
  assert.deepEqual(fs.readdirSync(made.folder), [id])
  assert.equal(removeBackup(made.folder, id), true)
  assert.deepEqual(fs.readdirSync(made.folder), [])
})

test('WEB-10 only a name of a backup names one, and no link is followed', async () => {
  await using made = await rig()
  const { id } = await made.create()
  for (const name of ['..', `../backups/${id}`, `${id}/.`, '', 'data', `${id}\0`])
    assert.equal(backupPath(made.folder, name), null)
  const link = '2020-01-01T00-00-00Z'
  fs.symlinkSync(join(made.folder, id), join(made.folder, link))
  assert.equal(backupPath(made.folder, link), null)
  assert.equal(removeBackup(made.folder, link), false)
  assert.equal(listBackups(made.folder).length, 1)
})

test('MB-08 a restore into a new folder opens, holds what waits, gives no UID twice, and remembers where it came from', async () => {
  await using made = await rig()
  const { id, at } = await made.create()
  const to = join(made.root, 'new')
  const { held, aside, keys } = restore(join(made.folder, id), to)
  assert.deepEqual([held, aside, keys], [1, null, 'other'])
  const store = await open(to)
  assert.deepEqual((await store.verify()).problems, [])
  assert.equal((await store.restoring.restored())?.backupAt, at)
  const [row] = await store.queue.find({ limit: 10 })
  assert.equal(row!.state, 'held')
  assert.match(row!.memo.hold!.why, /^restored from the backup of \d{4}-\d\d-\d\d \d\d:\d\d UTC$/)
  await store.accept(await acceptance(store, [made.ann]))
  assert.ok((await store.list(made.ann)).uids.at(-1)! > 1_000_000)
  await store.close()
  assert.equal(fs.existsSync(join(to, contentFolderName)), true)
})

test('MB-08 a restore moves the old data aside with its keys kept, and refuses a folder whose server runs', async () => {
  await using made = await rig()
  const backup = join(made.folder, (await made.create()).id)
  assert.throws(() => restore(backup, made.data), /Another NetCruiser Mail runs/)
  await made.store.removeEntries(made.ann, [1, 2], event)
  await made.store.close()
  const { aside, keys } = restore(backup, made.data)
  assert.equal(keys, 'same')
  const old = fs.readdirSync(aside!).filter((name) => !/-(wal|shm)$/.test(name))
  assert.deepEqual(old.toSorted(), ['content', 'mail.db', 'secret.key'])
  const store = await open(made.data)
  assert.equal((await store.mailboxState(made.ann)).messages, 2)
  await store.close()
  const before = await open(aside!)
  assert.equal((await before.mailboxState(made.ann)).messages, 0)
  await before.close()
})

const patient = { timeout: 170_000 } // forty programs are started and killed

test(
  'MB-08 a restore that is killed at any point is either not begun or finished by the next start',
  patient,
  async () => {
    await using made = await rig()
    const backup = join(made.folder, (await made.create()).id)
    await made.store.removeEntries(made.ann, [1, 2], event)
    await made.store.close()
    const program = `import { restoreAll } from '#/storage/backup/restore.ts'
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    let left = Number(process.argv[1])
    for (const name of ['renameSync', 'mkdirSync', 'copyFileSync']) {
      const real = fs[name]
      fs[name] = (...given) => { if (left-- <= 0) process.kill(process.pid, 'SIGKILL'); return real(...given) }
    }
    syncBuiltinESMExports()
    restoreAll({ from: process.argv[2], to: process.argv[3], now: 1, aside: 'x', passphrase: null })`
    const seen = new Set<number>()
    for (let step = 0; step < 40; step++) {
      const data = join(made.root, `kill-${step}`)
      fs.cpSync(made.data, data, { recursive: true })
      const ran = spawnSync(process.execPath, ['--input-type=module', '-e', program, String(step), backup, data])
      const store = await open(data)
      const { messages } = await store.mailboxState(made.ann)
      seen.add(messages)
      assert.deepEqual((await store.verify()).problems, [])
      assert.equal((await store.restoring.restored()) !== null, messages === 2, 'all of the old or all of the new')
      if (messages === 2)
        assert.ok(fs.existsSync(join(data, 'before-restore-x', databaseFile)), 'the old data is there')
      assert.deepEqual(
        fs.readdirSync(data).filter((name) => name.startsWith('.')),
        [],
      )
      await store.close()
      if (ran.status === 0) break
      assert.equal(ran.signal, 'SIGKILL', String(ran.stderr))
    }
    assert.deepEqual([...seen], [0, 2])
    assert.equal(finishRestore(made.data), null)
  },
)

test('SEC-02, MB-09 the keys are not in a backup, unless sealed with a passphrase that alone opens them', async () => {
  await using made = await rig()
  const key = fs.readFileSync(join(made.data, 'secret.key'), 'latin1').trim()
  const passphrase = 'correct horse battery'
  const plain = await made.create()
  const sealed = await made.create({ passphrase, salt: random.bytes(16), nonce: random.bytes(12) })
  for (const { id } of [plain, sealed])
    for (const name of fs.readdirSync(join(made.folder, id), { recursive: true, encoding: 'utf8' })) {
      const file = join(made.folder, id, name)
      if (fs.statSync(file).isFile()) assert.equal(fs.readFileSync(file, 'latin1').includes(key), false, name)
    }
  const [wrong, right] = [join(made.root, 'wrong'), join(made.root, 'right')]
  assert.throws(() => restore(join(made.folder, sealed.id), wrong, 'another passphrase'), /not the passphrase/)
  assert.throws(() => restore(join(made.folder, plain.id), wrong, passphrase), /no keys in this backup/)
  assert.equal(restore(join(made.folder, sealed.id), right, passphrase).keys, 'from-backup')
  assert.equal(fs.readFileSync(join(right, 'secret.key'), 'latin1').trim(), key)
  assert.equal(fs.statSync(join(right, 'secret.key')).mode & 0o777, 0o600)
})

test('MB-08 as one stream a backup is a tar that others read, and comes back whole from it', async () => {
  await using made = await rig()
  const { id } = await made.create()
  const { sizeBytes, chunks } = tarOf(join(made.folder, id), id)
  const octets: Uint8Array[] = []
  for await (const chunk of chunks) octets.push(chunk)
  const tar = Buffer.concat(octets)
  assert.equal(tar.length, sizeBytes)
  const listed = spawnSync('tar', ['-x', '-C', made.root], { input: tar })
  assert.equal(listed.status, 0, String(listed.stderr))
  assert.equal(await verified(join(made.root, id)), '')
  const again = spawnSync('tar', ['-c', '-f', '-', id], { cwd: made.root, maxBuffer: 1e8 }).stdout
  for (const [octets, size] of [
    [tar, 100],
    [tar, 65_536],
    [again, 65_536],
  ] as const) {
    const into = fs.mkdtempSync(join(made.root, 'back-'))
    await untar(pieces(octets, size), into, octets.length)
    assert.equal(await verified(into), '')
  }
})

async function* pieces(octets: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size)
}

test('WEB-10 an archive that is none of ours writes nothing outside, follows no link and cannot fill the disk', async () => {
  await using made = await rig()
  fs.writeFileSync(join(made.root, 'evil'), 'x')
  fs.symlinkSync('/etc/passwd', join(made.root, 'mail.db'))
  const cases = [
    ['-cP', '--transform', 's,.*,../../evil,', 'evil'],
    ['-cP', '--transform', 's,.*,/tmp/evil,', 'evil'],
    ['-c', '--transform', 's,.*,content/../../evil,', 'evil'],
    ['-c', 'mail.db'],
    ['-c', 'evil'],
  ]
  for (const args of cases) {
    const { stdout } = spawnSync('tar', [...args, '-f', '-'], { cwd: made.root })
    const into = fs.mkdtempSync(join(made.root, 'in-'))
    await assert.rejects(untar(pieces(stdout, 512), into, 1e6), /no backup of NetCruiser Mail/, args.join(' '))
    assert.deepEqual(fs.readdirSync(into), [contentFolderName])
    assert.deepEqual(fs.readdirSync(join(into, contentFolderName)), [])
  }
  const { id } = await made.create()
  const into = fs.mkdtempSync(join(made.root, 'in-'))
  await assert.rejects(untar(tarOf(join(made.folder, id), id).chunks, into, 10_000), /no room/)
})
