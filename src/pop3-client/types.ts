// What the rest of the program asks of the POP3 Client. Implemented by collector.ts; called by operations and main.
import type { AccountStatus, RemoteAccount } from '#/config/remote-accounts.ts'
import type { AccountId, RemoteState } from '#/storage/collected.ts'
import type { Instant } from '#/world/world.ts'

export type Progress = {
  readonly account: string
  readonly phase: 'connecting' | 'listing' | 'fetching' | 'ending'
  readonly messages: number // done
  readonly messagesOf: number
  readonly bytes: number
  readonly bytesOf: number
}

/** What became of one run; kept for the history. */
export type RunReport = {
  readonly at: Instant
  readonly tookMs: number
  readonly ok: boolean
  readonly reason: AccountStatus['reason']
  readonly words: string // why it is not ok; without control characters
  readonly listed: number
  readonly listedBytes: number
  readonly fetched: number
  readonly fetchedBytes: number
  readonly removed: number // from the server, confirmed by its answer to QUIT
  readonly left: number
  readonly leftBytes: number
  /** What stayed on the server without a copy here, by reason. */
  readonly skipped: Readonly<Record<'tooBig' | 'failed' | 'aside' | 'ignored' | 'duplicate' | 'notYet', number>>
  readonly warnings: readonly string[] // at most a hundred
}

/** A row of accounts().all(). */
export type AccountRow = {
  readonly id: AccountId
  readonly settings: RemoteAccount
  readonly status: AccountStatus
}

/** A message on the remote server, as `browse` shows it. Texts are decoded, printable, without control characters. PC-36 */
export type RemoteItem = {
  readonly number: number
  readonly uid: string // latin1 octets; where the server tells none, one of ours
  readonly sizeBytes: number
  readonly at: Instant | null // by its Date field
  readonly from: string | null
  readonly subject: string | null
  readonly state: RemoteState | 'new'
  readonly here: boolean // a copy is in the mailbox now
  readonly problem: string | null
}
export type BrowsePage = {
  readonly items: readonly RemoteItem[] // newest first
  readonly total: number
  readonly totalBytes: number
  readonly before: number | null // of the next page; null: this is the last one
  /** False: the server shows no header sections, so that dates, senders and subjects are not known. PC-32 */
  readonly previews: boolean
  readonly warnings: readonly string[]
}

/** fetch-raw: as an attachment of a message of ours, for what cannot be stored as it is. again: forget that it was ignored,
 *  set aside or taken for a duplicate. */
export type RemoteAction = 'fetch' | 'fetch-delete' | 'fetch-raw' | 'delete' | 'ignore' | 'again'
export type ActionReport = {
  readonly uid: string
  readonly is: 'fetched' | 'deleted' | 'ignored' | 'again' | 'vanished' | 'ambiguous' | 'failed'
  readonly words: string // what happened, for people
}

export type TestReport = {
  readonly ok: boolean
  readonly lines: readonly string[] // the conversation, secrets masked
  readonly messages: number | null
  readonly bytes: number | null
  readonly advice: readonly string[] // what the server is known for, what is missing
}

/** An account that is not there, or is at work: a sentence for the operator. */
export class CollectError extends Error {}

export interface Collector {
  /** Collects now, whatever the interval; joins a run that is under way. Resolves with its report. @throws CollectError */
  run(id: AccountId, options?: { readonly onProgress?: (progress: Progress) => void }): Promise<RunReport>
  /** Ends a run where it is: nothing is lost. False when none is under way. */
  cancel(id: AccountId): boolean
  /** Likewise; resolves when it is over and noted: from then on it keeps nothing. */
  end(id: AccountId): Promise<boolean>
  /** Like cancel, and what somebody does there by hand is broken off: nothing is removed there by it. */
  interrupt(id: AccountId): boolean
  progress(): readonly Progress[]
  /** Messages since the start. */
  totals(): { readonly collected: number; readonly removed: number }
  /** Signs in, asks what is there, signs out; changes nothing. Works for an account that is not saved. */
  test(settings: RemoteAccount): Promise<TestReport>
  /** @throws CollectError */
  browse(id: AccountId, page: { readonly before: number | null; readonly limit: number }): Promise<BrowsePage>
  /** By UID, in a session of its own, verified by a new listing. @throws CollectError */
  act(id: AccountId, uids: readonly string[], action: RemoteAction): Promise<ActionReport[]>
  /** All that is on the server now counts as fetched. Resolves with how many. @throws CollectError */
  markAll(id: AccountId): Promise<number>
  /** After the server has given all messages new UIDs: those known by their header section keep what is remembered. PC-10
   *  none: they count as new. @throws CollectError */
  adopt(id: AccountId, how: 'recognise' | 'none'): Promise<{ readonly same: number; readonly others: number }>
  /** Something changed: accounts are looked at again now. */
  wake(): void
  /** Begins to collect at the intervals. */
  start(): void
  /** Lets runs finish what they are at, for at most `ms`; then breaks them off. */
  drain(ms: number): Promise<void>
}
