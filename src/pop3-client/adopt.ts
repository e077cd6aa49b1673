// What somebody says about all messages of a remote mailbox at once: they count as fetched, or they are the same as before
// under new UIDs. Called by collector.ts. PC-10, PC-35
import type { RemoteRow } from '#/storage/collected.ts'
import { readHashes } from './heads.ts'
import { identify, isHere } from './identify.ts'
import { rowFor } from './rows.ts'
import type { AccountRow } from './types.ts'
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

export function adopt(parts: HandParts, row: AccountRow): Promise<Adopted> {
  return visit(parts, row, async ({ box, listing, known }) => {
    const hashes = await readHashes(
      box,
      listing.messages.map(({ number }) => number),
    )
    const byHash = new Map([...known.values()].flat().map((one) => [one.headerHash, one]))
    const same = identify(listing.messages, known, hashes).flatMap((one): RemoteRow[] => {
      const hash = hashes.get(one.listed.number) ?? ''
      const before = hash === '' || one.row !== null ? undefined : byHash.get(hash)
      return before ? [{ ...before, uid: one.key.uid, sizeBytes: one.listed.sizeBytes, goneAt: null }] : []
    })
    await parts.store.collected.mark(row.id, same)
    return { same: same.length, others: listing.messages.length - same.length }
  })
}

/** What was left there under other UIDs does not count any more: all of it is fetched again. */
export async function forgetAll({ store, world }: HandParts, row: AccountRow): Promise<Adopted> {
  const rows = (await store.collected.messages(row.id)).filter(({ goneAt }) => goneAt === null)
  await store.collected.markGone(row.id, rows, world.clock.now())
  return { same: 0, others: rows.length }
}
