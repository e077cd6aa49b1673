// Backups and what comes back from them, as operations on a real store.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { runScheduled } from '#/operations/backup-schedule.ts'
import type { BackupState, ShownBackup } from '#/operations/backups.ts'
import { openRestored } from '#/operations/restored.ts'
import { operations, perform } from '#/operations/table.ts'
import { downloads } from '#/operations/tables/downloads.ts'
import { uploads } from '#/operations/tables/uploads.ts'
import { settle } from '#/storage/backup/restore.ts'
import { acceptance } from '#/storage/contract.ts'
import { operationsRig, type Operations } from './operations-rig.ts'

const large = `Subject: large\r\n\r\n${'0123456789abcdef\r\n'.repeat(20_000)}`

/** Mailbox ann with `count` messages. */
async function withMail(rig: Operations, count: number): Promise<number> {
  await rig.run('mailbox.add', { name: 'ann', pop3: true, password: 'secret secret' })
  const { id } = rig.context.directory.mailbox('ann')!
  for (let n = 0; n < count; n++)
    await rig.store.accept(await acceptance(rig.store, [id], `Subject: ${n}\r\n\r\n${n}\r\n`))
  return id
}
const create = (rig: Operations): Promise<ShownBackup> => rig.run('backup.create') as Promise<ShownBackup>
const state = (rig: Operations): Promise<BackupState> => rig.run('backup.state') as Promise<BackupState>

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all).toString('latin1')
}
const subjects = async (rig: Operations, mailbox: number): Promise<string[]> => {
  const { uids } = await rig.store.list(mailbox)
  const texts = await Promise.all(Array.from(uids, (uid) => textOf(rig.store.openMessage(mailbox, uid))))
  return texts.map((text) => /Subject: (\S+)/.exec(text)![1]!)
}
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

test('MB-08 a mailbox comes back without what is there already, with new UIDs and the ids that mail programs know', async () => {
  await using rig = await operationsRig()
  const ann = await withMail(rig, 3)
  await rig.store.accept(await acceptance(rig.store, [ann], large))
  await rig.store.importUidl(ann, 2, 'old-id')
  const { id: backup } = await create(rig)
  await rig.store.removeEntries(ann, [1, 2, 4], event)
  await rig.store.accept(await acceptance(rig.store, [ann], 'Subject: new\r\n\r\n'))
  const { uidValidity } = await rig.store.mailboxState(ann)
  const brought = await rig.run('restore.mailbox', { backup, mailbox: 'ann' })
  assert.deepEqual(brought, { mailbox: 'ann', made: false, restored: 3, alreadyThere: 1 })
  assert.deepEqual(await subjects(rig, ann), ['2', 'new', '0', '1', 'large'])
  const { uids, uidls } = await rig.store.list(ann)
  assert.deepEqual([...uids], [3, 5, 6, 7, 8])
  const old = (uid: number): string => `${uidValidity.toString(36)}.${uid.toString(36)}`
  assert.deepEqual([...uidls], [[6, old(1)], [7, 'old-id'], [8, old(4)]]) // prettier-ignore
  const again = await rig.run('restore.mailbox', { backup, mailbox: 'ann' })
  assert.deepEqual(again, { mailbox: 'ann', made: false, restored: 0, alreadyThere: 4 })
  assert.deepEqual((await rig.store.verify()).problems, [])
})

test('MB-08 a mailbox that is gone is made anew with its password, and another name is possible', async () => {
  await using rig = await operationsRig()
  await withMail(rig, 2)
  const { id: backup } = await create(rig)
  const { argon2 } = rig.context.directory.mailbox('ann')!
  await rig.run('mailbox.remove', { name: 'ann' })
  for (const as of [undefined, 'other']) {
    const brought = await rig.run('restore.mailbox', { backup, mailbox: 'ann', as })
    const name = as ?? 'ann'
    assert.deepEqual(brought, { mailbox: name, made: true, restored: 2, alreadyThere: 0 })
    const row = rig.context.directory.mailbox(name)!
    assert.deepEqual([row.argon2, row.pop3], [argon2, true])
  }
  const [told] = await rig.store.trace({ text: 'nothing', limit: 1 })
  assert.equal(told, undefined)
  assert.equal((await rig.store.trace({ since: 0, limit: 100 })).filter(({ step }) => step === 'restored').length, 4)
})

