// What a session does with what is listed: pure, from what the server lists, what is remembered and what the account says.
// Called by session-run.ts. Nothing is removed here that has no row `stored`. PC-12, PC-20, PC-21, PC-22, PC-28 to PC-30
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type { RemoteKey, RemoteRow } from '#/storage/collected.ts'
import type { Instant } from '#/world/world.ts'
import { isHere, type Identified, type Known } from './identify.ts'
import { changedUidsMin, dayMs } from './limits.ts'
import type { RunReport } from './types.ts'

export type Plan = {
  /** Oldest first; what failed before comes last. */
  readonly fetch: readonly Identified[]
  /** Here already, and due to go from the server. */
  readonly remove: readonly Identified[]
  /** The numbers of these, and of those among `fetch` that go when they turn out to be here. */
  readonly due: ReadonlySet<number>
  /** How many messages have a UID that is not theirs alone. */
  readonly shared: ReadonlyMap<string, number>
  /** Never to be fetched, and due to go: bigger than somebody said to delete. */
  readonly removeUnread: readonly Identified[]
  readonly gone: readonly RemoteKey[]
  readonly back: readonly RemoteKey[]
  readonly forget: readonly RemoteKey[]
  readonly skipped: RunReport['skipped']
}

export type PlanFacts = {
  readonly now: Instant
  /** What this run has fetched already. */
  readonly fetched: { readonly messages: number; readonly bytes: number }
  readonly keepGoneDays: number
  /** Keys, as text, of those whose copy here was deleted. */
  readonly deletedHere: ReadonlySet<string>
  /** Whether that mailbox is here still: what was kept in another one has no copy any more. PC-23 */
  readonly hasMailbox: (id: number) => boolean
  /** Keys, as text, of those that this run could not fetch. PC-20 */
  readonly tried: ReadonlySet<string>
}
type Account = Pick<
  RemoteAccount,
  | 'leave'
  | 'deleteAfterDays'
  | 'keepNewest'
  | 'keepBytes'
  | 'deleteWithLocal'
  | 'deletesFrom'
  | 'sizeBytesMax'
  | 'deleteLargerBytes'
  | 'messagesMax'
  | 'bytesMax'
>

export const keyText = ({ uid, headerHash }: RemoteKey): string => `${headerHash} ${uid}`

export function planSession(all: readonly Identified[], known: Known, account: Account, facts: PlanFacts): Plan {
  const wanted = choose(all, account, facts)
  const due = dueToGo(all, account, facts)
  const shared = new Map<string, number>()
  for (const { key, sharesUid } of all) if (sharesUid) shared.set(key.uid, (shared.get(key.uid) ?? 0) + 1)
  return {
    ...wanted,
    fetch: [...wanted.fetch, ...due.filter(({ sharesUid }) => sharesUid)], // PC-08
    remove: due.filter(({ sharesUid }) => !sharesUid),
    due: new Set(due.map(({ listed }) => listed.number)),
    shared,
    ...vanished(all, known, facts),
  }
}

type Choice = Pick<Plan, 'fetch' | 'removeUnread' | 'skipped'>

function choose(all: readonly Identified[], account: Account, { fetched, tried }: PlanFacts): Choice {
  const skipped = { tooBig: 0, failed: 0, aside: 0, ignored: 0, duplicate: 0, notYet: 0 }
  const first: Identified[] = []
  const again: Identified[] = []
  const removeUnread: Identified[] = []
  for (const one of all) {
    const { row, listed } = one
    if (isHere(row)) continue
    if (tried.size > 0 && tried.has(keyText(row ?? one.key))) {
      skipped.failed++
      continue
    }
    if (row?.state === 'aside' || row?.state === 'ignored' || row?.state === 'duplicate') skipped[row.state]++
    else if (listed.sizeBytes > (account.deleteLargerBytes ?? Infinity)) removeUnread.push(one)
    else if (listed.sizeBytes > account.sizeBytesMax) skipped.tooBig++
    else (row === null ? first : again).push(one)
  }
  const fetch = capped([...first, ...again], account, fetched)
  skipped.notYet = first.length + again.length - fetch.length
  return { fetch, removeUnread, skipped }
}

