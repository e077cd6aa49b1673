// What the page of the queue decides without a browser: what is selected, and what stays where it stands.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { countOf, groupToggled, nothing, ranged, toggled, withoutOne } from '../web/src/screens/queue/selection.ts'

const order = ['a', 'b', 'c', 'd']

test('QU-11 a range is what stands between two rows, in either direction, and a row that is gone ends none', () => {
  for (const [from, to, ids] of [
    ['b', 'd', 'bcd'],
    ['d', 'b', 'bcd'],
    ['gone', 'c', 'c'],
  ] as const)
    assert.equal([...ranged(nothing, order, { from, to }).ids].toSorted().join(''), ids)
})

test('QU-11 a group selected whole counts what was seen in it, and leaving one out selects the shown rest', () => {
  const whole = groupToggled(toggled(nothing, 'a'), { key: 'far', count: 9, shown: ['a', 'b'] })
  assert.equal(countOf(whole), 9)
  const rest = withoutOne(whole, 'far', { id: 'a', shown: ['a', 'b'] })
  assert.deepEqual([[...rest.ids], rest.groups.size], [['b'], 0])
  assert.equal(countOf(groupToggled(whole, { key: 'far', count: 9, shown: [] })), 0)
})
