// What somebody says about all messages of a remote mailbox at once: they count as fetched, or they are the same as before
// under new UIDs. Called by collector.ts. PC-10, PC-35
import type { RemoteRow } from '#/storage/collected.ts'
import { hashOf, readHeadsNow } from './heads.ts'
import { headerOf, identify, isHere, type Identified } from './identify.ts'
import { rowFor } from './rows.ts'
import { CollectError, type AccountRow } from './types.ts'
import { tellApart, visit } from './visit.ts'
import type { HandParts } from './by-hand.ts'

export function markAll(parts: HandParts, row: AccountRow): Promise<number> {
  const now = parts.world.clock.now()
  return visit(parts, row, async (visited) => {
    const rows = (await tellApart(visited))
      .filter((one) => !isHere(one.row))
      .map((one): RemoteRow => ({ ...rowFor(one, now), state: 'ignored', problem: 'Marked as fetched by hand' }))
    await parts.store.collected.mark(row.id, rows)
    return rows.length
  })
}

export type Adopted = { readonly same: number; readonly others: number }

/** @throws CollectError when none is the same: to go on like that would fetch all of them. */
export function adopt(parts: HandParts, row: AccountRow): Promise<Adopted> {
  return visit(parts, row, async ({ box, listing: { messages }, known }) => {
    const numbers = messages.map(({ number }) => number)
    const hashes = await readHeadsNow(box, numbers, hashOf)
    const told = identify(messages, known, hashes)
    const same = recognised(
      told.filter((one) => one.row === null),
      [...known.values()].flat(),
      hashes,
    )
    const { name } = row.settings
    if (same.length === 0 && told.length > 0 && told.every((one) => one.row === null))
      throw new CollectError(
        `None of the ${told.length} messages is known by its headers: collect adopt ${name} --none fetches all of them, collect mark-all ${name} none`,
      )
    await parts.store.collected.mark(row.id, same)
    return { same: same.length, others: messages.length - same.length }
  })
}

/** Rows for new UIDs. What was never read, since nobody wants it, is known by its size alone, the older ones first: it would be
 *  no use to anybody to ask about messages that all are ignored. */
function recognised(
  told: readonly Identified[],
  rows: readonly RemoteRow[],
  hashes: ReadonlyMap<number, string>,
): RemoteRow[] {
  const first = rows.toSorted((a, b) => Number(a.goneAt !== null) - Number(b.goneAt !== null))
  const byHash = Map.groupBy(first.filter((row) => row.headerHash !== ''), headerOf) // prettier-ignore
  const unread = rows.filter(
    ({ headerHash, state, goneAt }) => headerHash === '' && state === 'ignored' && goneAt === null,
  )
  const bySize = Map.groupBy(unread, ({ sizeBytes }) => sizeBytes)
  const known = new Map(told.map((one) => [one, byHash.get(hashes.get(one.listed.number) ?? '')?.shift()]))
  return told.flatMap((one): RemoteRow[] => {
    const { sizeBytes } = one.listed
    const before = known.get(one) ?? bySize.get(sizeBytes)?.shift()
    return before ? [{ ...before, uid: one.key.uid, sizeBytes, goneAt: null }] : []
  })
}

/** What was left there under other UIDs does not count any more: all of it is fetched again. */
export async function forgetAll({ store, world }: HandParts, row: AccountRow): Promise<Adopted> {
  const rows = (await store.collected.messages(row.id)).filter(({ goneAt }) => goneAt === null)
  await store.collected.markGone(row.id, rows, world.clock.now())
  return { same: 0, others: rows.length }
}
