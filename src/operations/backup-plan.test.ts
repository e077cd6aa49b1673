// When backups are due, and which of them are enough.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { nextBackupAt, outlived } from './backup-plan.ts'

const hour = 3_600_000
const day = 24 * hour
const minuteOfDay = (at: number): number => Math.floor(at / 60_000) % 1440 // a place whose time is UTC
const at = (text: string): number => Date.parse(`${text}:00Z`)

const due: readonly (readonly [string, number, string | null, string, string | null])[] = [
  ['never, when nobody asked for it', 0, null, '2026-01-05T12:00', null],
  ['daily: the first one at the next time of day', 24, null, '2026-01-05T12:00', '2026-01-06T03:00'],
  ['daily: a day behind the last one', 24, '2026-01-06T03:00', '2026-01-05T12:00', '2026-01-07T03:00'],
  ['daily: behind one that took long', 24, '2026-01-06T03:50', '2026-01-05T12:00', '2026-01-07T03:00'],
  ['weekly: a week behind the last one', 168, '2026-01-06T03:00', '2026-01-05T12:00', '2026-01-13T03:00'],
  [
    'daily, overdue after a long pause: at its next time of day',
    24,
    '2026-01-01T03:00',
    '2026-01-05T12:00',
    '2026-01-06T03:00',
  ],
  ['every six hours: six hours behind the last one', 6, '2026-01-06T03:10', '2026-01-05T12:00', '2026-01-06T09:10'],
  ['every six hours: at once, when there is none', 6, null, '2026-01-05T12:00', '2026-01-05T12:00'],
  ['every six hours, overdue: at once', 6, '2026-01-01T00:00', '2026-01-05T12:00', '2026-01-05T12:00'],
]
for (const [title, everyHours, last, since, wanted] of due)
  test(`MB-08 a backup is due ${title}`, () => {
    const facts = { last: last === null ? null : at(last), since: at(since), minuteOfDay }
    const next = nextBackupAt({ everyHours, at: '03:00' }, facts)
    assert.equal(next === null ? null : new Date(next).toISOString().slice(0, 16), wanted)
  })

const daily = (count: number, reason: 'schedule' | 'asked' = 'schedule') =>
  Array.from({ length: count }, (_, n) => ({ id: `${reason} ${n}`, at: at('2026-03-01T03:00') - n * day, reason }))

test('MB-08 the newest backups stay, one of each week before them, and all that somebody asked for', () => {
  const all = [...daily(60), ...daily(60, 'asked')]
  const gone = new Set(outlived(all, { keep: 7, keepWeeks: 4 }))
  const left = all.filter(({ id }) => !gone.has(id))
  assert.equal(left.filter(({ reason }) => reason === 'asked').length, 60)
  const own = left.filter(({ reason }) => reason === 'schedule').map(({ id }) => Number(id.slice('schedule '.length)))
  assert.deepEqual(own.slice(0, 7), [0, 1, 2, 3, 4, 5, 6])
  const older = own.slice(7)
  assert.ok(older.length >= 4 && older.length <= 5, String(older))
  assert.ok(older.at(-1)! >= 27, String(older))
})

test('MB-08 what was kept one day stays when the next ones come: each week ends with one', () => {
  let kept = daily(0)
  for (let n = 0; n < 100; n++) {
    kept = [{ id: String(n), at: at('2026-01-01T03:00') + n * day, reason: 'schedule' as const }, ...kept]
    const gone = new Set(outlived(kept, { keep: 3, keepWeeks: 4 }))
    kept = kept.filter(({ id }) => !gone.has(id))
  }
  const ages = kept.map(({ id }) => 99 - Number(id))
  assert.deepEqual(ages.slice(0, 3), [0, 1, 2])
  assert.ok(ages.at(-1)! >= 24, `about four weeks back: ${String(ages)}`)
  assert.ok(kept.length <= 9, String(ages))
})

test('MB-08 without weeks only the newest stay', () => {
  assert.equal(outlived(daily(10), { keep: 2, keepWeeks: 0 }).length, 8)
})
