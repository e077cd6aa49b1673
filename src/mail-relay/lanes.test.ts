// Who gets the next connection.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lanes } from './lanes.ts'

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
  const fill = (lane: string, count: number, kind: 'fresh' | 'again' = 'fresh'): void => {
    for (let i = 1; i <= count; i++) lanes.add(lane, `${lane}${i}`, kind)
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

test('QU-18 nothing of a lane stays when it is empty', async () => {
  const { run, end, fill, lanes } = workshop({ all: 4, each: 4 })
  fill('a', 1)
  run()
  await end('a1')
  assert.deepEqual([lanes.active, lanes.ready], [0, 0])
})

test('QU-08 what waits behind the only connection that a destination allows begins when that one is over', async () => {
  const done: string[] = []
  const limits = { all: 10, each: 1 }
  const work = async (item: string): Promise<void> => void done.push(await Promise.resolve(item))
  const lanes = new Lanes<string>(() => lanes.run(limits, work))
  for (const item of ['a', 'b', 'c']) lanes.add('far.example', item, 'fresh')
  lanes.run(limits, work)
  await new Promise((resolve) => setTimeout(resolve, 10))
  assert.deepEqual([done, lanes.active, lanes.ready], [['a', 'b', 'c'], 0, 0])
})
