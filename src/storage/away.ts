// What a mailbox answers while its owner is away, and who was answered lately. Storage knows no rule of whom to answer; it keeps
// what must not happen twice together with the answer. LP-05
import type { Instant } from '#/world/world.ts'
import type { MailboxId, TraceEvent } from './store.ts'

/** Kept while it is off, too. `from`, `until`: of the time in which it is sent; null: no end on that side. */
export type Away = {
  readonly on: boolean
  readonly text: string
  readonly subject: string | null
  readonly from: Instant | null
  readonly until: Instant | null
}

/** Of an acceptance that answers somebody: refused as a conflict when this sender has been answered since `since`, or
 *  `perHourMax` were in the last hour. Those before `since` are forgotten. */
export type AnsweredMark = {
  readonly mailbox: MailboxId
  readonly sender: string
  readonly at: Instant
  readonly since: Instant
  readonly perHourMax: number
  /** Tells of it in the story of the message that is answered. */
  readonly event: TraceEvent
}

export interface AwayAnswers {
  /** When this sender was answered last, if that is remembered, and how many senders have been since `since`. */
  answered(mailbox: MailboxId, sender: string, since: Instant): Promise<{ lastAt: Instant | null; lately: number }>
}
