// A command on a stopped server has the data folder for a moment: whoever comes meanwhile waits for its turn. Used by main and
// the command line. QUE-11
import { FolderInUse } from '#/storage/store.ts'

const triesMax = 40 // of which each one waits for a moment at the lock, too
const againMs = 100

type Turn = { readonly wait: (ms: number) => Promise<unknown>; readonly isServed: () => Promise<boolean> }

/** Opens the folder, or gives up: at once where `isServed` says that a server has it, else after some seconds.
 *  @throws what `open` throws */
export async function inTurn<T>(open: () => Promise<T>, { wait, isServed }: Turn): Promise<T> {
  for (let tries = 1; ; tries++)
    try {
      return await open()
    } catch (error) {
      if (!(error instanceof FolderInUse) || tries === triesMax || (await isServed())) throw error
      await wait(againMs)
    }
}
