// When a sender is told that mail waits, and who is never told.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveryRow } from '#/storage/queue.ts'
import { delayNoticeAt, wantsDelayNotice } from './delays.ts'
import { hourMs, row, settingsWith } from './rows-test-rig.ts'

const patience = settingsWith()
const waiting = (more: Partial<DeliveryRow> = {}): DeliveryRow => row('bob@far.example', more)
const rcpt = (notify: DeliveryRow['rcpt']['notify']) => ({ rcpt: { notify, orcpt: null } })

const times: readonly [
  what: string,
  more: Partial<DeliveryRow>,
  settings: Parameters<typeof settingsWith>[0],
  at: number | null,
][] = [
  ['DL-01 four hours after it came', {}, {}, 4 * hourMs],
  ['DL-01 once is enough', { memo: { delayNoticeAt: 4 * hourMs } }, {}, null],
  [
    'DL-01 again when the operator wants that',
    { memo: { delayNoticeAt: 4 * hourMs } },
    { delayRepeatMs: hourMs },
    5 * hourMs,
  ],
  ['QU-12 time in holds does not count', { memo: { heldMs: hourMs } }, {}, 5 * hourMs],
  ['never when it is off', {}, { sendDelayNotices: false }, null],
  ['never after 0 ms', {}, { delayNoticeMs: 0 }, null],
  ['DL-03 never when the failure comes first', {}, { lifetimeMs: 4 * hourMs }, null],
]
for (const [what, more, settings, at] of times)
  test(what, () => assert.equal(delayNoticeAt(waiting(more), { ...patience, ...settings }), at))

const wishes: readonly [what: string, more: Partial<DeliveryRow>, told: boolean][] = [
  ['a person is told', {}, true],
  ['DL-02 bulk mail is not', { priority: 1 }, false],
  ['RFC 3461 §4.1 NOTIFY=DELAY is', { ...rcpt(['DELAY']), priority: 1 }, true],
  ['RFC 3461 §4.1 NOTIFY=FAILURE is not', rcpt(['FAILURE']), false],
  ['RFC 3461 §4.1 NOTIFY=NEVER is not', rcpt('NEVER'), false],
  ['DS-02 nobody hears of a bounce', { from: null }, false],
  ['DS-02 nor of a notice', { memo: { notice: true } }, false],
  ['nor of what waits for the operator', { memo: { hold: { by: 'relay', why: 'x', at: 0 } } }, false],
  ['SE-07 nor of what is sent late on purpose', { memo: { laterAt: 9 } }, false],
  ['AD-14 nor does a stranger of a forward', { memo: { owner: 'ann' } }, false],
]
for (const [what, more, told] of wishes) test(what, () => assert.equal(wantsDelayNotice(waiting(more)), told))
