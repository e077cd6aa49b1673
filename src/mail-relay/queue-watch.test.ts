// When the queue raises an alarm, and that it is raised once an hour and not each minute.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { defaultSettings } from '#/config/settings.ts'
import type { QueueFigures } from '#/storage/queue.ts'
import type { Clock } from '#/world/world.ts'
import { silentLog } from '#/world/node/log.ts'
import { alarmsOf, watchQueue } from './queue-watch.ts'

const figures: QueueFigures = { waiting: 8, deferred: 6, leased: 1, held: 1, oldestAcceptedAt: 1000 }
const limits = { alarmDepth: 10, alarmOldestMs: 5_000_000 }

const cases: readonly [
  what: string,
  figures: Partial<QueueFigures>,
  limits: Partial<typeof limits>,
  now: number,
  RegExp,
][] = [
  ['all is well', {}, {}, 5_001_000, /^$/],
  ['too old', {}, {}, 9_001_000, /^The oldest mail in the queue is 2 hours old: see queue list\.$/],
  ['too deep', { held: 2 }, {}, 2000, /^11 deliveries are in the queue, 75 % of/],
  ['no limits', { held: 2000 }, { alarmDepth: 0, alarmOldestMs: 0 }, 9e12, /^$/],
  ['empty', { waiting: 0, deferred: 0, oldestAcceptedAt: null }, {}, 9e12, /^$/],
]

test('QU-16 a queue that is too deep or too old is told in words', () => {
  for (const [what, changed, other, now, words] of cases)
    assert.match(alarmsOf({ ...figures, ...changed }, { ...limits, ...other }, now).join(' '), words, what)
})

test('QU-16 the alarm is in the log once an hour, and finished deliveries are forgotten each minute', async () => {
  let now = 100 * 86_400_000
  let minute = (): void => undefined
  const clock: Clock = {
    now: () => now,
    sleep: () => Promise.reject(new Error('nobody sleeps here')),
    every(_ms, work) {
      minute = work
      return { [Symbol.dispose]: () => undefined }
    },
  }
  const said: string[] = []
  const pruned: number[] = []
  const log = { ...silentLog, warn: (event: string) => void said.push(event) }
  const queue = {
    figures: () => Promise.resolve(figures),
    prune: (before: number) => Promise.resolve(void pruned.push(before)),
  }
  using _watch = watchQueue({ queue, settingsNow: () => defaultSettings, world: { clock, log } })
  for (let i = 0; i < 61; i++, now += 60_000) {
    minute()
    await new Promise(setImmediate)
  }
  assert.deepEqual(said, ['queue.alarm', 'queue.alarm'])
  assert.equal(pruned.length, 61)
  assert.equal(pruned[0], 93 * 86_400_000)
})
