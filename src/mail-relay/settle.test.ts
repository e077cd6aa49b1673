// What becomes of a delivery after an attempt, as tables: the fate, the route it stands on, when it is tried again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveryRow, Memo } from '#/storage/queue.ts'
import type { Outcome } from './outcome.ts'
import { hourMs, minuteMs, outcome, row, settingsWith } from './rows-test-rig.ts'
import { settle, type Settled } from './settle.ts'

const dayMs = 24 * hourMs
const settings = settingsWith({ sendDelayNotices: false })

type Given = { readonly memo?: Memo; readonly row?: Partial<DeliveryRow>; readonly routes?: string[]; now?: number }

function settled(said: Outcome, { memo = {}, row: more, routes = ['mx'], now = 0 }: Given = {}): Settled {
  return settle(row('bob@far.example', { memo, ...more }), said, { now, policy: settings, routes, random: 0.5 })
}

const fates: readonly [what: string, said: Outcome, is: Settled['is']][] = [
  ['RO-18 250 to the dot', outcome('250 2.0.0 ok', { stage: 'dot' }), 'delivered'],
  ['RO-14 4xx to RCPT', outcome('450 4.2.1 later'), 'deferred'],
  ['RO-14 5xx to RCPT', outcome('550 5.1.1 nobody'), 'failed'],
  ['RO-15 4xx to the dot', outcome('451 4.3.0 later', { stage: 'dot' }), 'deferred'],
  ['RO-15 5xx to the dot', outcome('554 5.6.0 no', { stage: 'dot', kind: 'content' }), 'failed'],
  ['RO-16 refused for what we are, and nobody else to ask', outcome('554 5.7.1 ip', { kind: 'about-us' }), 'failed'],
  ['RO-17 silence behind the dot', outcome('451 4.4.2 lost', { uncertain: true, fromRemote: false }), 'deferred'],
  ['RO-20 the basic code decides', outcome('450 5.1.1 contradiction'), 'deferred'],
  ['RO-27 the account is refused', outcome('535 5.7.8 no', { kind: 'auth', hold: 'refused' }), 'deferred'],
  ['RO-27 this sender is not for this account', outcome('550 5.7.60 send as', { kind: 'auth' }), 'deferred'],
  ['RO-31 the daily limit, called final', outcome('550 5.4.5 daily limit', { kind: 'rate' }), 'deferred'],
  ['RO-33 no route', outcome('450 4.3.5 none', { hold: 'none is ticked', stage: 'dns' }), 'deferred'],
]
for (const [what, said, is] of fates) test(`${what}: ${is}`, () => assert.equal(settled(said).is, is))

const standings: readonly [what: string, said: Outcome, given: Given, route?: string, tries?: number][] = [
  ['a first 4xx keeps its route', outcome('450 4.2.1 later'), { routes: ['mx', 'alternate:a'] }, 'mx', 1],
  [
    'the third 4xx moves on to the alternate server',
    outcome('450 4.2.1 later'),
    { memo: { route: 'mx', routeTries: 2 }, routes: ['mx', 'alternate:a'] },
    'alternate:a',
    0,
  ],
  [
    'D1 the third 4xx never leads to the address',
    outcome('450 4.2.1 later'),
    { memo: { route: 'mx', routeTries: 2 }, routes: ['mx', 'address', 'alternate:a'] },
    'alternate:a',
    0,
  ],
  [
    'D1 nor does DNS trouble',
    outcome('451 4.4.3 dns', { stage: 'dns', fromRemote: false }),
    { memo: { route: 'mx', routeTries: 2 }, routes: ['mx', 'address'] },
    'mx',
    0,
  ],
  [
    'behind the last route comes the first',
    outcome('450 4.2.1 later', { route: 'alternate:a' }),
    { memo: { route: 'alternate:a', routeTries: 2 }, routes: ['mx', 'alternate:a'] },
    'mx',
    0,
  ],
  [
    'an address that is ticked alone stays',
    outcome('450 4.2.1 x', { route: 'address' }),
    { routes: ['address'] },
    'address',
    1,
  ],
  [
    'and comes round to itself',
    outcome('450 4.2.1 x', { route: 'address' }),
    { memo: { route: 'address', routeTries: 2 }, routes: ['address'] },
    'address',
    0,
  ],
  [
    'where nobody answered the next attempt begins anew',
    outcome('451 4.4.1 x', { fromRemote: false, stage: 'connect' }),
    {},
  ],
  [
    'RO-17 what may have arrived keeps its route for ever',
    outcome('451 4.4.2 lost', { uncertain: true, fromRemote: false }),
    { memo: { route: 'mx', routeTries: 9 }, routes: ['mx', 'alternate:a'] },
    'mx',
    10,
  ],
]
for (const [what, said, given, route, tries] of standings)
  test(`D2 ${what}`, () => {
    const { memo } = settled(said, given).fate
    assert.deepEqual([memo.route, memo.routeTries], [route, tries])
  })

