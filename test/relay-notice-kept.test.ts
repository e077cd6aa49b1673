// Notices whose reader takes none: only that one is lost, and neither the truth about the mail nor what others must hear.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { saying, Lab } from './relay-lab.ts'

const hourMs = 3_600_000
const full = (name: string) => ({ name, quotaBytes: 1 })
const failure = 'Your message could not be delivered'

/** A mailbox that has one message and takes no other. */
async function filled(lab: Lab, name: string): Promise<void> {
  await lab.send([`${name}@us.example`])
  await lab.run('mailbox.set', full(name))
}

for (const [who, other] of [
  ['ann', 'postmaster'],
  ['postmaster', 'ann'],
] as const)
  test(`DS-12 ${who} takes no mail: the failure is written down, and ${other} hears of it all the same`, async () => {
    await using lab = await Lab.open({ settings: { 'mailRelay.postmasterCopies': true } })
    lab.domain('far.example', await lab.host(saying('rcpt', '550 5.1.1 nobody')))
    await filled(lab, who)
    const key = await lab.send(['x@far.example'])
    assert.deepEqual(await lab.fates(key), ['failed 550'])
    assert.deepEqual(await lab.inbox(who), ['x'])
    assert.deepEqual(await lab.inbox(other), [failure])
    const steps = (await lab.store.trace({ limit: 100 })).map(({ step }) => step)
    assert.equal(steps.includes('notified'), true)
    const lost = (await lab.store.trace({ limit: 100 })).filter(({ step }) => step === 'notice-lost')
    assert.deepEqual(
      lost.map(({ detail }) => detail['storedIn']),
      [[who]],
    )
  })

test('DL-01 who takes no mail is told of no delay, and is asked once', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.delayNoticeMs': hourMs } })
  lab.domain('far.example', lab.address())
  await filled(lab, 'ann')
  const key = await lab.send(['x@far.example'])
  for (let tries = 1; tries <= 5; tries++) {
    const [row] = await lab.tried(key, tries)
    lab.later(row!.memo.retryAt! - lab.now())
  }
  const [row] = await lab.until(
    () => lab.rows(key),
    ([one]) => one!.state === 'waiting' && one!.dueAt > lab.now(),
  )
  assert.ok(row!.memo.delayNoticeAt! > row!.acceptedAt)
  const lost = (await lab.store.trace({ limit: 100 })).filter(({ step }) => step === 'notice-lost')
  assert.equal(lost.length, 1)
  assert.deepEqual(await lab.inbox('ann'), ['x'])
})

test('RO-26 a mail to the postmaster that could not be kept comes when there is room', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.mx': false, 'mailRelay.alternate': 'smart' } })
  await lab.smart(saying('greeting', '554 5.3.2 closed'))
  await filled(lab, 'postmaster')
  const key = await lab.send(['x@far.example'])
  await lab.tried(key)
  assert.deepEqual(await lab.inbox('postmaster'), ['x'])
  await lab.run('mailbox.set', { name: 'postmaster', quotaBytes: null })
  lab.later(2 * hourMs)
  await lab.tried(key, 2)
  assert.deepEqual(await lab.inbox('postmaster'), ['x', 'Not usable: smart'])
})

test('QU-11 what is sent back by hand is sent back, also when its sender takes no mail', async () => {
  await using lab = await Lab.open()
  lab.domain('far.example', lab.address())
  await filled(lab, 'ann')
  const key = await lab.send(['x@far.example'])
  await lab.tried(key)
  assert.equal(((await lab.run('queue.bounce', { what: key })) as { changed: number }).changed, 1)
  assert.deepEqual(await lab.fates(key), ['failed 554'])
})
