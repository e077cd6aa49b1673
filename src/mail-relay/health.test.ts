// Addresses that do not answer are left alone, and are looked at again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reply } from '#/message/reply.ts'
import { Health } from './health.ts'
import { addressesKnownMax, downFirstMs, downLongestMs, probeTermMs } from './limits.ts'

const dead = reply(451, '4.4.1', 'refused')
const asked = (health: Health, now: number, times = 1): boolean[] =>
  Array.from({ length: times }, () => health.trouble('a 25', now) === null)

test('QU-08 a dead address is probed by one, the others hear what that one heard', () => {
  const health = new Health()
  assert.deepEqual(asked(health, 0), [true])
  health.failed('a 25', dead, 0)
  assert.deepEqual(asked(health, downFirstMs - 1, 2), [false, false])
  assert.deepEqual(health.trouble('a 25', 1), dead)
  assert.deepEqual(asked(health, downFirstMs, 3), [true, false, false])
  assert.equal(health.trouble('b 25', 0), null)
})

test('QU-08 each failure doubles the rest, up to ten minutes; a success ends it', () => {
  const health = new Health()
  let now = 0
  const rests: number[] = []
  for (let i = 0; i < 9; i++) {
    health.failed('a 25', dead, now)
    const from = now
    while (health.trouble('a 25', now) !== null) now += 1000
    rests.push((now - from) / 1000)
  }
  assert.deepEqual(rests, [15, 30, 60, 120, 240, 480, 600, 600, 600])
  health.worked('a 25')
  assert.deepEqual(asked(health, now, 5), [true, true, true, true, true])
})

test('QU-08 a probe that never tells how it went does not close the address for ever', () => {
  const health = new Health()
  health.failed('a 25', dead, 0)
  assert.deepEqual(asked(health, downFirstMs, 2), [true, false])
  assert.deepEqual(asked(health, downFirstMs + probeTermMs, 2), [true, false])
})

test('QU-07 a clock that was set back closes nothing for longer than the longest rest', () => {
  const health = new Health()
  health.failed('a 25', dead, 10 * downLongestMs)
  assert.deepEqual(asked(health, 0), [true])
})

test('QU-18 not more addresses are remembered than fit', () => {
  const health = new Health()
  for (let i = 0; i <= addressesKnownMax; i++) health.failed(String(i), dead, 0)
  assert.equal(health.trouble('0', 1), null)
  assert.deepEqual(health.trouble('1', 1), dead)
})

test('everybody may try again when somebody says so', () => {
  const health = new Health()
  health.failed('a 25', dead, 0)
  health.forget()
  assert.deepEqual(asked(health, 1, 2), [true, true])
})
