// The list of a mailbox as it changes under the reader.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { inSight, neighbour, withFirstPage } from './rows.ts'

const rows = (...uids: number[]): { uid: number }[] => uids.map((uid) => ({ uid }))

test('new mail comes on top, what was deleted goes, what was loaded further down stays', () => {
  const page = { rows: rows(9, 8, 6), next: '6' }
  assert.deepEqual(withFirstPage(rows(8, 7, 6, 5, 4), page), rows(9, 8, 6, 5, 4))
  assert.deepEqual(withFirstPage(rows(8, 7), { rows: rows(8), next: null }), rows(8))
  assert.deepEqual(withFirstPage(rows(1), { rows: [], next: null }), [])
})

test('when rows go, the next one is opened, at the end the one before', () => {
  assert.equal(neighbour(rows(5, 4, 3), new Set([4]), 4), 3)
  assert.equal(neighbour(rows(5, 4, 3), new Set([4, 3]), 3), 5)
  assert.equal(neighbour(rows(5), new Set([5]), 5), null)
  assert.equal(neighbour(rows(5, 4), new Set([4]), 5), 5)
})

test('of a hundred thousand rows a few dozen are drawn', () => {
  assert.deepEqual(inSight({ top: 0, height: 700, row: 70, count: 100_000 }), { first: 0, end: 16 })
  assert.deepEqual(inSight({ top: 7_000_000 - 700, height: 700, row: 70, count: 100_000 }), {
    first: 99_984,
    end: 100_000,
  })
})
