// The queue workbench on a store without a relay, as on a stopped server: what is found, what each act does and tells.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { messageKey } from '#/message/key.ts'
import type { Done } from '#/operations/queue-change.ts'
import type { QueueGroups, QueuePage } from '#/operations/queue-page.ts'
import type { ShownDelivery } from '#/operations/queue-select.ts'
import type { Sent } from '#/operations/send.ts'
import { fatesOf } from '#/operations/story-fates.ts'
import { perform } from '#/operations/table.ts'
import type { DeliveryRow, Fate } from '#/storage/queue.ts'
import type { TraceEvent } from '#/storage/store.ts'
import { operationsRig, type Operations } from './operations-rig.ts'

async function queued(rig: Operations, to: readonly string[], more: object = {}): Promise<string> {
  const sent = (await rig.run('send', { from: 'ann@here.example', to, subject: 'x', text: 'y', ...more })) as Sent
  assert.ok(sent.key !== null)
  return sent.key
}
const list = async (rig: Operations, selection: object = {}): Promise<ShownDelivery[]> =>
  (await rig.run('queue.list', selection)) as ShownDelivery[]
const tos = async (rig: Operations, selection: object = {}): Promise<string[]> =>
  (await list(rig, selection)).map(({ to }) => to)
const row = async (rig: Operations, key: string): Promise<DeliveryRow> => (await rig.store.queue.ofMessage(key))[0]!
const steps = async (rig: Operations, key: string): Promise<TraceEvent[]> => rig.store.trace({ ref: key, limit: 50 })
const change = (rig: Operations, one: DeliveryRow, to: Partial<Fate>): Promise<unknown> =>
  rig.store.queue.move({ at: 5000, moves: [{ row: one, to: { ...one, ...to } }] })

test('QU-11 deliveries are selected by key, address, destination, age, reason and state', async () => {
  await using rig = await operationsRig()
  const key = await queued(rig, ['bob@far.example', 'cyd@near.example'])
  rig.later(7_200_000)
  const young = await queued(rig, ['dan@far.example'])
  const [bob] = await rig.store.queue.ofMessage(key)
  await change(rig, bob!, { lastReply: { code: 450, status: '4.2.0', lines: ['Greylisted for now'] } })
  await rig.run('queue.hold', { what: 'cyd@', why: 'asks Cyd' })
  const cases: readonly [object, string[]][] = [
    [{}, ['bob@far.example', 'cyd@near.example', 'dan@far.example']],
    [{ what: key }, ['bob@far.example', 'cyd@near.example']],
    [{ what: `${key}-00001` }, ['cyd@near.example']],
    [{ what: young }, ['dan@far.example']],
    [{ what: messageKey(1, new Uint8Array(10)) }, []],
    [{ what: '@far' }, ['bob@far.example', 'dan@far.example']],
    [{ what: 'ann@here' }, ['bob@far.example', 'cyd@near.example', 'dan@far.example']],
    [{ destination: 'NEAR.example' }, ['cyd@near.example']],
    [{ olderMs: 3_600_000 }, ['bob@far.example', 'cyd@near.example']],
    [{ reason: 'greylist' }, ['bob@far.example']],
    [{ reason: 'cyd' }, ['cyd@near.example']],
    [{ state: 'held' }, ['cyd@near.example']],
    [{ limit: 1 }, ['bob@far.example']],
    [{ finished: true }, []],
  ]
  for (const [selection, expected] of cases)
    assert.deepEqual(await tos(rig, selection), expected, JSON.stringify(selection))
})

test('QU-11 an act on more than one delivery says how many and waits for --yes, and nothing named is not everything', async () => {
  await using rig = await operationsRig()
  await queued(rig, ['bob@far.example', 'cyd@far.example'])
  await assert.rejects(rig.run('queue.drop', { destination: 'far.example' }), /2 deliveries: say --yes/)
  await assert.rejects(rig.run('queue.drop', { yes: true }), /say --all/)
  assert.equal(await rig.run('queue.count', { all: true }), 2)
  assert.partialDeepStrictEqual(await rig.run('queue.drop', { all: true, yes: true }), { changed: 2, busy: 0 })
  assert.deepEqual(await tos(rig), [])
  assert.deepEqual(await tos(rig, { finished: true }), ['cyd@far.example', 'bob@far.example'])
  await assert.rejects(rig.run('queue.drop', { what: 'bob@' }), /No such delivery/)
})

test('QU-11 a retry by hand is due now, and each act is told with who did it', async () => {
  await using rig = await operationsRig()
  const key = await queued(rig, ['bob@far.example'])
  const waits = await row(rig, key)
  await change(rig, waits, { dueAt: waits.dueAt + 9_000_000, memo: { retryAt: waits.dueAt + 9_000_000, route: 'mx' } })
  rig.later(1000)
  await rig.run('queue.retry', { what: key })
  const again = await row(rig, key)
  assert.ok(again.dueAt < waits.dueAt + 60_000)
  assert.deepEqual(again.memo, { route: 'mx' })
  const told = (await steps(rig, key)).find(({ step }) => step === 'retried')
  assert.deepEqual([told?.to, told?.detail], [['bob@far.example'], { by: 'command line' }])
})

