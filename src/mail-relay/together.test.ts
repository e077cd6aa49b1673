// Who failed in several transactions of one round, gathered for one notice.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Settling } from './attempt.ts'
import { togetherMax, togetherMs } from './limits.ts'
import { Together } from './together.ts'

const part = (name: string, rows = 1): Settling => ({ name, rows: Array(rows).fill(name) }) as never

function gathering(groups: number) {
  const told: string[][] = []
  let wake = (): void => undefined
  let sleeps = 0
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    assert.equal(ms, togetherMs)
    sleeps++
    return new Promise((resolve, reject) => {
      wake = resolve
      signal?.addEventListener('abort', () => reject(new Error('aborted')))
    })
  }
  const settle = (parts: readonly Settling[]): void => void told.push(parts.map((one) => (one as never)['name']))
  const together = new Together(groups, { clock: { sleep }, settle })
  const timeIsOver = async (): Promise<void> => {
    wake()
    await new Promise((go) => setImmediate(go))
  }
  return { together, told, timeIsOver, sleeps: () => sleeps }
}

test('DS-05: with the last group all that failed is told, and nothing where nothing failed', () => {
  const { together, told } = gathering(3)
  together.add(part('a'))
  assert.equal(together.ended(), false)
  assert.equal(together.ended(), false)
  together.add(part('c'))
  assert.deepEqual(told, [])
  assert.equal(together.ended(), true)
  assert.deepEqual(told, [['a', 'c']])
  const none = gathering(2)
  assert.deepEqual([none.together.ended(), none.together.ended(), none.told, none.sleeps()], [false, true, [], 0])
})

test('DS-05: a group that takes long is not waited for: who failed before it is told of, and it by itself', async () => {
  const { together, told, timeIsOver, sleeps } = gathering(3)
  together.add(part('a'))
  together.ended()
  together.add(part('b'))
  together.ended()
  await timeIsOver()
  assert.deepEqual(told, [['a', 'b']])
  together.add(part('c'))
  together.ended()
  await timeIsOver()
  assert.deepEqual([told, sleeps()], [[['a', 'b'], ['c']], 2])
})

test('DS-05: many are told of at once, and when the program ends nobody is waited for', async () => {
  const { together, told } = gathering(9)
  together.add(part('many', togetherMax))
  together.add(part('a'))
  together.close()
  together.add(part('b'))
  assert.deepEqual(told, [['many'], ['a'], ['b']])
})
