// When mail is tried again and when it was tried for long enough, at the edges.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Memo } from '#/storage/queue.ts'
import { delayMs, expiresAt, isExpired, lifetimeMs, retryAt } from './retry.ts'
import { hourMs, minuteMs, settingsWith } from './rows-test-rig.ts'

const dayMs = 24 * hourMs
const patience = settingsWith()
const tried = (attempts: number, memo: Memo = {}) => ({ acceptedAt: 0, attempts, memo })

test('QU-05 waits grow from minutes to hours, and the last one repeats', () => {
  const minutes = [0, 1, 2, 3, 4, 5, 6, 7, 100].map((attempts) => delayMs(attempts, patience, 0.5) / minuteMs)
  assert.deepEqual(minutes, [5, 5, 10, 20, 40, 80, 180, 180, 180])
})

test('QU-05 what failed together does not come back together, and no wait leaves its share', () => {
  const jittered = settingsWith({ jitterShare: 0.1 })
  const spread = [0, 0.25, 0.5, 0.75, 0.999].map((random) => delayMs(1, jittered, random))
  assert.equal(new Set(spread).size, spread.length)
  for (const ms of spread) assert.ok(ms >= 0.9 * 5 * minuteMs && ms <= 1.1 * 5 * minuteMs)
})

const lives: readonly [what: string, memo: Memo, days: number][] = [
  ['mail lives five days', {}, 5],
  ['QU-05 a notice lives two', { notice: true }, 2],
  ['QU-11 a lifetime that was chosen by hand wins', { notice: true, lifetimeMs: 9 * dayMs }, 9],
]
for (const [what, memo, days] of lives)
  test(what, () => assert.equal(lifetimeMs(tried(1, memo), patience), days * dayMs))

test('QU-12, SE-07 time in holds and before a late start does not count', () => {
  assert.equal(expiresAt(tried(1, { heldMs: 3 * dayMs }), patience), 8 * dayMs)
  assert.equal(expiresAt(tried(1, { laterAt: 7 * dayMs }), patience), 12 * dayMs)
})

const expiries: readonly [what: string, attempts: number, days: number, expired: boolean][] = [
  ['QU-06 after a week switched off the first attempt is not the last', 1, 7, false],
  ['CLK-01 nor the fifth, whatever the clock says', 5, 700, false],
  ['the sixth may be', 6, 7, true],
  ['not before the lifetime ended', 600, 4.99, false],
  ['at its end', 600, 5, true],
]
for (const [what, attempts, days, expired] of expiries)
  test(what, () => assert.equal(isExpired(tried(attempts), patience, days * dayMs), expired))

test('QU-06 a lifetime that is shorter than six attempts needs only those that fit', () => {
  const short = settingsWith({ lifetimeMs: 16 * minuteMs }) // after 0, 5 and 15 minutes
  assert.equal(isExpired(tried(2), short, hourMs), false)
  assert.equal(isExpired(tried(3), short, hourMs), true)
})

test('CLK-01 what was accepted by a clock that was ahead by years is tried as often as in a lifetime, not for years', () => {
  const ahead = (attempts: number, memo: Memo = {}) => ({ acceptedAt: 3650 * dayMs, attempts, memo })
  assert.equal(isExpired(ahead(44), patience, 2 * dayMs), false)
  assert.equal(isExpired(ahead(45), patience, 2 * dayMs), true) // 155 minutes, and every three hours of five days
  assert.equal(isExpired(ahead(45, { lifetimeMs: 30 * dayMs }), patience, 2 * dayMs), false)
  const waiting = { acceptedAt: 0, attempts: 600, memo: { laterAt: 7 * dayMs } }
  assert.equal(isExpired(waiting, patience, 8 * dayMs), false, 'a late start is no clock that was ahead')
})

test('QU-06 the last attempt falls on the end of the lifetime', () => {
  const at = (now: number): number => retryAt(tried(20), patience, { now, random: 0.5 })
  assert.equal(at(4 * dayMs), 4 * dayMs + 3 * hourMs)
  assert.equal(at(5 * dayMs - hourMs), 5 * dayMs)
  assert.equal(at(5 * dayMs), 5 * dayMs + 3 * hourMs)
})
