// The daily digest: what it tells, to whom, and that a day has one.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { MessageKey } from '#/message/key.ts'
import { digestText, sendDigest } from '#/operations/digest.ts'
import type { ShownDelivery } from '#/operations/queue-select.ts'
import { operationsRig, type Operations } from './operations-rig.ts'

const dayMs = 86_400_000
const today = (rig: Operations): number => Math.floor(rig.context.world.clock.now() / dayMs)
async function inbox(rig: Operations): Promise<string[]> {
  const [ann] = await rig.store.mailboxes()
  const { uids } = await rig.store.list(ann!.id)
  return Promise.all(
    [...uids].map(async (uid) => {
      let text = ''
      for await (const chunk of rig.store.openMessage(ann!.id, uid)) text += Buffer.from(chunk).toString('latin1')
      return text
    }),
  )
}

test('DS-11 the postmaster is told once a day of what failed, is held and waits, also when notices are off', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  await rig.run('settings.set', { name: 'mailRelay.sendFailureNotices', value: false })
  assert.equal(await sendDigest(rig.context, today(rig)), false, 'nothing to tell')
  for (const to of ['bob@far.example', 'cyd@far.example', 'dan@far.example'])
    await rig.run('send', { from: 'ann', to: [to], text: 'x' })
  await rig.run('queue.bounce', { what: 'bob@' })
  await rig.run('queue.hold', { what: 'cyd@', why: 'asks Cyd' })
  assert.equal(await sendDigest(rig.context, today(rig)), true)
  assert.equal(await sendDigest(rig.context, today(rig)), false, 'one a day')
  const mails = await inbox(rig)
  assert.equal(mails.length, 1)
  assert.match(mails[0]!, /Subject: Mail that failed or waits on mx\.example\.net\r\n/)
  assert.match(mails[0]!, /Failed in the last day: 1\. Held: 1\. Waiting: 1, 0 of them after an attempt\./)
  assert.match(mails[0]!, /Failed:\r\n {2}<ann@mx\.example\.net> to bob@far\.example: 554 5\.0\.0 Sent back/)
  assert.match(mails[0]!, /Held:\r\n {2}<ann@mx\.example\.net> to cyd@far\.example: asks Cyd/)
  rig.later(2 * dayMs)
  assert.equal(await sendDigest(rig.context, today(rig)), true)
  assert.match((await inbox(rig))[1]!, /Failed in the last day: 0\. Held: 1/)
})

test('DS-11 where nothing finished is kept, the trace tells the digest what failed', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  await rig.run('settings.set', { name: 'mailRelay.sendFailureNotices', value: false })
  await rig.run('settings.set', { name: 'mailRelay.keepFinishedDays', value: 0 })
  for (const to of ['bob@far.example', 'cyd@far.example']) await rig.run('send', { from: 'ann', to: [to], text: 'x' })
  const { key: ref } = (await rig.run('send', { from: 'ann', to: ['dan@far.example'], text: 'x' })) as { key: string }
  await rig.run('queue.bounce', { what: 'bob@' })
  await rig.run('queue.hold', { what: 'cyd@', why: 'asks Cyd' })
  await rig.store.queue.prune(rig.context.world.clock.now())
  const base = { ref, at: rig.context.world.clock.now(), client: null, subject: null, messageId: null }
  const [from, reply] = ['<ann@mx.example.net>', '550 5.1.1 No such user']
  await rig.store.record([
    { ...base, from, step: 'failed', to: ['dan@far.example', 'eve@far.example'], detail: { attempt: 1, reply } },
    { ...base, from, step: 'failed', to: ['f@far.example'], detail: { replies: { '552 Full': ['f@far.example'] } } },
    { ...base, from: '<>', step: 'notice-withheld', to: ['gus@far.example'], detail: {} },
  ])
  assert.equal(await sendDigest(rig.context, today(rig)), true)
  const [mail] = await inbox(rig)
  assert.match(mail!, /Failed in the last day: 4\. Held: 1\. Waiting: 1, .*\r\nConfirmations not mailed, .*: 1\.\r\n/)
  assert.match(mail!, /\r\n {2}<ann@mx\.example\.net> to bob@far\.example: Sent back by hand \[/)
  assert.match(mail!, /\r\n {2}<ann@mx\.example\.net> to eve@far\.example: 550 5\.1\.1 No such user \[/)
  assert.match(mail!, /\r\n {2}<ann@mx\.example\.net> to f@far\.example: 552 Full \[/)
  rig.later(2 * dayMs)
  assert.equal(await sendDigest(rig.context, today(rig)), true)
  assert.match((await inbox(rig))[1]!, /Failed in the last day: 0\. Held: 1/)
})

test('a long digest is cut short', () => {
  const row = { from: '<a@b>', to: 'c@d', lastReply: '550 no', message: 'KEY' } as ShownDelivery // what the text uses
  const figures = { waiting: 0, deferred: 0, leased: 0, held: 0, oldestAcceptedAt: null }
  const failed = Array.from({ length: 60 }, () => row)
  const text = digestText({ figures, destinations: [], failed, more: true, withheld: 0, held: [] })
  assert.match(text, /day: 60 or more\./)
  assert.match(text, /\n {2}and 10 more\n/)
})

test('DS-13 notices that nobody was mailed are counted', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  const { key } = (await rig.run('send', { from: 'ann', to: ['bob@far.example'], text: 'x' })) as { key: MessageKey }
  const [row] = await rig.store.queue.ofMessage(key)
  const stranger = { client: '192.0.2.1', ehlo: 'x', about: key }
  const at = rig.context.world.clock.now()
  await rig.store.queue.move({ at, moves: [{ row: row!, to: { ...row!, state: 'dropped', memo: { stranger } } }] })
  assert.equal(await sendDigest(rig.context, today(rig)), true)
  assert.match((await inbox(rig))[0]!, /Confirmations not mailed, because the sender may be forged: 1\./)
})