test('MB-08 one message comes back; one that is not there is told', async () => {
  await using rig = await operationsRig()
  const ann = await withMail(rig, 3)
  const { id: backup } = await create(rig)
  await rig.store.removeEntries(ann, [1, 2, 3], event)
  const page = (await rig.run('restore.messages', { backup, mailbox: 'ann', limit: 2 })) as {
    rows: { uid: number }[]
    next: string
  }
  assert.deepEqual([page.rows.map(({ uid }) => uid), page.next], [[1, 2], '2'])
  const rest = (await rig.run('restore.messages', { backup, mailbox: 'ann', after: page.next })) as typeof page
  assert.deepEqual([rest.rows.map(({ uid }) => uid), rest.next], [[3], null])
  await rig.run('restore.mailbox', { backup, mailbox: 'ann', uid: 2 })
  assert.deepEqual(await subjects(rig, ann), ['1'])
  await assert.rejects(rig.run('restore.mailbox', { backup, mailbox: 'ann', uid: 9 }), /no message 9/)
  await assert.rejects(rig.run('restore.mailbox', { backup, mailbox: 'nobody' }), /no mailbox nobody in this backup/)
})

test('MB-04, MB-08 a full mailbox says how far it came, and goes on when there is room', async () => {
  await using rig = await operationsRig()
  const ann = await withMail(rig, 5)
  const { id: backup } = await create(rig)
  await rig.store.removeEntries(ann, [1, 2, 3, 4, 5], event)
  await rig.run('mailbox.set', { name: 'ann', quotaBytes: 100 })
  await assert.rejects(
    rig.run('restore.mailbox', { backup, mailbox: 'ann' }),
    /ann is full after \d messages.*--quota none/,
  )
  await rig.run('mailbox.set', { name: 'ann', quotaBytes: null })
  await rig.run('restore.mailbox', { backup, mailbox: 'ann' })
  assert.deepEqual(await subjects(rig, ann), ['0', '1', '2', '3', '4'])
})

test('WEB-10 a backup is named, never a path; what names files of the server is not for HTTP', async () => {
  await using rig = await operationsRig()
  const { id } = await create(rig)
  for (const wrong of ['..', `../backup/${id}`, '/etc', ''])
    for (const [name, parameters] of [
      ['backup.verify', { id: wrong }],
      ['backup.remove', { id: wrong }],
      ['restore.contents', { backup: wrong }],
      ['restore.mailbox', { backup: wrong, mailbox: 'ann' }],
    ] as const)
      await assert.rejects(rig.run(name, parameters), /There is no backup/, `${name} ${wrong}`)
  await assert.rejects(
    async () => downloads.get('backup')!.open(rig.context, { id: '..' } as never),
    /There is no backup/,
  )
})

test('MB-08 a backup that goes out as an archive comes in again, and a damaged one does not', async () => {
  await using rig = await operationsRig()
  await withMail(rig, 2)
  const { id, at } = await create(rig)
  const opened = await downloads.get('backup')!.open(rig.context, { id } as never) // its schema
  const tar = Buffer.from(await textOf(opened.chunks), 'latin1')
  assert.equal(tar.length, opened.sizeBytes)
  const file = join(rig.context.folder, 'kept.tar')
  fs.writeFileSync(file, tar)
  const brought = await rig.run('restore.file', { path: file, mailbox: 'ann', as: 'bob' })
  assert.deepEqual(brought, { mailbox: 'bob', made: true, restored: 2, alreadyThere: 0 })
  assert.deepEqual(
    fs.readdirSync(rig.context.folder).filter((name) => name.includes('unpacked')),
    [],
  )
  const take = (octets: Buffer) =>
    uploads.get('backup')!.take(
      rig.context,
      {} as never,
      (async function* () {
        yield octets
      })(),
    )
  await rig.run('backup.remove', { id })
  assert.equal(((await take(tar)) as { id: string }).id, id, String(at))
  const damaged = Buffer.from(tar)
  damaged[10_000]! ^= 1
  await assert.rejects(take(damaged), /damaged, it was not taken/)
  await assert.rejects(take(tar.subarray(0, 20_000)), /ends too early|damaged/)
  assert.deepEqual(fs.readdirSync(join(rig.context.folder, 'backup')), [id])
})

test('MB-08 who does not wait sees how far it is, and may end it', async () => {
  await using rig = await operationsRig()
  await withMail(rig, 1)
  const started = rig.run('backup.create', { wait: true })
  assert.equal((await state(rig)).job?.what, 'create')
  await assert.rejects(rig.run('backup.create'), /is being made: wait, or end that first/)
  assert.deepEqual(await rig.run('backup.cancel'), { cancelled: true })
  await assert.rejects(started, /ended before it was done/)
  const { job, ended, trouble, count } = await state(rig)
  assert.deepEqual([job, ended?.problem, trouble, count], [null, null, null, 0])
  assert.deepEqual(await rig.run('backup.cancel'), { cancelled: false })
})

