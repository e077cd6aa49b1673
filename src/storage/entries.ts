// What storage tells of the messages of a mailbox without their contents, and how they are marked, deleted for a time of
// grace, brought back and removed for good. It knows no rules of mail: a head is octets to it.
import type { MessageKey } from '#/message/key.ts'
import type { Instant } from '#/world/world.ts'
import type { MailboxId, TraceEvent } from './store.ts'

export type EntryRow = {
  readonly uid: number
  readonly message: MessageKey
  readonly prefix: string // latin1 fields that stand before the content
  readonly sizeBytes: number // as it is read, prefix included
  readonly seen: boolean
  readonly at: Instant // when it came
  readonly deletedAt: Instant | null // null: it is in the mailbox
}
/** With the first octets of its content. */
export type EntryHead = EntryRow & { readonly head: Uint8Array }

/** Behind which row a page of deleted messages begins. */
export type DeletedMark = { readonly deletedAt: Instant; readonly uid: number }
export type MailboxFigures = {
  readonly messages: number
  readonly bytes: number
  readonly unseen: number
  /** Within their time of grace; they are not part of the figures above, nor of the quota. MB-03 */
  readonly deletedMessages: number
  readonly deletedBytes: number
}
export type DeletedEntry = { readonly uid: number; readonly sizeBytes: number; readonly uidl: string | null }
export type EntryKey = { readonly mailbox: MailboxId; readonly uid: number; readonly message: MessageKey }

export interface Entries {
  /** @throws StoreError 'missing' when the mailbox is gone. */
  figures(mailbox: MailboxId): Promise<MailboxFigures>
  /** Newest first, those below the UID `before`. */
  heads(mailbox: MailboxId, page: { before: number; limit: number; headBytes: number }): Promise<EntryHead[]>
  /** Last deleted first. */
  deletedHeads(
    mailbox: MailboxId,
    page: { behind: DeletedMark | null; limit: number; headBytes: number },
  ): Promise<EntryHead[]>
  /** In the mailbox or deleted; those that are gone are left out. */
  find(mailbox: MailboxId, uids: readonly number[]): Promise<EntryRow[]>
  mark(mailbox: MailboxId, uids: readonly number[], seen: boolean): Promise<void>
  /** They leave the mailbox and keep their contents, until `purge`. Those that are gone already are no error. */
  delete(
    mailbox: MailboxId,
    uids: readonly number[],
    deleted: { at: Instant; events: readonly TraceEvent[] },
  ): Promise<void>
  /** Back into the mailbox under a UID of its own, since UIDs only grow; `uidl` is what mail programs knew it by.
   *  False when it is not among the deleted ones any more. */
  restore(mailbox: MailboxId, deleted: { uid: number; uidl: string }, event: TraceEvent): Promise<boolean>
  /** Deleted ones go for good. */
  purge(mailbox: MailboxId, uids: readonly number[], events: readonly TraceEvent[]): Promise<void>
  /** Behind this number of a change of the mailbox. */
  deletedSince(mailbox: MailboxId, changeNumber: number): Promise<DeletedEntry[]>
  /** Some of those that were deleted before then, over all mailboxes. */
  deletedBefore(at: Instant, limit: number): Promise<EntryKey[]>
}
