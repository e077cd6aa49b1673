// What an account takes at first, how much at once, and what is left or deleted there: by days, by number, by size, with the
// copy here; with a full mailbox, a full disk, and an old backup put back.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import { CollectRig, dayMs, scripted } from './collect-rig.ts'
import { maildrop, Pop3Remote, type RemoteMessage } from './pop3-remote.ts'

const letters = (count: number): string[] => maildrop(count).map(({ octets }) => octets)
const uids = (messages: readonly RemoteMessage[]): string[] => messages.map(({ uid }) => uid)
const dated = (days: number): RemoteMessage => ({
  uid: `${days} days`,
  octets: `Date: ${new Date(Date.now() - days * dayMs).toUTCString().replace('GMT', '+0000')}\r\nSubject: ${days}\r\n\r\nx\r\n`,
})

const firsts: readonly [RemoteAccount['first'], number, number][] = [
  ['everything', 5, 0],
  ['new', 0, 5],
  [Date.now() - 10 * dayMs, 3, 2],
]
for (const [first, fetched, ignored] of firsts)
  test(`PC-11 the first run takes ${typeof first === 'number' ? 'what is not older than a date' : first}, and later ones what is new`, () =>
    scripted({ messages: [300, 20, 9, 1, 0].map(dated), account: { first, leave: true } }, async (script) => {
      const report = await script.run()
      assert.deepEqual([report.fetched, report.skipped.ignored], [fetched, first === 'everything' ? 0 : ignored])
      script.remote.messages.push(...maildrop(1))
      assert.equal((await script.run()).fetched, 1)
      await script.run()
      assert.equal((await script.mail()).length, fetched + 1)
      await script.change({ leave: false })
      await script.run()
      assert.equal(script.remote.messages.length, first === 'everything' ? 0 : ignored) // what is not here stays there
    })) // prettier-ignore

test('PC-11 nothing is fetched before somebody has said what the first run takes; it shows how much there is', () =>
  scripted({ messages: maildrop(5), account: { first: null } }, async (script) => {
    await script.run(2)
    assert.deepEqual([script.status.is, script.status.reason], ['stopped', 'first-run'])
    assert.match(script.status.words, /5 messages, 0\.0 MB/)
    assert.equal(script.remote.counts.get('retr') ?? 0, 0)
    assert.equal((await script.rig.whole(script.mailbox)).length, 0) // who has not decided needs no alert
    await script.change({ first: 'everything' })
    await script.run()
    assert.deepEqual(await script.mail(), letters(5))
  }))

test('PC-11 an account whose mailbox was empty at first takes all that comes', () =>
  scripted({ account: { first: 'new' } }, async (script) => {
    await script.run()
    script.remote.messages = maildrop(3)
    await script.run()
    assert.deepEqual(await script.mail(), letters(3))
  }))

type Leaving = readonly [title: string, account: Partial<RemoteAccount>, days: number, left: string[]]
const leaving: readonly Leaving[] = [
  ['deleted at once', { leave: false }, 0, []],
  ['left for ever', { leave: true }, 400, ['uid-0', 'uid-1', 'uid-2', 'uid-3']],
  ['deleted after 5 days: not yet', { deleteAfterDays: 5, leave: true }, 4, ['uid-0', 'uid-1', 'uid-2', 'uid-3']],
  ['deleted after 5 days', { deleteAfterDays: 5, leave: true }, 5, []],
  ['deleted after 0 days', { deleteAfterDays: 0, leave: true }, 0, []],
  ['the newest 2 kept', { keepNewest: 2, leave: true }, 0, ['uid-2', 'uid-3']],
  ['the newest 0 kept', { keepNewest: 0, leave: true }, 0, []],
  ['the newest 700 octets kept', { keepBytes: 700, leave: true }, 0, ['uid-2', 'uid-3']],
]
for (const [title, account, days, left] of leaving)
  test(`PC-28, PC-30 ${title}`, () =>
    scripted({ messages: maildrop(4), account }, async (script) => {
      await script.run()
      script.later(days * dayMs)
      await script.run()
      assert.deepEqual(uids(script.remote.messages), left)
      await script.run(2)
      assert.deepEqual(await script.mail(), letters(4))
      assert.equal(script.status.left, left.length)
    }))

