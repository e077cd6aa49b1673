// How many sessions run at once, while the number is changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Places } from './places.ts'

test('PC-05 fewer places count from now on, however many wait, and more are taken at once', async () => {
  let max = 3
  const places = new Places(() => max)
  const ends: (() => void)[] = []
  const work = (): Promise<void> => places.use(() => new Promise<void>((end) => ends.push(end)))
  const all = Array.from({ length: 8 }, work)
  await turn()
  let ended = 0
  const end = async (): Promise<number> => {
    ends[ended++]!()
    await turn()
    return ends.length - ended // at work
  }
  assert.equal(ends.length, 3)
  max = 1
  assert.deepEqual([await end(), await end(), await end()], [2, 1, 1])
  max = 4
  all.push(work())
  await turn()
  assert.equal(ends.length - ended, 4)
  for (let i = ended; i < 9; i++) await end()
  await Promise.all(all)
})

test('PC-05 work that fails gives its place back', async () => {
  const places = new Places(() => 1)
  await assert.rejects(places.use(() => Promise.reject(new Error('x'))))
  assert.equal(await places.use(() => Promise.resolve(7)), 7)
})
