// Which of the listed messages is which that we remember. The UID is the identity, the number never is; where a UID says too
// little, the hash of the header section decides. Pure; asked by session-run.ts. PC-07, PC-08, PC-09
import type { RemoteKey, RemoteRow } from '#/storage/collected.ts'
import type { Listed } from './box.ts'

/** Rows by their UID. */
export type Known = ReadonlyMap<string, readonly RemoteRow[]>

export type Identified = {
  readonly listed: Listed
  /** Under which it is remembered. The hash is empty when it is not known yet. */
  readonly key: RemoteKey
  readonly row: RemoteRow | null
  /** Another listed message has the same UID: they are removed only when all of them were read in one session. */
  readonly sharesUid: boolean
}

/** Where a server tells no UID, ours: a word that tells where it comes from, and a hash. The size stands for what cannot be
 *  told before it is read. */
export const headerUid = (headerHash: string): string => `headers:${headerHash}`
const isOurs = (uid: string): boolean => uid.startsWith('headers:')
export const contentUid = (sameness: string): string => `content:${sameness}`
const sizeUid = (sizeBytes: number): string => `size:${sizeBytes}`
export const isNameless = ({ listed, key }: Identified): boolean => listed.uid === null && key.headerHash === ''

/** Messages of one UID and one header section are told apart by what they hold. */
export const fullHash = (headerHash: string, sameness: string): string => `${headerHash}.${sameness}`
/** The hash of the header section alone. */
export const headerOf = ({ headerHash }: RemoteKey): string => headerHash.split('.')[0]!
export const hasHeader = (row: RemoteKey, headerHash: string): boolean => headerOf(row) === headerHash

export function byUid(rows: readonly RemoteRow[]): Map<string, RemoteRow[]> {
  const known = new Map<string, RemoteRow[]>()
  for (const row of rows) remember(known, row)
  return known
}

/** A row of the same key is replaced, and one that was noted before its header section was read. */
export function remember(known: Map<string, RemoteRow[]>, row: RemoteRow): void {
  const others = known.get(row.uid)?.filter(({ headerHash }) => headerHash !== row.headerHash && headerHash !== '')
  known.set(row.uid, others ? [...others, row] : [row])
}

/** What was removed unread and is listed again is not here. */
export const isHere = (row: RemoteRow | null): boolean =>
  row !== null && row.message !== null && (row.state === 'stored' || row.state === 'removed')

/** The UIDs that are remembered may be those of another server: none is believed without its header section. PC-10 */
type Trust = { readonly unproven?: boolean }

/** The numbers of those that are not told apart without their header sections. */
export function inDoubt(messages: readonly Listed[], known: Known, { unproven = false }: Trust = {}): number[] {
  const counts = countUids(messages.map(({ uid }) => uid))
  const nameless = sizesOfNameless(known)
  const isClear = ({ uid, sizeBytes }: Listed): boolean => {
    if (uid === null || counts.get(uid)! > 1) return false
    const rows = known.get(uid) ?? []
    if (rows.length === 0) return !nameless.has(sizeBytes)
    if (unproven) return rows.every(({ headerHash }) => headerHash === '') // which were never read
    return rows.length === 1 && (rows[0]!.headerHash === '' || isStill(rows[0]!, sizeBytes))
  }
  return messages.filter((one) => !isClear(one)).map(({ number }) => number)
}

/** Of messages that came without a UID, and may have one by now. */
function sizesOfNameless(known: Known): Set<number> {
  const sizes = new Set<number>()
  for (const [uid, rows] of known) if (isOurs(uid)) for (const { sizeBytes } of rows) sizes.add(sizeBytes)
  return sizes
}

/** What was removed or missing and shows up may be another message with an old UID. P3C-03 */
const isStill = (row: RemoteRow, sizeBytes: number): boolean =>
  row.sizeBytes === sizeBytes && row.goneAt === null && row.state !== 'removed'

