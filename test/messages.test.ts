// Messages of a mailbox as the console and the command line see them, on a real store.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { purgeExpired } from '#/mailboxes/deleted.ts'
import type { MessageHits, MessagePage, ShownMessage } from '#/operations/messages.ts'
import { operations } from '#/operations/table.ts'
import { downloads } from '#/operations/tables/downloads.ts'
import { operationsRig, type Operations } from './operations-rig.ts'
import { arrive } from './messages-rig.ts'

const pageOf = async (rig: Operations, more: object = {}, name = 'message.list'): Promise<MessagePage> =>
  (await rig.run(name, { mailbox: 'ann', ...more })) as MessagePage
const subjects = ({ rows }: { rows: MessagePage['rows'] }): string[] => rows.map(({ subject }) => subject)
const show = async (rig: Operations, uid: number): Promise<ShownMessage> =>
  (await rig.run('message.show', { mailbox: 'ann', uid })) as ShownMessage
const dayMs = 86_400_000

test('MB-06 a mailbox is listed newest first by pages, each row with who, what, first words and whether files come with it', async () => {
  await using rig = await operationsRig()
  await arrive(rig, 'ann', [
    'From: =?utf-8?Q?J=C3=B6rg?= <j@b.example>\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\r\n\r\nHello Ann,\r\nhow are you?\r\n',
    'From: b@c.example\r\nSubject: two\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/html\r\n\r\n<style>p{}</style><p>Two &amp; a half</p>\r\n--q\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Type: application/pdf\r\n\r\nxx\r\n--q--\r\n',
    'Subject: three\r\n\r\n',
  ])
  const first = await pageOf(rig, { limit: 2 })
  assert.deepEqual(subjects(first), ['three', 'two'])
  assert.deepEqual([first.messages, first.unseen], [3, 3])
  const second = await pageOf(rig, { limit: 2, after: first.next })
  assert.equal(second.next, null)
  const [row] = second.rows
  assert.deepEqual(
    [row?.from, row?.subject, row?.preview],
    [{ name: 'Jörg', address: 'j@b.example' }, 'Grüße', 'Hello Ann, how are you?'],
  )
  assert.deepEqual(
    first.rows.map(({ hasAttachments, preview }) => [hasAttachments, preview]),
    [
      [false, ''],
      [true, 'Two & a half'],
    ],
  )
})

test('MB-06 a search looks through subject and people, newest first, and goes on where it ended', async () => {
  await using rig = await operationsRig()
  await arrive(rig, 'ann', [
    'Subject: boats\r\n\r\n',
    'From: Boat Yard <y@b.example>\r\n\r\n',
    'Subject: x\r\n\r\nboat\r\n',
  ])
  const hits = async (more: object): Promise<MessageHits> =>
    (await rig.run('message.search', { mailbox: 'ann', ...more })) as MessageHits
  const all = await hits({ text: 'BOAT' })
  assert.deepEqual([all.rows.map(({ uid }) => uid), all.looked, all.next], [[2, 1], 3, null])
  assert.deepEqual((await hits({ text: 'yard y@b' })).rows.length, 1)
  const one = await hits({ text: 'boat', limit: 1 })
  assert.deepEqual(
    (await hits({ text: 'boat', after: one.next })).rows.map(({ uid }) => uid),
    [1],
  )
})

test('MB-06 what is read is marked, and the mark is taken back', async () => {
  await using rig = await operationsRig()
  await arrive(rig, 'ann', ['Subject: 1\r\n\r\n', 'Subject: 2\r\n\r\n'])
  assert.deepEqual(await rig.run('message.flag', { mailbox: 'ann', uids: [1, 2], seen: true }), { unseen: 0 })
  assert.deepEqual(await rig.run('message.flag', { mailbox: 'ann', uids: [2], seen: false }), { unseen: 1 })
  assert.deepEqual(
    (await pageOf(rig)).rows.map(({ seen }) => seen),
    [false, true],
  )
})

test('MB-03 a deleted message can be restored within its days of grace, and is gone for good after them', async () => {
  await using rig = await operationsRig()
  await arrive(rig, 'ann', ['Subject: 1\r\n\r\n', 'Subject: 2\r\n\r\n', 'Subject: 3\r\n\r\n'])
  await rig.run('message.delete', { mailbox: 'ann', uids: [1, 2, 77] })
  assert.deepEqual(subjects(await pageOf(rig)), ['3'])
  const deleted = await pageOf(rig, {}, 'message.deleted')
  assert.deepEqual([subjects(deleted), deleted.deletedMessages, deleted.messages], [['2', '1'], 2, 1])
  assert.equal((await show(rig, 1)).subject, '1')
  assert.deepEqual(await rig.run('message.restore', { mailbox: 'ann', uids: [2] }), { restored: 1 })
  assert.deepEqual(subjects(await pageOf(rig)), ['2', '3'])
  const purge = (): Promise<number> =>
    purgeExpired({ store: rig.store, settingsNow: rig.context.settings.now, clock: rig.context.world.clock })
  rig.later(13 * dayMs)
  assert.equal(await purge(), 0)
  rig.later(2 * dayMs)
  assert.equal(await purge(), 1)
  assert.deepEqual((await rig.store.verify()).problems, [])
  await assert.rejects(show(rig, 1), /There is no message 1/)
})

