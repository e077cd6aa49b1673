// Figures over midnight, wherever it is.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { slotMs, type Figure } from '#/storage/notes.ts'
import { countsSince, hoursOf, midnightOf } from './figures.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const noon = 20_000 * dayMs + 12 * hourMs // UTC
const accepted = (at: number, count = 1): Figure => ({ at, name: 'accepted', count })

test('today begins at the midnight of whoever asks, half an hour off or not', () => {
  const midnight = noon - 12 * hourMs
  const figures = [accepted(midnight - slotMs), accepted(midnight), accepted(noon, 5)]
  const kathmandu = midnight - (5 * hourMs + 45 * 60_000)
  const adelaide = midnight - 9.5 * hourMs
  assert.equal(countsSince(figures, midnightOf(undefined, noon)).accepted, 6)
  for (const early of [kathmandu, adelaide]) assert.equal(countsSince(figures, midnightOf(early, noon)).accepted, 7)
  assert.equal(countsSince(figures, midnightOf(noon - hourMs, noon)).accepted, 5)
})

test('a midnight that cannot be is not believed', () => {
  for (const said of [noon + 1, noon - 3 * dayMs, Number.NaN]) assert.equal(midnightOf(said, noon), 20_000 * dayMs)
})

test('the bars are the last 24 hours of the clock on the wall, the last one not over', () => {
  const midnight = noon - 12 * hourMs - 30 * 60_000 // half an hour off
  const now = noon + 20 * 60_000
  const { from, counts } = hoursOf(
    [accepted(noon - slotMs, 2), accepted(noon, 3), accepted(from24(now), 7)],
    'accepted',
    {
      now,
      midnight,
    },
  )
  assert.equal((midnight - from) % hourMs, 0)
  assert.equal(counts.length, 24)
  assert.equal(counts.at(-1), 5) // 11:30 to 12:30
  assert.equal(counts[0], 7)
  assert.deepEqual(hoursOf([accepted(noon)], 'refused', { now, midnight }).counts, Array(24).fill(0))
})

const from24 = (now: number): number => now - 23.5 * hourMs
