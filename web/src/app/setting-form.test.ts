// What stands in a field means what the server keeps.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { kindOf, readValue, shownValue, type Kind } from './setting-form.ts'

const rows: readonly [Kind, unknown, string][] = [
  ['duration', 0, '0'],
  ['duration', 1500, '1500 ms'],
  ['duration', 90_000, '90 s'],
  ['duration', 14_400_000, '4 h'],
  ['duration', 432_000_000, '5 days'],
  ['size', 36_700_160, '36700160 B'],
  ['size', 25_000_000, '25 MB'],
  ['durations', [300_000, 3_600_000], '5 min, 1 h'],
  ['list', ['a.example', 'b.example'], 'a.example\nb.example'],
  ['number', 7, '7'],
]
for (const [kind, value, text] of rows)
  test(`a ${kind} of ${JSON.stringify(value)} is written ${JSON.stringify(text)} and read back`, () => {
    assert.equal(shownValue(kind, value), text)
    assert.deepEqual(readValue(kind, text, false), { ok: true, value })
  })

for (const [kind, text] of [
  ['duration', '5 apples'],
  ['duration', '5'],
  ['size', 'many'],
  ['number', ''],
  ['durations', '5 min, x'],
] as const)
  test(`${JSON.stringify(text)} is no ${kind}`, () => assert.deepEqual(readValue(kind, text, false), { ok: false }))

test('an empty field is null where null is a value', () =>
  assert.deepEqual(readValue('number', ' ', true), { ok: true, value: null }))

test('the kind follows from the schema and the name', () => {
  assert.equal(kindOf('mailRelay.lifetimeMs', { type: 'integer' }), 'duration')
  assert.equal(kindOf('mailServer.messageBytesMax', { type: 'integer' }), 'size')
  assert.equal(kindOf('mailServer.connectionsReserved', { anyOf: [{ type: 'integer' }, { type: 'null' }] }), 'number')
  assert.equal(kindOf('mailRelay.tls', { type: 'string', enum: ['none'] }), 'choice')
})
