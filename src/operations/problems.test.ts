// Problems over time: found, dismissed, changed, solved, come again.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { ProblemRow } from '#/storage/notes.ts'
import { notice, type Found } from './problem-shapes.ts'
import { changesOf as changes } from './problems.ts'

const found = (changes: Partial<Found> = {}): Found => ({
  ...notice({ id: 'a', code: 'disk-low', values: { freeBytes: 5 }, facts: 'x' }),
  ...changes,
})
const changesOf = (before: readonly ProblemRow[], all: readonly Found[], now: number): ProblemRow[] =>
  changes(before, { found: all, now, isUnknown: ({ code }) => code === 'listener' })
const row = (changes: Partial<ProblemRow> = {}): ProblemRow => ({
  id: 'a',
  since: 10,
  value: JSON.stringify(found()),
  dismissedAt: null,
  solvedAt: null,
  ...changes,
})

test('a problem has its age from when it was first seen', () => {
  assert.deepEqual(changesOf([], [found()], 10), [row()])
  assert.deepEqual(changesOf([row()], [found()], 20), [])
  const moved = found({ values: { freeBytes: 4 } })
  assert.deepEqual(changesOf([row()], [moved], 20), [row({ value: JSON.stringify(moved) })])
})

test('one that is dismissed stays so while its facts do, and comes back when they change', () => {
  const dismissed = row({ dismissedAt: 15 })
  const same = found({ values: { freeBytes: 4 } })
  assert.equal(changesOf([dismissed], [same], 20)[0]?.dismissedAt, 15)
  for (const other of [found({ facts: 'y' }), found({ severity: 'problem' }), found({ code: 'disk-full' })])
    assert.equal(changesOf([dismissed], [other], 20)[0]?.dismissedAt, null)
})

test('one that is gone is solved; when it comes again it is new, and nobody has dismissed it', () => {
  const dismissed = row({ dismissedAt: 15 })
  const solved = { ...dismissed, solvedAt: 20 }
  assert.deepEqual(changesOf([dismissed], [], 20), [solved])
  assert.deepEqual(changesOf([solved], [], 30), [])
  assert.deepEqual(changesOf([solved], [found()], 30), [row({ since: 30 })])
})

test('one that cannot be seen now is not solved', () => {
  const listener = row({ value: JSON.stringify(found({ code: 'listener' })) })
  assert.deepEqual(changesOf([listener], [], 20), [])
})