test('QU-12 time in a hold does not count, and what was released is held by no rule again', async () => {
  await using rig = await operationsRig()
  const key = await queued(rig, ['bob@far.example'])
  await rig.run('queue.hold', { what: key, why: 'asks Bob' })
  const [shown] = await list(rig)
  assert.deepEqual([shown!.state, shown!.waitsFor, shown!.nextAttemptAt], ['held', 'asks Bob (command line)', null])
  await assert.rejects(rig.run('queue.retry', { what: key }), /this is for what is waiting/)
  rig.later(3_600_000)
  await rig.run('queue.release', { what: key })
  const { state, memo } = await row(rig, key)
  assert.deepEqual([state, memo.hold, memo.released], ['waiting', undefined, true])
  assert.ok(memo.heldMs! >= 3_600_000 && memo.heldMs! < 3_700_000)
  await rig.run('queue.hold', { what: key })
  rig.later(1000)
  await rig.run('queue.release', { what: key })
  assert.ok((await row(rig, key)).memo.heldMs! >= memo.heldMs! + 1000)
})

test('QU-11 a message is sent another way once, and only where there is one', async () => {
  await using rig = await operationsRig()
  const key = await queued(rig, ['bob@far.example'])
  await assert.rejects(rig.run('queue.reroute', { what: key, route: 'alternate:smart' }), /no route/)
  await rig.run('alternate.add', { name: 'smart', hosts: ['smart.example:587'] })
  await rig.run('queue.reroute', { what: key, route: 'alternate:smart' })
  assert.equal((await row(rig, key)).memo.onceRoute, 'alternate:smart')
})

test('QU-11, QU-12 what is held and sent another way stays held, and the answer says so', async () => {
  await using rig = await operationsRig()
  const key = await queued(rig, ['bob@far.example', 'eve@far.example'])
  await rig.run('queue.hold', { what: 'bob@far.example' })
  const done = await rig.run('queue.reroute', { what: key, route: 'mx', yes: true })
  assert.partialDeepStrictEqual(done, { changed: 2, held: 1 })
  const rows = await rig.store.queue.ofMessage(key)
  assert.deepEqual(
    rows.map(({ state, memo }) => [state, memo.onceRoute]),
    [
      ['held', 'mx'],
      ['waiting', 'mx'],
    ],
  )
  const fates = fatesOf(await rig.store.trace({ ref: key, limit: 100 })).recipients
  assert.deepEqual(fates.map(({ to, is }) => `${to} ${is}`).toSorted(), [
    'bob@far.example held',
    'eve@far.example waiting',
  ])
  await rig.run('queue.release', { what: 'bob@far.example' })
  assert.equal((await rig.store.queue.ofMessage(key))[0]!.memo.onceRoute, 'mx')
})

test('QU-11 lifetime and priority are changed by hand', async () => {
  await using rig = await operationsRig()
  const key = await queued(rig, ['bob@far.example'])
  await assert.rejects(rig.run('queue.edit', { what: key }), /Say what to change/)
  await rig.run('queue.edit', { what: key, lifetimeMs: 60_000, priority: 2 })
  const { memo, priority } = await row(rig, key)
  assert.deepEqual([memo.lifetimeMs, priority], [60_000, 2])
  await rig.run('queue.edit', { what: key, priority: 1 })
  assert.equal((await row(rig, key)).memo.lifetimeMs, 60_000)
})

test('QU-11, DS-12 a message is sent back with a notice to its sender, one for all its recipients, or dropped without', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  const from = 'ann@mx.example.net'
  const key = await queued(rig, ['bob@far.example', 'cyd@near.example'], { from })
  const dropped = await queued(rig, ['dan@far.example'], { from })
  await rig.run('queue.bounce', { what: key, yes: true })
  await rig.run('queue.drop', { what: dropped })
  assert.deepEqual(
    (await list(rig, { finished: true })).map(({ to, state }) => `${to} ${state}`),
    ['dan@far.example dropped', 'cyd@near.example failed', 'bob@far.example failed'],
  )
  const [ann] = await rig.store.mailboxes()
  assert.equal(ann!.messages, 1)
  let notice = ''
  for await (const chunk of rig.store.openMessage(ann!.id, 1)) notice += Buffer.from(chunk).toString('latin1')
  assert.match(notice, /Sent back by the administrator/)
  assert.match(notice, /Final-Recipient: rfc822; ?bob@far\.example[^]*Final-Recipient: rfc822; ?cyd@near\.example/)
  assert.doesNotMatch(notice, /The other server did not take/)
})