test('PC-28 what was deleted here is deleted there, and nothing else', () =>
  scripted({ messages: maildrop(4), account: { leave: true, deleteWithLocal: true } }, async (script) => {
    await script.run(2)
    assert.equal(script.remote.gone.length, 0)
    await script.rig.deleteHere([2], script.mailbox)
    await script.run(2)
    assert.deepEqual(uids(script.remote.messages), ['uid-0', 'uid-2', 'uid-3'])
    assert.equal((await script.mail()).length, 3)
  }))

test('PC-28 what was deleted here and is left there does not come back', () =>
  scripted({ messages: maildrop(4), account: { leave: true } }, async (script) => {
    await script.run()
    await script.rig.deleteHere([1, 2, 3, 4], script.mailbox)
    await script.run(2)
    assert.deepEqual(await script.mail(), [])
    assert.equal(script.remote.messages.length, 4)
  }))

test('PC-29 "leave" switched off deletes only what comes from then on, until somebody confirms', () =>
  scripted({ messages: maildrop(3), account: { leave: true } }, async (script) => {
    await script.run()
    script.later(1000)
    await script.change({ leave: false, deletesFrom: script.rig.world.clock.now() })
    script.later(1000)
    script.remote.messages.push(maildrop(4)[3]!)
    await script.run(2)
    assert.deepEqual(uids(script.remote.messages), ['uid-0', 'uid-1', 'uid-2'])
    await script.change({ deletesFrom: 0 })
    await script.run()
    assert.deepEqual(script.remote.messages, [])
    assert.deepEqual(await script.mail(), letters(4))
  }))

test('PC-30 an old backup is put back: nothing is deleted there that it lacks, and what it lacks comes again', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'netcruiser-backup-'))
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-restored-'))
  await using remote = await Pop3Remote.open({ messages: maildrop(3) })
  try {
    const account = { leave: true, deleteAfterDays: 5 }
    let id = 0
    {
      await using rig = await CollectRig.open({ folder })
      id = await rig.account(remote, account)
      await rig.collector.run(id)
    }
    cpSync(folder, copy, { recursive: true })
    {
      await using rig = await CollectRig.open({ folder })
      remote.messages = maildrop(6)
      await rig.collector.run(id)
      await rig.check([remote], { mailboxes: [rig.ann] })
      assert.deepEqual(await rig.mail(), letters(6))
    }
    rmSync(folder, { recursive: true })
    cpSync(copy, folder, { recursive: true })
    await using rig = await CollectRig.open({ folder })
    rig.later(6 * dayMs)
    await rig.collector.run(id)
    assert.deepEqual(uids(remote.messages), ['uid-3', 'uid-4', 'uid-5'])
    await rig.check([remote], { mailboxes: [rig.ann] })
    assert.deepEqual(await rig.mail(), letters(6))
    rig.later(6 * dayMs)
    await rig.collector.run(id)
    await rig.check([remote], { mailboxes: [rig.ann] })
    assert.deepEqual(remote.messages, [])
  } finally {
    for (const path of [copy, folder]) rmSync(path, { recursive: true, force: true })
  }
})

test('PC-31 what the server says about deleting by itself is kept for people: EXPIRE 0', () =>
  scripted({ messages: maildrop(1), capabilities: ['UIDL', 'TOP', 'EXPIRE 0'], account: { leave: true } }, async (script) => {
    await script.run()
    assert.equal(script.status.expireDays, 0)
    const { advice } = await script.rig.collector.test(script.rig.accounts.byId(script.id)!.settings)
    assert.match(advice.join(), /deletes messages once they were read/)
  })) // prettier-ignore

test('PC-21 larger messages stay there and are counted; those above a chosen size are deleted unread, and nothing else', () =>
  scripted({ messages: [...maildrop(2), ...maildrop(4, 3000).slice(2)], account: { sizeBytesMax: 2000 } }, async (script) => {
    const first = await script.run()
    assert.deepEqual([first.fetched, first.skipped.tooBig, first.left], [2, 2, 2])
    await script.change({ deleteLargerBytes: 1_000_000 })
    await script.run()
    assert.equal(script.remote.messages.length, 2)
    await script.change({ deleteLargerBytes: 2500 })
    await script.run(2)
    assert.deepEqual(script.remote.messages, [])
    assert.equal(script.remote.counts.get('retr'), 2)
    return { given: ['uid-2', 'uid-3'] }
  })) // prettier-ignore

