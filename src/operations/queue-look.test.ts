// A look at the queue costs a bounded share of a thread.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { openQueueLooks } from './queue-look.ts'

test('a slow count of the queue holds for long, a quick one for a moment, and whoever asks meanwhile waits for the same', async () => {
  let now = 1000
  let counted = 0
  let tookMs = 100
  const figures = async (): Promise<object> => {
    counted++
    await Promise.resolve()
    now += tookMs
    return { waiting: 1, leased: 2, held: 3, deferred: 0, oldestAcceptedAt: 7 }
  }
  const context = { store: { queue: { figures } }, world: { clock: { now: () => now } } }
  const look = openQueueLooks()
  const ask = (): ReturnType<typeof look> => look(context as never) // the parts of the context that it asks for
  const told = { open: 6, oldestAt: 7, deferredDestinations: 0 }
  assert.deepEqual(await Promise.all([ask(), ask()]), [told, told])
  now += 1900
  await ask()
  assert.equal(counted, 1)
  now += 100
  tookMs = 0
  await ask()
  await ask()
  assert.equal(counted, 3)
})
