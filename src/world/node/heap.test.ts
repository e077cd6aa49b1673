// How far the heap may grow is asked for by those who need it, and counts at once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { growHeap } from './heap.ts'

const unheld = (): WeakRef<object> => new WeakRef({})

test('who asks for a small heap has it collected at once, and not again for a while', async () => {
  const [ann, bob] = [{}, {}]
  const first = unheld()
  await turn()
  growHeap(ann, 25)
  await turn()
  assert.equal(first.deref(), undefined)

  const second = unheld()
  await turn()
  growHeap(bob, 10)
  growHeap(ann, null)
  growHeap(bob, null)
  growHeap(ann, 25)
  await turn()
  assert.notEqual(second.deref(), undefined)
  growHeap(ann, null)
})
