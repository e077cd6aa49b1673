// Lanes go on by themselves, one after another where only one may run.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lanes } from './lanes.ts'

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
