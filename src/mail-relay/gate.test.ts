// When mail is sent, and that waiting on purpose costs no message its time.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import { Gate, isSendingTime, utcMinuteOfDay } from './gate.ts'
import { flushMs } from './limits.ts'

const minute = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
const hours: readonly [when: MailRelaySettings['sendWhen'], open: string[], closed: string[]][] = [
  ['always', ['00:00', '12:00'], []],
  ['asked', [], ['00:00', '12:00']],
  [['22:00-06:00'], ['22:00', '23:59', '00:00', '05:59'], ['21:59', '06:00', '12:00']],
  [
    ['12:00-13:00', '18:00-18:30'],
    ['12:00', '18:29'],
    ['11:59', '13:00', '18:30'],
  ],
]

test('QU-13 mail is sent in the hours that are named, also over midnight', () => {
  for (const [when, open, closed] of hours)
    for (const [times, expected] of [
      [open, true],
      [closed, false],
    ] as const)
      for (const time of times) assert.equal(isSendingTime(when, minute(time)), expected, `${String(when)} at ${time}`)
})

function gateWith(settings: Pick<MailRelaySettings, 'paused' | 'sendWhen'>) {
  const excused: [number, number][] = []
  const queue = { excuse: (from: number, until: number) => Promise.resolve(void excused.push([from, until])) }
  const now = { ...settings }
  return { gate: new Gate({ queue, settingsNow: () => now, minuteOfDay: utcMinuteOfDay }), now, excused }
}

test('QU-12 the time of a pause is excused when it ends, and each hour before', async () => {
  const { gate, now, excused } = gateWith({ paused: true, sendWhen: 'always' })
  assert.equal(await gate.pass(1000), false)
  assert.equal(await gate.pass(2000), false)
  assert.deepEqual(excused, [])
  assert.equal(await gate.pass(3_601_000), false)
  now.paused = false
  assert.equal(await gate.pass(3_700_000), true)
  assert.equal(await gate.pass(3_800_000), true)
  assert.deepEqual(excused, [
    [1000, 3_601_000],
    [3_601_000, 3_700_000],
  ])
})

test('QU-12 a program that ends during a pause keeps what it knows of it, and a clock set back takes nothing away', async () => {
  const { gate, excused } = gateWith({ paused: true, sendWhen: 'always' })
  await gate.pass(5000)
  await gate.leave(9000)
  await gate.pass(5000)
  await gate.leave(1000)
  assert.deepEqual(excused, [[5000, 9000]])
})

test('QU-13 who asks lets mail out for a while, but not while the relay is paused', async () => {
  const { gate, now } = gateWith({ paused: false, sendWhen: 'asked' })
  assert.equal(gate.isOpen(1000), false)
  gate.open(1000)
  assert.equal(gate.isOpen(999 + flushMs), true)
  assert.equal(gate.isOpen(1000 + flushMs), false)
  now.paused = true
  assert.equal(gate.isOpen(2000), false)
})
