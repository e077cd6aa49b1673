// What storage keeps for the POP3 Client: remote accounts, what became of each remote message, and the runs. It knows no
// rules of collecting. A message that is stored here is marked in the transaction that stores it: units.ts. PC-13
import type { MessageKey } from '#/message/key.ts'
import type { Instant } from '#/world/world.ts'
import type { MailboxId, TraceEvent } from './store.ts'

export type AccountId = number

/** `settings` and `status` are JSON that storage does not look into. */
export type AccountJson = { readonly id: AccountId; readonly settings: string; readonly status: string }

/** stored: it is here, durably. removed: DELE was said and QUIT answered; absent from a later listing it is confirmed.
 *  ignored: never fetched. failed: `tries` retrievals failed by themselves. aside: it failed too often. duplicate: a copy
 *  of what the mailbox holds, left on the server. Nothing else is remembered: what has no row was never seen. PC-14 */
export type RemoteState = 'stored' | 'removed' | 'ignored' | 'failed' | 'aside' | 'duplicate'

/** Which message: the UID as latin1 octets, and the hash of its header section, which tells messages of one UID apart.
 *  Empty where the message was never read. PC-07, PC-08 */
export type RemoteKey = { readonly uid: string; readonly headerHash: string }

export type RemoteRow = RemoteKey & {
  readonly state: RemoteState
  readonly sizeBytes: number // as listed
  readonly at: Instant // when it got its first state; of a stored one: when it became durable here. PC-30
  readonly goneAt: Instant | null // the first listing without it; null again when it shows up. PC-12
  readonly tries: number
  readonly problem: string | null // in words
  readonly message: MessageKey | null // the copy here
  readonly mailbox: MailboxId | null
  readonly localUid: number | null
  readonly sameness: string // equal for copies of one message, whatever way they took; empty: not known. PC-27
}

/** Goes with an Acceptance: the message and this row are kept together, or neither. A row that says `stored` or `removed`
 *  already and has a copy, or an account that is gone, makes the acceptance a 'conflict'. */
export type CollectedMark = RemoteKey & {
  readonly account: AccountId
  readonly sizeBytes: number
  readonly sameness: string
  readonly problem: string | null
}

export type RunJson = { readonly at: Instant; readonly report: string }

/** What is written in the same transaction, behind the rows. */
export type Also = {
  /** Of known rows, whose state becomes `removed` and which stay as they are in all else. */
  readonly removed?: readonly RemoteKey[]
  readonly events?: readonly TraceEvent[]
}

/** What is told of an account that is gone is not kept. */
export interface Collected {
  accounts(): Promise<AccountJson[]>
  /** Resolves with its id when it is durable. */
  addAccount(settings: string, status: string): Promise<AccountId>
  /** @throws StoreError 'conflict' when it is gone. Null leaves a part as it is. */
  putAccount(id: AccountId, change: { settings: string | null; status: string | null }): Promise<void>
  /** With all that is remembered of its messages. */
  removeAccount(id: AccountId): Promise<boolean>

  messages(account: AccountId): Promise<RemoteRow[]>
  /** Writes rows, new or known by their key, in one transaction; `at`, `message`, `mailbox`, `localUid` and `sameness` of
   *  known ones stay. */
  mark(account: AccountId, rows: readonly RemoteRow[], also?: Also): Promise<void>
  /** Of the keys that are known: when they were first missing, or null when they are there again. */
  markGone(account: AccountId, keys: readonly RemoteKey[], goneAt: Instant | null): Promise<void>
  /** They are forgotten. */
  forget(account: AccountId, keys: readonly RemoteKey[]): Promise<void>
  /** The samenesses of all that was collected into a mailbox. */
  samenesses(mailbox: MailboxId): Promise<Set<string>>
  /** Stored messages whose copy here was deleted since. */
  deletedHere(account: AccountId): Promise<RemoteKey[]>

  /** One run's report is kept and the older ones of the account before `prune` are dropped. */
  addRun(account: AccountId, run: RunJson, pruneBefore: Instant): Promise<void>
  /** Newest first. */
  runs(account: AccountId, limit: number): Promise<RunJson[]>
}
