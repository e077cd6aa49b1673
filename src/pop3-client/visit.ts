// A session for a look or an act by hand: opened, listed, each message told apart, closed in any case. Used by browse.ts and
// by-hand.ts. Nothing is fetched or marked by it.
import type { Store } from '#/storage/store.ts'
import { headerEnd } from '#/message/header.ts'
import { headerHash } from '#/message/header-hash.ts'
import type { Listing, RemoteBox } from './box.ts'
import { enter, type EnterParts } from './enter.ts'
import { readHeads } from './heads.ts'
import { byUid, identify, inDoubt, type Identified } from './identify.ts'
import type { RemoteRow } from '#/storage/collected.ts'
import { CollectError, type AccountRow } from './types.ts'

export type VisitParts = EnterParts & { readonly store: Store }
export type Visited = { readonly box: RemoteBox; readonly listing: Listing; readonly known: Map<string, RemoteRow[]> }

/** Resolves with what `work` makes of it. @throws CollectError in words when the session cannot be had or breaks */
export async function visit<T>(
  { store, ...parts }: VisitParts,
  row: AccountRow,
  work: (visited: Visited) => Promise<T>,
): Promise<T> {
  const opened = await enter(parts, row, {})
  if (opened.is === 'failed') throw new CollectError(opened.trouble.words)
  const { box } = opened
  try {
    const answer = await box.list()
    if (answer.is !== 'listed') throw new CollectError(answer.trouble.words)
    const known = byUid(await store.collected.messages(row.id))
    return await work({ box, listing: answer.listing, known })
  } finally {
    await box.leave() // after a leave of `work` it does nothing
  }
}

/** Every listed message with what is remembered of it. */
export async function tellApart({ box, listing, known }: Visited): Promise<Identified[]> {
  const heads = await readHeads(box, inDoubt(listing.messages, known))
  return identify(listing.messages, known, hashesOf(heads))
}

export const hashesOf = (heads: ReadonlyMap<number, Uint8Array>): Map<number, string> =>
  new Map(Array.from(heads, ([number, octets]) => [number, hashOf(octets)]))

const hashOf = (octets: Uint8Array): string =>
  headerHash(octets.subarray(0, headerEnd(octets)?.fieldsEnd ?? octets.length))
