// A command on a stopped server has the data folder for a moment: whoever comes meanwhile waits for its turn. Used by main and
// the command line. QUE-11
import { FolderInUse } from '#/storage/store.ts'
import type { Clock } from '#/world/world.ts'

const patienceMs = 10_000
const againMs = 100

type Turn = { readonly clock: Pick<Clock, 'now' | 'sleep'>; readonly isServed: () => Promise<boolean> }

/** Opens the folder, or gives up: at once where `isServed` says that a server has it, else after some seconds.
 *  @throws what `open` throws */
export async function inTurn<T>(open: () => Promise<T>, { clock, isServed }: Turn): Promise<T> {
  for (const end = clock.now() + patienceMs; ; await clock.sleep(againMs))
    try {
      return await open()
    } catch (error) {
      if (!(error instanceof FolderInUse) || clock.now() > end || (await isServed())) throw error
    }
}