/** As much as one run may take; a message alone always fits. */
function capped(
  wanted: readonly Identified[],
  account: Account,
  { messages, bytes }: PlanFacts['fetched'],
): Identified[] {
  let [count, size] = [messages, bytes]
  const end = wanted.findIndex(({ listed }) => {
    count++
    size += listed.sizeBytes
    return count > account.messagesMax || (size > account.bytesMax && count > 1)
  })
  return end < 0 ? [...wanted] : wanted.slice(0, end)
}

function dueToGo(all: readonly Identified[], account: Account, facts: PlanFacts): Identified[] {
  const { now, deletedHere, hasMailbox } = facts
  const here = all.filter(({ row }) => isHere(row)) // what was removed and is still listed is due again: PC-15
  const kept = newest(here, account)
  const notHere = new Set(all.filter(({ row }) => !isHere(row)).map(({ key }) => key.uid))
  return here.filter((one) => {
    const { row, sharesUid, key } = one
    if (row === null || row.problem !== null) return false // somebody must look at it first. P3C-16
    if (row.mailbox !== null && !hasMailbox(row.mailbox)) return false
    if (sharesUid && notHere.has(key.uid)) return false // PC-08
    if (row.at < account.deletesFrom) return false // PC-29
    if (account.deleteWithLocal && deletedHere.has(keyText(row))) return true
    if (account.keepNewest !== null || account.keepBytes !== null) return !kept.has(one)
    if (account.deleteAfterDays !== null) return now - row.at >= account.deleteAfterDays * dayMs // PC-30
    return !account.leave
  })
}

/** Those that stay as the newest: higher numbers came later. */
function newest(here: readonly Identified[], { keepNewest, keepBytes }: Account): Set<Identified> {
  const kept = new Set<Identified>()
  let bytes = 0
  for (const one of here.toReversed()) {
    bytes += one.listed.sizeBytes
    if (kept.size >= (keepNewest ?? Infinity) || bytes > (keepBytes ?? Infinity)) break
    kept.add(one)
  }
  return kept
}

function vanished(
  all: readonly Identified[],
  known: Known,
  { now, keepGoneDays }: PlanFacts,
): Pick<Plan, 'gone' | 'back' | 'forget'> {
  const present = new Set(all.map(({ row }) => row)) // the rows themselves: texts made of keys cost more than all the rest here
  const [gone, back, forget]: RemoteRow[][] = [[], [], []]
  for (const rows of known.values())
    for (const row of rows)
      if (present.has(row)) {
        if (row.goneAt !== null) back!.push(row)
      } else if (row.goneAt === null) gone!.push(row)
      else if (now - row.goneAt >= keepGoneDays * dayMs) forget!.push(row)
  return { gone: gone!, back: back!, forget: forget! }
}

/** All UIDs are new though many messages were left there: the provider has changed them. PC-10. What goes at once may be gone
 *  without a row that says so: a crash came between the answer to QUIT and the mark. PC-15 */
export function uidsChanged(all: readonly Identified[], known: Known, account: Account): boolean {
  if (all.length < changedUidsMin) return false
  const mayBeGone = ({ state, problem, at }: RemoteRow): boolean =>
    state === 'removed' || (state === 'stored' && problem === null && goesAtOnce(account) && at >= account.deletesFrom)
  let left = 0
  for (const rows of known.values()) for (const row of rows) if (row.goneAt === null && !mayBeGone(row)) left++
  return left >= changedUidsMin && all.length * 2 >= left && all.every(({ row }) => row === null)
}

/** Whether a message goes from the server as soon as it is here. */
export const goesAtOnce = ({ leave, deleteAfterDays, keepNewest, keepBytes }: Account): boolean =>
  keepNewest === null && keepBytes === null && (deleteAfterDays === null ? !leave : deleteAfterDays === 0)