for (const [title, caps, first] of [
  ['messages', { messagesMax: 4 }, 4],
  ['octets', { bytesMax: 1024 }, 3],
] as const)
  test(`PC-22 a run takes no more ${title} than its cap, and the next one goes on`, () =>
    scripted({ messages: maildrop(10), account: caps }, async (script) => {
      const { fetched, skipped } = await script.run()
      assert.deepEqual([fetched, skipped.notYet], [first, 10 - first])
      await script.run(3)
      assert.deepEqual(await script.mail(), letters(10))
      assert.deepEqual(script.remote.messages, [])
    }))

test('PC-22 a run that is cancelled keeps what it has, deletes only that, and the next one goes on', () =>
  scripted({ messages: maildrop(300), script: { retr: { delayMs: 2 } } }, async (script) => {
    const running = script.rig.collector.run(script.id, {
      onProgress: ({ messages }) => void (messages > 0 && script.rig.collector.cancel(script.id)),
    })
    const { fetched } = await running
    assert.ok(fetched > 0 && fetched < 300, `${fetched}`)
    assert.equal((await script.mail()).length, fetched)
    await script.rig.check([script.remote], { mailboxes: [script.mailbox] })
    script.remote.behave({ script: {} })
    await script.run(2)
    assert.deepEqual(await script.sorted(), letters(300).toSorted())
  }))

for (const at of ['greeting', 'pass', 'list', 'retr'] as const)
  test(`PC-22 a run that hangs at ${at} ends soon when it is cancelled`, () =>
    scripted({ messages: maildrop(2), script: { [at]: { octets: '', end: 'silence' } } }, async (script) => {
      const begun = performance.now()
      const running = script.rig.collector.run(script.id)
      while (!script.remote.counts.has(at)) await new Promise((go) => setTimeout(go, 5))
      script.rig.collector.cancel(script.id)
      await running
      assert.ok(performance.now() - begun < 5000)
      assert.equal(script.status.is, 'idle')
    }))

test('PC-23 a mailbox that gets full in the middle: the rest stays there and comes when there is room', () =>
  scripted({ messages: maildrop(10) }, async (script) => {
    const { store, directory } = script.rig
    await store.changeMailbox(script.mailbox, { quotaBytes: 2000 })
    await directory.reload()
    await script.run(2)
    assert.deepEqual([script.status.is, script.status.reason], ['failing', 'mailbox'])
    const kept = (await script.mail()).length
    assert.ok(kept > 0 && kept < 10)
    assert.ok(script.remote.gone.length <= kept)
    await store.changeMailbox(script.mailbox, { quotaBytes: null })
    await directory.reload()
    await script.run(2)
    assert.deepEqual(await script.mail(), letters(10))
  }))

for (const [title, changes] of [
  ['disabled', { disabled: 'refuse' }],
  ['removed', { deletedAt: 1 }],
] as const)
  test(`PC-23 a mailbox that is ${title}: nothing is fetched, nothing is deleted there`, () =>
    scripted({ messages: maildrop(3) }, async (script) => {
      await script.rig.store.changeMailbox(script.mailbox, changes)
      await script.rig.directory.reload()
      await script.run(2)
      assert.equal(script.status.reason, 'mailbox')
      assert.equal(script.remote.messages.length, 3)
      await script.rig.store.changeMailbox(script.mailbox, { disabled: null, deletedAt: null })
      await script.rig.directory.reload()
      await script.run()
      assert.deepEqual(await script.mail(), letters(3))
    }))

for (const [title, account] of [
  ['leaves days later', { leave: true, deleteAfterDays: 1 }],
  ['goes with the copy here', { leave: true, deleteWithLocal: true }],
] as const)
  test(`PC-23, PC-28 what ${title} stays there when its mailbox here is removed and purged`, async () => {
    await using rig = await CollectRig.open()
    const bobs = { uid: 'b', octets: 'Delivered-To: bob@example.org\r\n\r\nx\r\n' }
    await using remote = await Pop3Remote.open({ messages: [bobs] })
    const distribution = { header: 'Delivered-To', position: 1, guess: false }
    const id = await rig.account(remote, { ...account, distribution })
    await rig.collector.run(id)
    assert.deepEqual(await rig.mail(rig.bob), [bobs.octets])
    await rig.store.changeMailbox(rig.bob, { deletedAt: 1, name: 'bob deleted 1' })
    await rig.directory.reload()
    rig.later(2 * dayMs)
    await rig.collector.run(id)
    assert.deepEqual(remote.removed, [])
    await rig.store.purgeMailbox(rig.bob)
    await rig.directory.reload()
    await rig.collector.run(id)
    assert.deepEqual(remote.removed, [])
  })

