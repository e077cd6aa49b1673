// A command on a stopped server has the data folder for a moment, and a server that was told to stop has it until it has ended
// what it has begun: whoever comes meanwhile waits for its turn. Used by main and the command line. QUE-11, IN-23
import { FolderInUse, StoreError } from '#/storage/store.ts'

const triesMax = 40 // of which each one waits for a moment at the lock, too
const endingTriesMax = 50 // the same: 15 s in all
const againMs = 100

type Turn = {
  readonly wait: (ms: number) => Promise<unknown>
  readonly isServed: () => Promise<boolean>
  /** Of the server that has it: whether it was told to stop. */
  readonly isEnding?: () => Promise<boolean>
}

/** Opens the folder, or gives up: at once where `isServed` says that a server has it, else after some seconds.
 *  @throws what `open` throws */
export async function inTurn<T>(open: () => Promise<T>, { wait, isServed, isEnding }: Turn): Promise<T> {
  for (let [tries, ending] = [0, 0]; ;)
    try {
      return await open()
    } catch (error) {
      if (!(error instanceof FolderInUse)) throw error
      const served = await isServed()
      if (served && (await isEnding?.())) {
        if (++ending > endingTriesMax) throw new StoreError('conflict', stillEnding)
      } else if (served || ++tries === triesMax) throw error
      await wait(againMs)
    }
}

const stillEnding = 'The server before still ends what it has begun: start again in a moment.'
