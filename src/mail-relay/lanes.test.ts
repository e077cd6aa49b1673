// Who gets the next connection.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lanes, type Kind } from './lanes.ts'

/** Work that ends when the test says so. */
function workshop(limits: { all: number; each: number }) {
  const lanes = new Lanes<string>(() => run())
  const started: string[] = []
  const ends = new Map<string, () => void>()
  const run = (): void =>
    lanes.run(limits, (item) => {
      started.push(item)
      return new Promise((end) => ends.set(item, end))
    })
  const end = async (item: string): Promise<void> => {
    ends.get(item)?.()
    await new Promise(setImmediate)
  }
  const fill = (lane: string, count: number, kind: Kind = 'fresh', sender = 'ann'): void => {
    for (let i = 1; i <= count; i++) lanes.add(`${lane}${i}`, { lane, kind, sender })
  }
  return { lanes, started, run, end, fill }
}

test('QU-08 each lane in turn gives one, and no lane takes more than its share', () => {
  const { started, run, fill, lanes } = workshop({ all: 5, each: 2 })
  fill('a', 9)
  fill('b', 9)
  fill('c', 1)
  run()
  assert.deepEqual(started, ['a1', 'b1', 'c1', 'a2', 'b2'])
  assert.deepEqual([lanes.active, lanes.ready], [5, 14])
})

test('OUT-14, QU-08 lanes that fill all connections give way to one that came later', async () => {
  const { started, run, end, fill } = workshop({ all: 4, each: 2 })
  fill('a', 9)
  fill('b', 9)
  run()
  fill('c', 2)
  for (const item of ['a1', 'b1', 'a2']) await end(item)
  assert.equal(started.at(-1), 'c1')
})

test('QU-15 what is new goes before what failed already', () => {
  const { started, run, fill } = workshop({ all: 3, each: 3 })
  fill('a', 2, 'again')
  fill('b', 2)
  run()
  assert.deepEqual(started, ['b1', 'b2', 'a1'])
})

test('QU-15 at most half of all connections try again what failed', () => {
  const { started, run, fill } = workshop({ all: 4, each: 4 })
  fill('a', 9, 'again')
  run()
  assert.deepEqual(started, ['a1', 'a2'])
})

test('even a single connection tries again', () => {
  const { started, run, fill } = workshop({ all: 1, each: 1 })
  fill('a', 2, 'again')
  run()
  assert.deepEqual(started, ['a1'])
})

test('QU-08 where one ends the next begins, also in a lane of one', async () => {
  const { started, run, end, fill } = workshop({ all: 1, each: 1 })
  fill('a', 3)
  run()
  for (const item of ['a1', 'a2']) await end(item)
  assert.deepEqual(started, ['a1', 'a2', 'a3'])
})

test('QU-15 people go before bulk, and bulk before what failed already', () => {
  const { started, run, fill } = workshop({ all: 9, each: 9 })
  fill('a', 1, 'again')
  fill('b', 1, 'bulk')
  fill('c', 1)
  run()
  assert.deepEqual(started, ['c1', 'b1', 'a1'])
})

test('QU-15 senders take turns at one destination', () => {
  const { lanes, started, run } = workshop({ all: 9, each: 4 })
  for (const [sender, count] of [
    ['ann', 5],
    ['bob', 2],
  ] as const)
    for (let i = 1; i <= count; i++) lanes.add(`${sender}${i}`, { lane: 'a', kind: 'fresh', sender })
  run()
  assert.deepEqual(started, ['ann1', 'bob1', 'ann2', 'bob2'])
})

test('what has not begun can be taken out', () => {
  const { lanes, started, run, fill } = workshop({ all: 1, each: 1 })
  fill('a', 2)
  fill('b', 1, 'again')
  run()
  assert.deepEqual([started, lanes.empty().sort(), lanes.ready, lanes.active], [['a1'], ['a2', 'b1'], 0, 1])
})

test('QU-18 nothing of a lane stays when it is empty', async () => {
  const { run, end, fill, lanes } = workshop({ all: 4, each: 4 })
  fill('a', 1)
  run()
  await end('a1')
  assert.deepEqual([lanes.active, lanes.ready], [0, 0])
})
