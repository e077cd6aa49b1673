// The contract of the queue on the store in memory, on which the simulation runs: it must be a queue like the real one.
import { queueContract } from '#/storage/queue-contract.ts'
import { Disk } from './disk.ts'
import { memoryStore } from './memory-store.ts'

queueContract('memory', () => {
  const disk = new Disk()
  return Promise.resolve({
    store: memoryStore(disk),
    again: () => Promise.resolve(memoryStore(disk)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  })
})
