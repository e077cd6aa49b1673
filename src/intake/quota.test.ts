// How full a mailbox may get, by the real intake over a real store: announced sizes, parallel deliveries, warnings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock } from '#/world/node/clock.ts'
import { address, intakeRig, recipient, stranger, type Rig } from './test-rig.ts'
import type { Accepted } from './types.ts'

const from = address('x@sender.example')
const mail = ['Subject: x\r\n\r\nbody\r\n']

async function rcpt(rig: Rig, to: string, sizeBytes: number | null = null, accepted: Accepted[] = []): Promise<string> {
  const { reply } = await rig.intake.judgeRecipient(stranger, { from, sizeBytes }, recipient(to), accepted)
  return `${reply.code} ${reply.status}`
}

async function limit(rig: Rig, quotaBytes: number | null): Promise<void> {
  await rig.store.changeMailbox(rig.ann, { quotaBytes })
  await rig.directory.reload()
}

/** The quota that so many of our messages fill exactly. */
async function limitTo(rig: Rig, messages: number): Promise<void> {
  await rig.send(mail, ['bob@example.org'])
  await limit(rig, messages * (await rig.store.mailboxState(rig.bob)).bytes)
}

async function warnings(rig: Rig, count: number, wanted = 'mailbox-filling'): Promise<unknown[]> {
  const seen = async () => (await rig.trace()).filter(({ step }) => step === wanted).reverse()
  for (let i = 0; (await seen()).length < count && i < 50; i++) await clock.sleep(10) // written soon, in a group
  return (await seen()).map(({ to, detail }) => `${to.join()} ${String(detail['percent'])}`)
}

test('MB-03: a full mailbox defers or refuses by what it holds now', async () => {
  await using rig = await intakeRig()
  await limit(rig, 100)
  assert.equal(await rcpt(rig, 'ann@example.org'), '250 2.1.5')
  await rig.send(mail, ['ann@example.org'])
  assert.equal(await rcpt(rig, 'ann@example.org'), '452 4.2.2')
  rig.set({ overQuota: 'refuse' })
  assert.equal(await rcpt(rig, 'ann@example.org'), '552 5.2.2')
})

test('MB-03: the announced size counts, up to the last octet', async () => {
  await using rig = await intakeRig()
  await limit(rig, 5000)
  assert.equal(await rcpt(rig, 'ann@example.org', 5000), '250 2.1.5')
  assert.equal(await rcpt(rig, 'ann@example.org', 5001), '452 4.2.2')
  await rig.send(mail, ['ann@example.org'])
  const { bytes } = await rig.store.mailboxState(rig.ann)
  assert.equal(await rcpt(rig, 'ann@example.org', 5000 - bytes), '250 2.1.5')
  assert.equal(await rcpt(rig, 'ann@example.org', 5001 - bytes), '452 4.2.2')
  assert.equal(await rcpt(rig, 'bob@example.org', 1_000_000), '250 2.1.5')
})

test('MB-03, AD-09: whom this message reaches already needs no room for it again', async () => {
  await using rig = await intakeRig()
  await limit(rig, 5000)
  const route = { mailboxes: [rig.ann], outside: [], allowedBy: 'local' }
  const accepted = [{ recipient: recipient('ann@example.org'), route }]
  assert.equal(await rcpt(rig, 'ann+again@example.org', 9000, accepted), '250 2.1.5')
})

test('MB-03: a list works while one of its mailboxes is full: the rest get it, the full one is named and warned of once', async () => {
  await using rig = await intakeRig()
  const map = (name: string, ...targets: string[]): Promise<void> =>
    rig.store.putAddress({ address: `${name}@example.org`, targets, note: '', expiresAt: null })
  await Promise.all([map('team', 'ann', 'bob'), map('both', 'ann', 'far@elsewhere.example'), map('alone', 'ann')])
  await limitTo(rig, 1)
  const stored = async (mailbox: number): Promise<number> => (await rig.store.mailboxState(mailbox)).messages
  for (const to of ['team', 'team', 'both', 'team']) assert.match(await rig.send(mail, [`${to}@example.org`]), /^250/)
  assert.deepEqual([await stored(rig.ann), await stored(rig.bob)], [1, 4])
  assert.equal((await rig.store.queue.find({ limit: 9 })).length, 1)
  assert.equal(await rcpt(rig, 'alone@example.org'), '452 4.2.2')
  const told = (await rig.trace()).map(({ detail }) => detail['full']).filter((full) => full !== undefined)
  assert.deepEqual(told, [['ann'], ['ann'], ['ann']])
  assert.deepEqual(await warnings(rig, 1, 'mailbox-full'), ['ann 100'])
  await limit(rig, 100_000)
  assert.match(await rig.send(mail, ['team@example.org']), /^250/)
  assert.deepEqual([await stored(rig.ann), await stored(rig.bob)], [2, 5])
  await limit(rig, 10)
  await rig.send(mail, ['team@example.org'])
  assert.equal((await warnings(rig, 2, 'mailbox-full')).length, 2) // full anew, told anew
})

test('MB-04: messages that were judged at the same time exceed a quota by one at most; the rest come again', async () => {
  await using rig = await intakeRig()
  await limitTo(rig, 2)
  const replies = await Promise.all([1, 2, 3, 4, 5].map(() => rig.send(mail, ['ann@example.org'])))
  const stored = replies.filter((reply) => reply.startsWith('250')).length
  assert.ok(stored >= 2 && stored <= 3)
  assert.equal(replies.filter((reply) => reply.startsWith('452 4.2.2')).length, 5 - stored)
  assert.equal((await rig.store.mailboxState(rig.ann)).messages, stored)
})

test('MB-03: the operator is told at 80 and 95 percent, once each, and again after mail was deleted', async () => {
  await using rig = await intakeRig()
  await limitTo(rig, 20)
  const fill = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) assert.match(await rig.send(mail, ['ann@example.org']), /^250/)
  }
  await fill(15)
  assert.deepEqual(await warnings(rig, 0), [])
  await Promise.all([fill(1), fill(1)])
  assert.deepEqual(await warnings(rig, 1), ['ann 80'])
  await fill(3)
  assert.deepEqual(await warnings(rig, 2), ['ann 80', 'ann 95'])
  const event = { ref: 'r', at: 1, step: 'deleted', client: null, from: null, to: [], subject: null, messageId: null }
  const { uids } = await rig.store.list(rig.ann)
  await rig.store.removeEntries(rig.ann, [...uids.subarray(0, 10)], { ...event, detail: {} })
  await fill(6)
  assert.deepEqual(await warnings(rig, 3), ['ann 80', 'ann 95', 'ann 80'])
})

test('MB-03: a mailbox without a quota is never asked about', async () => {
  await using rig = await intakeRig()
  rig.store.mailboxState = () => Promise.reject(new Error('nobody asks'))
  assert.equal(await rcpt(rig, 'ann@example.org', 1e12), '250 2.1.5')
  assert.match(await rig.send(mail, ['ann@example.org']), /^250/)
})
