// The contracts of the queue and of what is collected on the store in memory, on which the simulation runs: it must be a
// store like the real one.
import { collectedContract } from '#/storage/collected-contract.ts'
import type { Opened } from '#/storage/contract.ts'
import { queueContract } from '#/storage/queue-contract.ts'
import { queueDelaysContract } from '#/storage/queue-delays-contract.ts'
import { Disk } from './disk.ts'
import { memoryStore } from './memory-store.ts'

function open(): Promise<Opened> {
  const disk = new Disk()
  return Promise.resolve({
    store: memoryStore(disk),
    again: () => Promise.resolve(memoryStore(disk)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  })
}

queueContract('memory', open)
queueDelaysContract('memory', open)
collectedContract('memory', open)
