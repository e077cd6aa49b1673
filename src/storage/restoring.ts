// What storage does for backups while the server works: keeps files that a backup still reads, tells which messages a mailbox
// holds, and remembers that the whole was restored. Used by backup/ and operations.
import type { Instant } from '#/world/world.ts'
import type { MailboxId } from './store.ts'

/** The data came out of a backup: until somebody says so, nothing is sent that may have been sent since, and nothing is deleted
 *  on other servers. MB-08, PC-30 */
export type Restored = { readonly backupAt: Instant; readonly restoredAt: Instant; readonly held: number }

/** Of a content, and in which entry it is. */
export type ContentSum = { readonly uid: number; readonly sizeBytes: number; readonly crc32: number }

export interface Restoring {
  /** Until it is disposed, the files of contents that are deleted stay. */
  keepFiles(): Disposable
  /** Of every message of a mailbox, in the order of UIDs. */
  sums(mailbox: MailboxId): Promise<ContentSum[]>
  restored(): Promise<Restored | null>
  /** Nothing is remembered of it any more. */
  forgetRestored(): Promise<void>
}
