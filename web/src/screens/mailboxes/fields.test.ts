// Quotas and addresses as people type them.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { addressesIn, quotaOf, quotaText } from './fields.ts'

test('MB-03 a quota is a number of GB with a point or a comma, nothing for no limit, or not understood', () => {
  const read = ['4', '4.5', ' 4,5 ', '0', '', 'much', '-1', '1e3', '4 GB'].map(quotaOf)
  assert.deepEqual(read, [
    4_000_000_000,
    4_500_000_000,
    4_500_000_000,
    0,
    null,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('MB-03 what the server keeps is shown so that reading it back gives the same', () => {
  for (const bytes of [null, 0, 1, 1_500_000_000, 36_700_160]) assert.equal(quotaOf(quotaText(bytes)), bytes)
})

test('AD-14 addresses stand one a line, or behind commas', () => {
  assert.deepEqual(addressesIn(' a@b.example,\nc@d.example ; e@f.example '), [
    'a@b.example',
    'c@d.example',
    'e@f.example',
  ])
})
