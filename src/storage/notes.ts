// What the server keeps about its own running: figures of the day, who signed in, problems and since when. Losing the last
// minute of it hurts nobody, so it is written in groups, off the way of mail. Used by operations and accounts.
import type { Instant } from '#/world/world.ts'
import type { TraceEvent } from './store.ts'

/** offered to us = accepted + refused. logins: of POP3. queued: deliveries to other servers. */
export const figureNames = [
  'accepted',
  'refused',
  'read',
  'queued',
  'delivered',
  'failed',
  'collected',
  'logins',
] as const
export type FigureName = (typeof figureNames)[number]
/** Counted by quarters of an hour: midnight is at one of their borders wherever somebody is. */
export const slotMs = 900_000
export type Figure = { readonly at: Instant; readonly name: FigureName; readonly count: number } // at: where the quarter begins

/** ok, or why not: as the judge of passwords says it. */
export type LoginNote = {
  readonly service: 'pop3' | 'smtp' | 'console'
  readonly name: string // of the mailbox, or as typed where there is none
  readonly client: string
  readonly outcome: string
  readonly at: Instant
}
/** Logins of one name from one client that ended alike. */
export type LoginRow = Omit<LoginNote, 'at'> & {
  readonly times: number
  readonly firstAt: Instant
  readonly lastAt: Instant
}
export type LoginQuery = {
  readonly service: LoginNote['service']
  readonly name?: string | undefined
  /** The row behind which the page begins. */
  readonly after?: Pick<LoginRow, 'lastAt' | 'name' | 'client' | 'outcome'> | undefined
  readonly limit: number
}

/** A problem from when it was first seen; `value` is JSON that storage does not look into. */
export type ProblemRow = {
  readonly id: string
  readonly since: Instant
  readonly value: string
  readonly dismissedAt: Instant | null
  readonly solvedAt: Instant | null
}

/** A mailbox with a quota that is nearly or wholly used up. */
export type FullMailbox = { readonly name: string; readonly bytes: number; readonly quotaBytes: number }

export interface Notes {
  /** Of the quarters of an hour from `since` on; up to this moment. */
  figures(since: Instant): Figure[]
  /** The newest events of all messages, newest first, as they became durable. */
  latest(limit: number): Promise<TraceEvent[]>
  /** Never waits: written a little later. */
  noteLogin(note: LoginNote): void
  /** Latest first. */
  logins(query: LoginQuery): Promise<LoginRow[]>
  /** Open ones, and solved ones, latest first. */
  problems(): Promise<ProblemRow[]>
  /** By id and since. */
  putProblem(row: ProblemRow): Promise<void>
  /** Mailboxes that hold so much of their quota, fullest first. */
  fullMailboxes(percent: number, limit: number): Promise<FullMailbox[]>
  /** Writes what waits, and forgets what is older than a month. */
  flush(): Promise<void>
}