test('MB-03 without days of grace a deleted message goes at once, and the trace tells each step', async () => {
  await using rig = await operationsRig()
  const [key] = await arrive(rig, 'ann', ['Subject: 1\r\n\r\n'])
  await rig.run('settings.set', { name: 'mailboxes.messageGraceDays', value: 0 })
  assert.deepEqual(await rig.run('message.delete', { mailbox: 'ann', uids: [1] }), {
    deleted: 1,
    restorableUntil: null,
  })
  assert.equal((await pageOf(rig, {}, 'message.deleted')).deletedMessages, 0)
  const steps = (await rig.store.trace({ ref: key!, limit: 9 })).map(({ step }) => step)
  assert.deepEqual(steps, ['sent', 'message-purged'])
})

test('WEB-12 an owner reads their own mailbox and no other, by operations and by downloads', async () => {
  await using rig = await operationsRig()
  await arrive(rig, 'ann', ['Subject: 1\r\n\r\n'])
  await rig.run('mailbox.add', { name: 'bob' })
  const asBob = rig.as('bob')
  for (const name of ['message.list', 'message.deleted'])
    await assert.rejects(asBob(name, { mailbox: 'ann' }), /not your mailbox/)
  for (const name of ['message.show', 'message.source'])
    await assert.rejects(asBob(name, { mailbox: 'ann', uid: 1 }), /not your/)
  for (const name of ['message.delete', 'message.restore', 'message.purge'])
    await assert.rejects(asBob(name, { mailbox: 'ann', uids: [1] }), /not your mailbox/)
  for (const [name, { owner }] of downloads)
    if (/^(message|attachment)/.test(name))
      assert.throws(() => owner?.({ mailbox: 'ann' } as never, 'bob'), /not your mailbox/)
  assert.equal(((await rig.as('ann')('message.list', { mailbox: 'Ann' })) as MessagePage).messages, 1)
})

test('MB-06 what is answered is what the API says it is', async () => {
  await using rig = await operationsRig()
  await arrive(rig, 'ann', [
    'From: a@b.example, c@d.example\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/html\r\n\r\n<a href="http://x.example">x</a>\r\n--q\r\nContent-Type: image/png\r\n\r\nx\r\n--q--\r\n',
    'nothing\r\n',
  ])
  const one = { mailbox: 'ann', uid: 1 }
  const some = { mailbox: 'ann', uids: [1, 2] }
  for (const [name, asked] of [
    ['message.list', { mailbox: 'ann', limit: 1 }],
    ['message.search', { mailbox: 'ann', text: 'b' }],
    ['message.show', one],
    ['message.show', { mailbox: 'ann', uid: 2 }],
    ['message.source', one],
    ['message.flag', { ...some, seen: true }],
    ['message.delete', some],
    ['message.deleted', { mailbox: 'ann' }],
    ['message.restore', { mailbox: 'ann', uids: [1] }],
    ['message.purge', some],
  ] as const)
    operations.get(name)!.answer!.parse(await rig.run(name, asked))
})

test('MB-06 a page mark of another list is refused in words', async () => {
  await using rig = await operationsRig()
  await arrive(rig, 'ann', ['Subject: 1\r\n\r\n'])
  await assert.rejects(rig.run('message.list', { mailbox: 'ann', after: '1.2' }), /begin with the first page/)
  await assert.rejects(rig.run('message.deleted', { mailbox: 'ann', after: '12' }), /begin with the first page/)
})

test('SX-05 a message that breaks the thread costs one answer in words; its header, its source and the next message are shown', async () => {
  await using rig = await operationsRig()
  let deep = 'Content-Type: text/plain\r\n\r\nx'
  for (let i = 0; i < 200; i++)
    deep = `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n${deep}\r\n--b${i}--`
  await arrive(rig, 'ann', [`Subject: bomb\r\n${deep}\r\n`, 'Subject: fine\r\n\r\nx\r\n'])
  const bomb = await show(rig, 1)
  assert.deepEqual([bomb.subject, bomb.problem === null], ['bomb', false])
  const { text } = (await rig.run('message.source', { mailbox: 'ann', uid: 1 })) as { text: string }
  assert.match(text, /Subject: bomb/)
  assert.deepEqual([(await show(rig, 2)).problem, (await show(rig, 2)).text], [null, 'x\n'])
})
