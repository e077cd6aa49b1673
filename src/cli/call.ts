// Runs an operation on the running server of a data folder, or, when none runs, on the folder itself.
import { setTimeout as wait } from 'node:timers/promises'
import { callServer, isServed } from '#/operations/control-call.ts'
import type { Call } from '#/operations/control-lines.ts'
import { OperationError } from '#/operations/errors.ts'
import { FolderInUse } from '#/storage/store.ts'
import { actAs, isRoot, mayEnter, ownerOf } from '#/world/node/user.ts'
import { onStop, type Watch } from './watch.ts'

/** @throws OperationError or StoreError with a sentence for the operator. */
export async function call(folder: string, asked: Call, watch: Watch = {}): Promise<unknown> {
  const answered = callServer(folder, asked, watch.onShare)
  onStop(watch, (by) => callServer(folder, by))
  const answer = await answered
  if (answer) return answer.value
  const { offline } = await import('./offline.ts') // the whole program: only where it is needed
  const { inTurn } = await import('#/operations/folder-turn.ts')
  asOwner(folder)
  try {
    return await inTurn(() => offline(folder, asked, watch), { wait, isServed: () => isServed(folder) })
  } catch (error) {
    // A server that was starting has the folder, and answers by now.
    const late = error instanceof FolderInUse ? await callServer(folder, asked, watch.onShare) : null
    if (late) return late.value
    throw error
  }
}

/** What root makes in the folder of somebody else the server could not open.
 *  @throws OperationError where only root gets to the folder. SEC-05 */
export function asOwner(folder: string): void {
  const owner = isRoot() ? ownerOf(folder) : null
  if (owner === null) return
  actAs(owner)
  if (mayEnter(folder)) return
  const hint =
    'With DynamicUser=yes systemd keeps it so: a unit that `netcruiser service` prints anew has a user of its own'
  throw new OperationError(`${folder} lies where its owner may not go, and root works on it as its owner. ${hint}`)
}
