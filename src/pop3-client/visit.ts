// A session for a look or an act by hand: opened, listed, each message told apart, closed in any case. Used by browse.ts and
// by-hand.ts. Nothing is fetched or marked by it.
import type { Store } from '#/storage/store.ts'
import type { Listing, RemoteBox } from './box.ts'
import { enter, type EnterParts } from './enter.ts'
import { BrokenOff, readHashes } from './heads.ts'
import { byUid, identify, inDoubt, type Identified } from './identify.ts'
import type { RemoteRow } from '#/storage/collected.ts'
import { trouble } from './troubles.ts'
import { CollectError, type AccountRow } from './types.ts'

export type VisitParts = EnterParts & {
  readonly store: Store
  /** Somebody ends it: nothing is removed then. */
  readonly signal: AbortSignal
}
export type Visited = { readonly box: RemoteBox; readonly listing: Listing; readonly known: Map<string, RemoteRow[]> }

/** Resolves with what `work` makes of it. @throws CollectError in words when the session cannot be had or breaks */
export async function visit<T>(
  { store, signal, ...parts }: VisitParts,
  row: AccountRow,
  work: (visited: Visited) => Promise<T>,
): Promise<T> {
  const opened = await enter(parts, row, { signal })
  if (opened.is === 'failed') throw new CollectError(opened.trouble.words)
  const { box } = opened
  const stop = (): void => box.destroy(trouble('stopped', 'It was stopped'))
  signal.addEventListener('abort', stop)
  try {
    const answer = await box.list()
    if (answer.is !== 'listed') throw new CollectError(answer.trouble.words)
    const known = byUid(await store.collected.messages(row.id))
    return await work({ box, listing: answer.listing, known })
  } catch (error) {
    throw error instanceof BrokenOff ? new CollectError(error.message) : error
  } finally {
    signal.removeEventListener('abort', stop)
    await box.leave() // after a leave of `work` it does nothing
  }
}

/** Every listed message with what is remembered of it; of the `chosen` UIDs each is looked at. P3C-03 */
export async function tellApart(
  { box, listing, known }: Visited,
  chosen: readonly string[] = [],
): Promise<Identified[]> {
  const { messages } = listing
  const wanted = messages.filter(({ uid }) => uid !== null && chosen.includes(uid)).map(({ number }) => number)
  return identify(messages, known, await readHashes(box, [...new Set([...inDoubt(messages, known), ...wanted])]))
}
