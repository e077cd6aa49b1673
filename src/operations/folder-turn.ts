// A command on a stopped server has the data folder for a moment: whoever comes meanwhile waits for its turn. Used by main and
// the command line. QUE-11
import { setTimeout as sleep } from 'node:timers/promises'
import { FolderInUse } from '#/storage/store.ts'

const patienceMs = 10_000
const againMs = 100

/** Opens the folder, or gives up: at once where `isServed` says that a server has it, else after some seconds.
 *  @throws what `open` throws */
export async function inTurn<T>(open: () => Promise<T>, isServed: () => Promise<boolean>): Promise<T> {
  for (const end = performance.now() + patienceMs; ; await sleep(againMs))
    try {
      return await open()
    } catch (error) {
      if (!(error instanceof FolderInUse) || performance.now() > end || (await isServed())) throw error
    }
}
