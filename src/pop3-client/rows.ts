// What is made from what is listed: rows of what is remembered, and what intake is told of a message. Pure.
import type { CollectedFrom } from '#/intake/types.ts'
import type { RemoteRow } from '#/storage/collected.ts'
import type { Instant } from '#/world/world.ts'
import type { BoxFacts } from './box.ts'
import type { Identified } from './identify.ts'
import type { AccountRow } from './types.ts'

/** Its own row, or a new one that says nothing yet. */
export const rowFor = ({ row, key, listed }: Identified, now: Instant): RemoteRow =>
  row ?? {
    ...key,
    state: 'failed',
    sizeBytes: listed.sizeBytes,
    at: now,
    goneAt: null,
    tries: 0,
    problem: null,
    message: null,
    mailbox: null,
    localUid: null,
    sameness: '',
  }

/** Whence a message comes and where it goes, as intake wants to know it. `raw`: as the body of a message of ours. PC-20 */
export function originOf(
  { id, settings }: AccountRow,
  { address, tls }: Pick<BoxFacts, 'address' | 'tls'>,
  { key, listed, raw }: Pick<Identified, 'key' | 'listed'> & { readonly raw: boolean },
): CollectedFrom {
  const { name, mailbox, host, dateFromHeader, distribution } = settings
  const { sizeBytes } = listed
  return {
    account: { id, name },
    mailbox,
    host,
    address,
    tls,
    uid: key.uid,
    sizeBytes,
    dateFromHeader,
    distribution,
    raw,
  }
}