test('PC-23, PC-39 an account whose mailbox was removed says so, also when nothing new is there, and deletes nothing there', () =>
  scripted({ messages: maildrop(3), account: { leave: true, deleteAfterDays: 1 } }, async (script) => {
    await script.run()
    await script.rig.store.changeMailbox(script.mailbox, { deletedAt: 1 })
    await script.rig.directory.reload()
    script.later(2 * dayMs)
    await script.run()
    assert.deepEqual([script.status.reason, script.remote.removed], ['mailbox', []])
  }))

test('PC-23 a mailbox that is removed while its mail comes: nothing goes there that is not here', () =>
  scripted({ messages: maildrop(100), script: { retr: { delayMs: 1 } } }, async (script) => {
    const running = script.rig.collector.run(script.id)
    while ((await script.mail()).length === 0) await new Promise((go) => setTimeout(go, 2))
    await script.rig.store.changeMailbox(script.mailbox, { deletedAt: 1 })
    await script.rig.directory.reload()
    await running
    assert.ok(script.remote.messages.length > 0)
    assert.ok(script.remote.gone.length <= (await script.mail()).length)
  }))

const faults = (['full', 'failed'] as const).flatMap((as) => [12, 14, 16, 20].map((failCommit) => ({ as, failCommit })))
for (const fault of faults)
  test(`PC-13, PC-23 the ${fault.failCommit}th commit fails, the disk is ${fault.as}: nothing is deleted there that is not here after a restart`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netcruiser-fault-'))
    await using remote = await Pop3Remote.open({ messages: maildrop(8), capabilities: ['UIDL', 'TOP'] })
    try {
      let id = 0
      {
        await using rig = await CollectRig.open({ folder, faults: fault })
        id = await rig.account(remote)
        await rig.collector.run(id).catch(() => undefined)
      }
      await using rig = await CollectRig.open({ folder })
      await rig.check([remote], { mailboxes: [rig.ann] })
      await rig.collector.run(id)
      await rig.collector.run(id)
      await rig.check([remote], { mailboxes: [rig.ann] })
      assert.deepEqual(await rig.mail(), letters(8))
      assert.deepEqual(remote.messages, [])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

test('PC-22, P3C-01 where removing takes longer than a run may, each run removes what it had time for', () =>
  scripted({ messages: maildrop(30), capabilities: ['UIDL', 'TOP', 'USER'], script: { dele: { delayMs: 100 } }, account: { leave: false, minutesMax: 1 } }, async (script) => {
    const first = await script.run()
    assert.equal(first.fetched, 30)
    assert.ok(first.removed > 0 && script.remote.messages.length < 30, `${first.removed} are removed`)
    for (let runs = 0; runs < 8 && script.remote.messages.length > 0; runs++) await script.run()
    assert.equal(script.remote.messages.length, 0)
    assert.equal((await script.mail()).length, 30)
  })) // prettier-ignore

test('PC-22, P3C-03 where looking at what is to go fills a run, each run removes what it has seen by then', () =>
  scripted({ messages: maildrop(30), capabilities: ['UIDL', 'TOP', 'USER'], account: { leave: true, minutesMax: 1 } }, async (script) => {
    await script.run()
    await script.change({ leave: false, deletesFrom: 0 })
    script.remote.behave({ script: { top: { delayMs: 100 } } })
    const { removed } = await script.run()
    assert.ok(removed > 0 && script.remote.messages.length === 30 - removed, `${removed} are removed`)
    for (let runs = 0; runs < 8 && script.remote.messages.length > 0; runs++) await script.run()
    assert.equal(script.remote.messages.length, 0)
    assert.equal((await script.mail()).length, 30)
  })) // prettier-ignore
