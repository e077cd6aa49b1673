// Rows of what is remembered, made from what is listed. Pure.
import type { RemoteRow } from '#/storage/collected.ts'
import type { Instant } from '#/world/world.ts'
import type { Identified } from './identify.ts'

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
