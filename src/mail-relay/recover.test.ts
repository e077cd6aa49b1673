// What becomes of deliveries that were under way when the program ended.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crashesMax, recovered } from './recover.ts'
import { minuteMs, row } from './rows-test-rig.ts'

test('QU-02, QU-03 it is tried again, its attempt counted, each time later', () => {
  const first = recovered(row('bob@far.example', { attempts: 4 }), 1000)
  assert.deepEqual(
    [first.state, first.attempts, first.lease, first.memo.crashes, first.dueAt],
    ['waiting', 4, null, 1, 1000],
  )
  const second = recovered(row('bob@far.example', { memo: first.memo }), 1000)
  assert.deepEqual([second.state, second.memo.crashes, second.dueAt], ['waiting', 2, 1000 + minuteMs])
})

test('QUE-20 a message that ended the program three times is held, and says why', () => {
  const held = recovered(row('bob@far.example', { memo: { crashes: crashesMax - 1, owner: 'ann' } }), 1000)
  assert.equal(held.state, 'held')
  assert.match(held.memo.hold?.why ?? '', /ended 3 times/)
  assert.equal(held.memo.owner, 'ann')
})