/** `hashes`: of header sections, by number, where they were asked for and came. */
export function identify(
  messages: readonly Listed[],
  known: Known,
  hashes: ReadonlyMap<number, string>,
  { unproven = false }: Trust = {},
): Identified[] {
  const hashOf = ({ number }: Listed): string => hashes.get(number) ?? ''
  const uidOf = (listed: Listed): string =>
    listed.uid ?? (hashOf(listed) === '' ? sizeUid(listed.sizeBytes) : headerUid(hashOf(listed)))
  const counts = countUids(messages.map(uidOf))
  const claimed = claims(messages, known, { counts, hashOf, uidOf })
  return messages.map((listed) => {
    const [hash, uid] = [hashOf(listed), uidOf(listed)]
    const claim = claimed.get(listed)
    if (claim) return { listed, key: claim, row: claim, sharesUid: true }
    const sharesUid = (listed.uid !== null || hash !== '') && counts.get(uid)! > 1
    const row = rowOf(known.get(uid) ?? [], { listed, hash, sharesUid, unproven })
    return { listed, key: { uid, headerHash: row === null ? hash : row.headerHash }, row, sharesUid }
  })
}

type Told = {
  readonly counts: ReadonlyMap<string | null, number>
  readonly hashOf: (listed: Listed) => string
  readonly uidOf: (listed: Listed) => string
}

/** What has a UID in one session and none in another: a row whose UID is not told now, of the same header section and size. It
 *  counts like one of a shared UID, so it is read again before it goes. Where two may be meant it is neither. PC-07, PC-09 */
function claims(messages: readonly Listed[], known: Known, { counts, hashOf, uidOf }: Told): Map<Listed, RemoteRow> {
  const strangers = messages.filter((one) => hashOf(one) !== '' && !known.has(uidOf(one)))
  if (strangers.length === 0) return new Map()
  const untold = [...known]
    .flatMap(([uid, rows]) => (counts.has(uid) ? [] : rows))
    .filter(({ goneAt, headerHash }) => goneAt === null && headerHash !== '')
  const byHash = Map.groupBy(untold, headerOf)
  const askers = Map.groupBy(strangers, hashOf)
  return new Map(
    strangers.flatMap((listed): [Listed, RemoteRow][] => {
      const hash = hashOf(listed)
      const [row, another] = (byHash.get(hash) ?? []).filter((row) => listed.uid === null || isOurs(row.uid))
      const isClear = row !== undefined && another === undefined && askers.get(hash)!.length === 1
      return isClear && isStill(row, listed.sizeBytes) ? [[listed, row]] : []
    }),
  )
}

type Doubt = Required<Trust> & { readonly listed: Listed; readonly hash: string; readonly sharesUid: boolean }

/** A known UID with another size may be another message: without proof it is read again, and recognised then. P3C-03 */
function rowOf(rows: readonly RemoteRow[], { listed, hash, sharesUid, unproven }: Doubt): RemoteRow | null {
  const isLike = (row: RemoteRow): boolean => !unproven || isStill(row, listed.sizeBytes)
  const unread = rows.find((row) => row.headerHash === '' && isLike(row))
  if (hash === '' && unproven) return unread ?? null
  if (hash === '') return rows.find((row) => isStill(row, listed.sizeBytes)) ?? unread ?? null
  const mayBe = (row: RemoteRow): boolean => listed.uid !== null || isStill(row, listed.sizeBytes) // PC-09
  const same = rows.filter((row) => hasHeader(row, hash) && mayBe(row))
  return (
    same.find(({ sizeBytes }) => sizeBytes === listed.sizeBytes) ?? same[0] ?? (sharesUid ? null : (unread ?? null))
  )
}

function countUids(uids: readonly (string | null)[]): Map<string | null, number> {
  const counts = new Map<string | null, number>()
  for (const uid of uids) counts.set(uid, (counts.get(uid) ?? 0) + 1)
  return counts
}
