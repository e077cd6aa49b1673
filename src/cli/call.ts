// Runs an operation on the running server of a data folder, or, when none runs, on the folder itself.
import { callServer } from '#/operations/control-call.ts'
import type { Call } from '#/operations/control-lines.ts'
import { actAs, isRoot, ownerOf } from '#/world/node/user.ts'
import { onStop, type Watch } from './watch.ts'

/** @throws OperationError or StoreError with a sentence for the operator. */
export async function call(folder: string, asked: Call, watch: Watch = {}): Promise<unknown> {
  const answered = callServer(folder, asked, watch.onShare)
  onStop(watch, (by) => callServer(folder, by))
  const answer = await answered
  if (answer) return answer.value
  asOwner(folder)
  const { offline } = await import('./offline.ts') // the whole program: only where it is needed
  return offline(folder, asked, watch)
}

/** What root makes in the folder of somebody else the server could not open. SEC-05 */
export function asOwner(folder: string): void {
  const owner = isRoot() ? ownerOf(folder) : null
  if (owner) actAs(owner)
}
