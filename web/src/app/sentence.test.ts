// Sentences as data.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { pieces, plain } from './sentence.ts'

test('values stand in a sentence by their kind', () => {
  assert.deepEqual(pieces('Delivered to {to:addr}', { to: 'a@b' }), [
    { kind: 'text', value: 'Delivered to ' },
    { kind: 'addr', value: 'a@b' },
  ])
})

const table: readonly (readonly [template: string, values: Record<string, string | number>, wanted: string])[] = [
  ['{n:message/messages}', { n: 1 }, '1 message'],
  ['{n:message/messages}', { n: 3 }, '3 messages'],
  ['for {to}[ and {others} more]', { to: 'a' }, 'for a'],
  ['for {to}[ and {others} more]', { to: 'a', others: 2 }, 'for a and 2 more'],
  ['for {to}[ and {others} more], {by}', { to: '[x] {y}', by: '' }, 'for [x] {y}, '],
  ['{missing}!', {}, '!'],
]
for (const [template, values, wanted] of table)
  test(`${template} with ${JSON.stringify(values)}`, () => assert.equal(plain(template, values), wanted))