test('QU-11 what is being delivered right now is waited for a little, and then left alone', async () => {
  await using rig = await operationsRig()
  const outgoing = { wake: () => undefined, queued: () => undefined } as never // a relay at work, as far as it is asked
  const run = (name: string, parameters: object) => perform({ ...rig.context, outgoing }, { name, parameters })
  const key = await queued(rig, ['bob@far.example', 'cyd@far.example'])
  const [bob] = await rig.store.queue.ofMessage(key)
  const lease = { node: 'a', until: Number.MAX_SAFE_INTEGER }
  await change(rig, bob!, { state: 'leased', lease })
  await assert.rejects(run('queue.drop', { what: bob!.id }), /being delivered right now/)
  assert.partialDeepStrictEqual(await run('queue.drop', { what: key, yes: true }), { changed: 1, busy: 1 })
  const held = run('queue.hold', { what: bob!.id })
  await change(rig, (await rig.store.queue.ofMessage(key))[0]!, { state: 'waiting', lease: null })
  assert.deepEqual(await held, { changed: 1, busy: 0, held: 0, ids: [bob!.id] })
})

test('QU-11, QU-12 the relay is paused and resumed, and the queue says so', async () => {
  await using rig = await operationsRig()
  await queued(rig, ['bob@far.example'])
  await rig.run('queue.pause')
  assert.equal((await list(rig))[0]!.waitsFor, 'the relay is paused')
  const { paused, waiting, destinations } = (await rig.run('queue.summary')) as Record<string, unknown>
  assert.deepEqual([paused, waiting], [true, 1])
  assert.match(JSON.stringify(destinations), /far\.example/)
  await rig.run('queue.resume')
  assert.equal((await list(rig))[0]!.waitsFor, null)
  await rig.run('settings.set', { name: 'mailRelay.sendWhen', value: ['22:00-06:00'] })
  assert.equal((await list(rig))[0]!.waitsFor, 'its time: 22:00-06:00')
  await assert.rejects(rig.run('settings.set', { name: 'mailRelay.sendWhen', value: ['6-7'] }), /sendWhen/)
  await assert.rejects(rig.run('queue.flush'), /Only a running server/)
})

test('QU-11 an act from a page changes what the page has shown, and nothing when there is more or less by now', async () => {
  await using rig = await operationsRig()
  const key = await queued(rig, ['bob@far.example', 'cyd@far.example', 'dan@else.example'])
  const { rows } = (await rig.run('queue.page', { destination: 'far.example' })) as QueuePage
  assert.deepEqual(
    rows.map(({ to, standing, subject }) => [to, standing, subject]),
    [
      ['bob@far.example', 'first-try', 'x'],
      ['cyd@far.example', 'first-try', 'x'],
    ],
  )
  await assert.rejects(rig.run('queue.hold', { destination: 'far.example', expected: 1 }), /these are 2 deliveries now/)
  const { ids } = (await rig.run('queue.hold', { destination: 'far.example', expected: 2, why: 'asked' })) as Done
  assert.deepEqual(
    ids,
    rows.map(({ id }) => id),
  )
  const { groups } = (await rig.run('queue.groups', { by: 'reason' })) as QueueGroups
  assert.deepEqual(
    groups.map(({ key: reason, held, waiting }) => [reason, held, waiting]),
    [
      ['asked', 2, 0],
      ['', 0, 1],
    ],
  )
  await rig.run('queue.release', { ids, yes: true })
  assert.equal((await rig.store.queue.ofMessage(key)).filter(({ state }) => state === 'waiting').length, 3)
  await rig.run('queue.drop', { ids: ids.slice(1), yes: true })
  const over = (await rig.run('queue.finished', {})) as QueuePage
  assert.deepEqual(
    over.rows.map(({ to, state }) => [to, state]),
    [['cyd@far.example', 'dropped']],
  )
})

test('QU-11 what the end of a server has left under way is changed on the stopped one, and may have arrived', async () => {
  await using rig = await operationsRig()
  const key = await queued(rig, ['bob@far.example'])
  const lease = { node: 'gone', until: 9e15 }
  await change(rig, await row(rig, key), { state: 'leased', attempts: 1, lease })
  assert.partialDeepStrictEqual(await rig.run('queue.drop', { what: key }), { changed: 1, busy: 0 })
  assert.equal((await row(rig, key)).state, 'dropped')
  const told = (await steps(rig, key)).map(({ step }) => step)
  assert.deepEqual(told.toSorted(), ['dropped', 'interrupted', 'sent'])
})

test('QU-06, QU-11 a life that is made shorter ends with an attempt when it is over, and not with the one that was planned', async () => {
  await using rig = await operationsRig()
  const key = await queued(rig, ['bob@far.example'])
  const waits = await row(rig, key)
  const planned = waits.acceptedAt + 9_000_000
  await change(rig, waits, { attempts: 3, dueAt: planned, memo: { retryAt: planned } })
  await rig.run('queue.edit', { what: key, lifetimeMs: 60_000 })
  const { dueAt, memo } = await row(rig, key)
  assert.deepEqual(
    [dueAt, memo],
    [waits.acceptedAt + 60_000, { retryAt: waits.acceptedAt + 60_000, lifetimeMs: 60_000 }],
  )
})