test('MB-08 a scheduled backup that fails is a problem in words, in doctor and in one mail a day', async () => {
  await using rig = await operationsRig()
  const ann = await withMail(rig, 0)
  await rig.run('backup.schedule', { everyHours: 24, keep: 2, keepWeeks: 0 })
  fs.writeFileSync(join(rig.context.folder, 'backup'), 'a file where a folder should be')
  for (let n = 0; n < 2; n++) await assert.rejects(runScheduled(rig.context))
  assert.equal((await state(rig)).trouble?.is, 'failed')
  const { open } = (await rig.run('problems.list')) as { open: { code: string }[] }
  assert.ok(open.some(({ code }) => code === 'backup-failed'))
  assert.deepEqual(await subjects(rig, ann), ['No'])
  const { advice } = (await rig.run('doctor')) as { advice: string[] }
  assert.ok(
    advice.some((line) => line.startsWith('The last backup was not made')),
    advice.join('\n'),
  )
  fs.rmSync(join(rig.context.folder, 'backup'))
  for (let n = 0; n < 4; n++) {
    rig.later(86_400_000)
    await runScheduled(rig.context)
  }
  const { trouble, count, nextAt } = await state(rig)
  assert.deepEqual([trouble, count], [null, 2])
  assert.ok(nextAt! > rig.context.world.clock.now())
  rig.later(4 * 86_400_000)
  const { is } = (await state(rig)).trouble!
  assert.equal(is, 'old')
})

test('MB-08 a full disk is told before anything is written', async () => {
  await using rig = await operationsRig()
  await rig.run('settings.set', { name: 'mailServer.reserveBytes', value: Number.MAX_SAFE_INTEGER })
  await assert.rejects(rig.run('backup.create'), /needs \d MB, and 0 MB are free in .*: make room/)
  assert.equal((await state(rig)).count, 0)
})

test('what backups and restoring answer is what the document of the API says', async () => {
  await using rig = await operationsRig()
  await withMail(rig, 2)
  await rig.run('backup.schedule', { everyHours: 24 })
  const { id: backup } = await create(rig)
  const calls: readonly (readonly [string, object])[] = [
    ['backup.create', {}],
    ['backup.create', { wait: false }],
    ['backup.cancel', {}],
    ['backup.state', {}],
    ['backup.list', { limit: 1 }],
    ['backup.schedule', {}],
    ['restore.contents', { backup }],
    ['restore.messages', { backup, mailbox: 'ann' }],
    ['restore.mailbox', { backup, mailbox: 'ann' }],
    ['restore.file', { path: join(rig.context.folder, 'backup', backup), mailbox: 'ann', as: 'bob' }],
    ['backup.verify', { id: backup }],
    ['backup.remove', { id: backup }],
  ]
  for (const [name, parameters] of calls) {
    const said = await rig.run(name, parameters)
    const checked = operations.get(name)!.answer!.safeParse(said)
    assert.ok(checked.success, `${name}: ${checked.error?.message}`)
    if (name === 'backup.cancel') await rig.context.backups.close()
  }
})

test('MB-08 the release lets go what the restore holds, not what a person holds, and accounts that stopped for it go on', async () => {
  await using rig = await operationsRig()
  await withMail(rig, 0)
  await rig.run('collect.add', {
    name: 'far',
    mailbox: 'ann',
    host: 'pop.far.example',
    user: 'ann',
    password: 'x',
    first: 'everything',
  })
  const { id } = rig.context.accounts.all()[0]!
  await rig.context.accounts.setStatus(id, { is: 'stopped', reason: 'settings', words: 'cannot leave' })
  for (const to of ['one', 'two'])
    await rig.run('send', { from: 'ann@here.example', to: [`${to}@far.example`], subject: 'x', text: 'y' })
  await rig.run('queue.hold', { what: 'two@far.example', yes: true })
  await assert.rejects(rig.run('restore.release'), /was not restored from a backup/)
  settle(join(rig.context.folder, 'mail.db'), { backupAt: 1000, restoredAt: 2000 })
  const context = { ...rig.context, restored: await openRestored(rig.store) }
  assert.match(context.restored.keepsRemote()!, /nothing is deleted on other servers/)
  assert.deepEqual(await perform(context, { name: 'restore.release', parameters: {} }), { released: 1, busy: 0 })
  const rows = await rig.store.queue.find({ limit: 10 })
  assert.deepEqual(rows.map(({ to, state }) => [to.local, state]), [['one', 'waiting'], ['two', 'held']]) // prettier-ignore
  assert.ok(rows[0]!.memo.heldMs! > 0, 'the time in the hold does not count')
  assert.equal(context.restored.keepsRemote(), null)
  assert.equal(await rig.store.restoring.restored(), null)
  assert.equal(rig.context.accounts.byId(id)!.status.is, 'idle')
})
