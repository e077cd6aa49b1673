// The moment of a backup in words.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { dayAndTime } from './words.ts'

const now = new Date(2026, 0, 31, 18, 0).getTime()
const cases: readonly (readonly [Date, string, string])[] = [
  [new Date(2026, 0, 31, 3, 5), '03:05', '03:05'],
  [new Date(2026, 0, 28, 3, 0), 'Wed 28, 03:00', 'Mi. 28., 03:00'],
  [new Date(2025, 9, 14, 3, 0), '14 Oct 2025, 03:00', '14. Okt. 2025, 03:00'],
]
for (const [date, english, german] of cases)
  test(`a backup of ${english} says its day and its time`, () => {
    assert.equal(dayAndTime(date.getTime(), { now, language: 'en' }), english)
    assert.equal(dayAndTime(date.getTime(), { now, language: 'de' }), german)
  })