test('RO-17 an uncertain delivery remembers where it may have arrived, and forgets it when the answer came', () => {
  const lost = settled(outcome('451 4.4.2 lost', { uncertain: true, fromRemote: false })).fate
  assert.deepEqual(lost.memo.uncertain, { route: 'mx', host: 'mx.far.example [192.0.2.1]:25' })
  assert.equal(settled(outcome('450 4.2.1 later'), { memo: lost.memo }).fate.memo.uncertain, undefined)
})

const waits: readonly [what: string, said: Outcome, atLeastMs: number][] = [
  ['QU-05 the first retry comes within minutes', outcome('450 4.2.1 later'), 5 * minuteMs],
  ['RO-27 a refused account is probed slowly', outcome('535 5.7.8 no', { kind: 'auth', hold: 'no' }), 15 * minuteMs],
  ['RO-31 a limit that is called final rests for an hour', outcome('550 5.4.5 x', { kind: 'rate' }), hourMs],
  ['a limit that is called temporary comes back as planned', outcome('450 4.7.28 x', { kind: 'rate' }), 5 * minuteMs],
  ['RO-31 the wait that a host asks for', outcome('450 4.7.28 wait 2 hours', { kind: 'rate' }), 2 * hourMs],
  ['RO-31 a wait that is shorter than ours', outcome('550 4.7.28 wait 2 minutes', { kind: 'rate' }), hourMs],
  ['a greylist says when', outcome('450 4.7.1 try again in 60 seconds', { kind: 'greylist' }), minuteMs],
]
for (const [what, said, ms] of waits) test(what, () => assert.equal(settled(said).fate.dueAt, ms))

test('QU-06 when its lifetime is over and it was tried often enough, mail fails as expired', () => {
  const old = { attempts: 20 }
  assert.equal(settled(outcome('450 4.2.1 later'), { row: old, now: 5 * dayMs - 1 }).is, 'deferred')
  const last = settled(outcome('450 4.2.1 later'), { row: old, now: 5 * dayMs })
  assert.deepEqual([last.is, last.expired, last.fate.lastReply?.lines], ['failed', true, ['later']])
})

test('RO-27, RO-33, QU-12 what waits for the operator does not expire, and the wait does not count against it', () => {
  const refused = outcome('535 5.7.8 no', { kind: 'auth', hold: 'refused' })
  const late = { attempts: 500 }
  const first = settled(refused, { row: late, now: 4 * dayMs })
  const tenth = settled(refused, { row: late, memo: first.fate.memo, now: 40 * dayMs })
  assert.deepEqual([tenth.is, tenth.fate.memo.heldMs], ['deferred', 36 * dayMs])
  const mended = settled(outcome('450 4.2.1 later'), { row: late, memo: tenth.fate.memo, now: 40 * dayMs + 1 })
  assert.deepEqual([mended.is, mended.fate.memo.hold], ['deferred', undefined])
})

test('RO-03 the moment at which a domain was first seen not to exist stays', () => {
  const missing = outcome('450 4.1.2 gone', { stage: 'dns', fromRemote: false, missing: true })
  assert.equal(settled(missing, { now: 1000 }).fate.memo.missingSince, 1000)
  assert.equal(settled(missing, { memo: { missingSince: 5 }, now: 1000 }).fate.memo.missingSince, 5)
  assert.equal(settled(outcome('450 4.2.1 x'), { memo: { missingSince: 5 } }).fate.memo.missingSince, undefined)
})

test('a route that was chosen by hand is for one attempt', () => {
  const fate = settled(outcome('450 4.2.1 later'), { memo: { onceRoute: 'mx', owner: 'ann' } }).fate
  assert.deepEqual([fate.memo.onceRoute, fate.memo.owner], [undefined, 'ann'])
})

test('DL-01 a notice of delay that is due before the next attempt wakes the delivery earlier', () => {
  const policy = settingsWith({ delayNoticeMs: minuteMs })
  const asked = { now: 0, policy, routes: ['mx'], random: 0.5 }
  const { fate } = settle(row('bob@far.example'), outcome('450 4.2.1 later'), asked)
  assert.deepEqual([fate.dueAt, fate.memo.retryAt], [minuteMs, 5 * minuteMs])
})
