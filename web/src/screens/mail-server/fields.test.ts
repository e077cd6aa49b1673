// The last day of an entry, to and fro.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { dayOf, endOf, linesOf } from './fields.ts'

test('AD-16 an end is the end of a local day; nothing is no end', () => {
  assert.equal(endOf(''), null)
  assert.equal(dayOf(null), '')
  for (const day of ['2026-01-31', '2026-03-29', '2028-02-29']) assert.equal(dayOf(endOf(day)), day)
  assert.equal(endOf('2026-12-31'), new Date(2027, 0, 1).getTime())
})

test('AC-12 one sender a line, without blanks around it', () => {
  assert.deepEqual(linesOf(' a@b.example \n\n@c.example'), ['a@b.example', '@c.example'])
})
