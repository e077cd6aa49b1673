// What the rest of the program knows of storage. It keeps what it is told and knows no rules of mail.
// One engine per folder (sqlite/ today); storage/contract.ts is the test that every engine must pass.
import type { Address, ReversePath } from '#/message/address.ts'
import type { Content } from '#/message/content.ts'
import type { Envelope, RcptParameters } from '#/message/envelope.ts'
import type { MessageKey } from '#/message/key.ts'
import type { Instant } from '#/world/world.ts'
import type { AnsweredMark, Away, AwayAnswers } from './away.ts'
import type { Collected, CollectedMark } from './collected.ts'
import type { Notes } from './notes.ts'
import type { Drafts, WrittenMark } from './drafts.ts'
import type { PeopleRows } from './people.ts'
import type { Entries } from './entries.ts'
import type { DeliveryRow, Lease, Memo, Priority, Queue } from './queue.ts'
import type { Restoring } from './restoring.ts'
import type { Stories } from './stories.ts'
import type { Versions } from './topics.ts'

export type MailboxId = number

/** Where new mail of a mailbox goes besides, or instead. */
export type Forward = { readonly to: readonly string[]; readonly keep: boolean }

/** A mailbox as stored. Names are of this server, lower case, not of a domain. */
export type MailboxRow = {
  readonly id: MailboxId
  readonly name: string
  readonly pop3: boolean
  readonly argon2: string | null // PHC string
  readonly scram: string | null // "iterations$saltBase64$storedKeyBase64$serverKeyBase64"
  readonly quotaBytes: number | null
  readonly disabled: 'refuse' | 'defer' | 'no-login' | null // AD-12
  readonly forward: Forward | null // AD-14
  readonly away: Away | null // LP-05
  readonly deletedAt: Instant | null // soft delete
  readonly uidValidity: number
  readonly uidNext: number
  readonly messages: number
  readonly bytes: number
  readonly lastLoginAt: Instant | null
  readonly lastLoginFrom: string | null
}
export type MailboxChanges = Partial<
  Pick<MailboxRow, 'name' | 'pop3' | 'argon2' | 'scram' | 'quotaBytes' | 'disabled' | 'forward' | 'away' | 'deletedAt'>
>
export type DomainRow = {
  readonly name: string // A-label
  readonly mode: 'by-name' | 'one-mailbox' | 'alias' | 'addresses-only'
  readonly target: string | null // catch mailbox, the one mailbox, or the real domain of an alias
}
export type AddressRow = {
  readonly address: string // canonical: lower-case local part @ A-label; local part may hold * as user-level pattern
  readonly targets: readonly string[] // mailbox names or outside addresses
  readonly note: string
  readonly expiresAt: Instant | null
}
export type AccessRow = {
  readonly id: number
  readonly position: number
  readonly pattern: string // as typed, checked by intake/access.ts
  readonly action: 'allow' | 'deny'
  readonly note: string
  readonly expiresAt: Instant | null
  readonly senders: readonly string[] // allowed sender addresses or @domains; empty = any
  readonly lastUsedAt: Instant | null
  readonly uses: number
}

/** A further password of a mailbox, for one program. The selector is its open half: by it the row is found. */
export type AppPasswordRow = {
  readonly selector: string
  readonly mailbox: MailboxId
  readonly label: string
  readonly argon2: string // PHC string
  readonly scram: string // as in MailboxRow
  readonly createdAt: Instant
  readonly lastUsedAt: Instant | null
  readonly lastUsedFrom: string | null
}
export type NewAppPassword = Omit<AppPasswordRow, 'lastUsedAt' | 'lastUsedFrom'>

export type SettingChange = {
  readonly n: number
  readonly at: Instant
  readonly by: string
  readonly name: string
  readonly before: unknown
  readonly after: unknown
}

/** One step of a message's or a session's story. `ref` groups: a MessageKey, or a key of its own for refusals. */
export type TraceEvent = {
  readonly ref: string
  readonly at: Instant
  readonly step: string // received | refused | stored | queued | read | deleted | login-failed | ...
  readonly client: string | null // IP address
  readonly from: string | null
  readonly to: readonly string[]
  readonly subject: string | null
  readonly messageId: string | null
  readonly detail: Readonly<Record<string, unknown>> // small JSON: exact replies, rule that decided, sizes
}

export type LocalEntry = {
  readonly mailbox: MailboxId
  readonly recipients: readonly string[]
  readonly prefix: string
  /** When the message is from, if not of now: of collected mail. PC-24 */
  readonly datedAt?: Instant
  /** The unique id that mail programs know it by, if it has one: of a message that comes back. RFC 1939 §7 */
  readonly uidl?: string
  /** Read before it came here: of imported mail. */
  readonly seen?: boolean
}
// prefix: Return-Path and Delivered-To fields (latin1, CRLF-ended) that stand before the content when this mailbox reads it

/** A recipient elsewhere. */
export type RemoteEntry = {
  readonly to: Address
  readonly parameters: RcptParameters
  readonly allowedBy: string
  readonly from?: ReversePath // when it is not the sender of the envelope: a forwarded copy
  readonly priority?: Priority
  readonly memo?: Memo
  readonly dueAt?: Instant
  readonly held?: boolean
}

/** All that one accepted message changes, committed together or not at all. */
export type Acceptance = {
  readonly key: MessageKey
  readonly at: Instant
  readonly envelope: Envelope
  readonly content: Content
  readonly local: readonly LocalEntry[]
  readonly remote: readonly RemoteEntry[]
  /** Given when the relay takes the deliveries at once: their first attempt is recorded with the acceptance. */
  readonly lease?: Lease | null
  /** Given when it was collected from a remote account. */
  readonly collected?: CollectedMark
  /** Given when it was a draft. */
  readonly written?: WrittenMark
  /** Given when it answers somebody for an owner who is away. */
  readonly answered?: AnsweredMark
  readonly event: TraceEvent // received + stored + queued always come together: one row
}

/** The maildrop as of one moment: message n is at index n-1. */
export type Listing = {
  readonly mailbox: MailboxId
  readonly uidValidity: number
  readonly changeNumber: number
  readonly uids: Uint32Array
  readonly sizes: Float64Array // octets of what RETR sends, before stuffing, prefix included
  readonly uidls: ReadonlyMap<number, string> // by uid, only imported ones; the others are made from uidValidity and uid
}
export type MailboxState = {
  readonly messages: number
  readonly bytes: number
  readonly changeNumber: number
  readonly uidValidity: number
  readonly uidNext: number
}

/** A run of messages ready for the wire: for each its reply line `+OK n octets`, then its stuffed octets with the final
 *  CRLF.CRLF, nothing between one message and the next. */
export type StuffedRun = {
  readonly octets: Uint8Array
  readonly starts: Float64Array // where message i begins, behind its reply line
  readonly ends: Float64Array // end offset of message i in octets
  readonly status: Uint8Array // 0 fine, 1 gone, 2 damaged, 3 large: read it with openMessage
}

/** Octets of a message arriving. Nobody sees it until accept names it. Small ones stay in memory, larger ones go to a file. */
export interface Spool {
  /** May keep the chunk itself; a promise when the disk must be waited for. @throws StoreError on a full or failing disk */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** Flushes a file (and its folder) durably. The content is complete and final. */
  finish(): Promise<Content> | Content
  /** Throws away what was written. Idempotent, never throws. */
  discard(): void
}

export class StoreError extends Error {
  readonly kind: 'full' | 'failed' | 'conflict' | 'missing'
  /** Of a unit that was undone: its step that broke it, where that is known. */
  readonly step: number | undefined
  constructor(
    kind: 'full' | 'failed' | 'conflict' | 'missing',
    message: string,
    { step, ...options }: ErrorOptions & { readonly step?: number } = {},
  ) {
    super(message, options)
    this.kind = kind
    this.step = step
  }
}

/** A conflict because a mailbox is full or gone: of all that was to be kept, this entry of this acceptance was refused. */
export class EntryRefused extends StoreError {
  readonly acceptance: number
  readonly mailbox: MailboxId
  constructor({ acceptance, mailbox }: Pick<EntryRefused, 'acceptance' | 'mailbox'>, options: ErrorOptions) {
    super('conflict', `mailbox ${mailbox} takes no mail now`, options)
    this.acceptance = acceptance
    this.mailbox = mailbox
  }
}

/** Another process has the data folder. */
export class FolderInUse extends StoreError {
  constructor(folder: string, options?: ErrorOptions) {
    super('conflict', `Another NetCruiser Mail runs on ${folder}: stop it, or name another data folder.`, options)
  }
}

export interface Store {
  /** How often each kind of thing was written since the store was opened; only what is durable counts. */
  readonly versions: Readonly<Versions>

  // --- content and acceptance
  spool(): Spool
  /** Resolves, with the deliveries made, when the message would survive a power cut; only then may anyone say 250.
   *  RFC 5321 §4.2.5, §6.1. `notice`: what is made because of it, kept with it or not at all.
   *  @throws StoreError 'full' | 'failed'; after 'failed' nothing is stored by this store until it is opened anew. */
  accept(acceptance: Acceptance, notice?: Acceptance): Promise<readonly DeliveryRow[]>
  /** True while there is room above the reserve and no flush has failed. Cheap; asked at MAIL. */
  canAccept(): 'yes' | 'full' | 'failed'
  /** While much else takes memory: fewer pages are kept, and writing takes somewhat longer. */
  saveMemory(lean: boolean): void

  // --- identity and rules (small tables, read whole at start, kept in memory by accounts/)
  mailboxes(): Promise<MailboxRow[]>
  domains(): Promise<DomainRow[]>
  addresses(): Promise<AddressRow[]>
  access(): Promise<AccessRow[]>
  addMailbox(name: string, at: Instant): Promise<MailboxRow> // @throws 'conflict'
  changeMailbox(id: MailboxId, changes: MailboxChanges): Promise<void>
  /** Removes a soft-deleted mailbox, its entries and its app passwords for good. */
  purgeMailbox(id: MailboxId): Promise<void>
  putDomain(row: DomainRow): Promise<void>
  removeDomain(name: string): Promise<boolean>
  putAddress(row: AddressRow): Promise<void>
  removeAddress(address: string): Promise<boolean>
  putAccess(row: Omit<AccessRow, 'id' | 'lastUsedAt' | 'uses'>): Promise<number>
  changeAccess(id: number, row: Omit<AccessRow, 'id' | 'lastUsedAt' | 'uses'>): Promise<void>
  removeAccess(id: number): Promise<boolean>
  /** Counters, written off the hot path. */
  noteAccessUse(id: number, uses: number, at: Instant): Promise<void>
  noteLogin(mailbox: MailboxId, at: Instant, from: string): Promise<void>

  appPasswords(mailbox: MailboxId): Promise<AppPasswordRow[]>
  appPassword(selector: string): Promise<AppPasswordRow | undefined>
  /** @throws StoreError 'conflict' when the label is taken or the mailbox has `max` already. */
  addAppPassword(row: NewAppPassword, max: number): Promise<void>
  removeAppPassword(mailbox: MailboxId, label: string): Promise<boolean>
  noteAppPasswordUse(selector: string, at: Instant, from: string): Promise<void>

  // --- settings: only changed ones are rows
  settings(): Promise<Map<string, unknown>>
  putSettings(changes: ReadonlyMap<string, unknown>, by: string, at: Instant): Promise<void> // undefined as value = back to default
  /** Newest first; n stays with a change for ever. */
  settingsHistory(): Promise<SettingChange[]>

  // --- tables of the relay: each row is JSON that storage does not look into
  alternates(): Promise<{ name: string; value: string }[]>
  putAlternate(name: string, json: string): Promise<void>
  removeAlternate(name: string): Promise<boolean>
  /** In their order. */
  routes(): Promise<string[]>
  /** All of them, in one transaction. */
  putRoutes(jsons: readonly string[]): Promise<void>

  // --- maildrops
  mailboxState(mailbox: MailboxId): Promise<MailboxState>
  list(mailbox: MailboxId): Promise<Listing>
  /** Reads messages for the wire in one go: prefix + content, dot-stuffed, checksum checked. Stops early at about `bytesMax`;
   *  at least one message is returned. RFC 1939 §3 */
  readStuffed(mailbox: MailboxId, uids: Uint32Array, bytesMax: number): Promise<StuffedRun>
  /** Prefix + content of one message, not stuffed, in chunks; memory bounded. @throws StoreError 'missing' | 'failed' (damaged) */
  openMessage(mailbox: MailboxId, uid: number): AsyncIterable<Uint8Array>
  /** The keys of the messages of entries that are there; of the first thousand. */
  messagesOf(mailbox: MailboxId, uids: readonly number[]): Promise<string[]>
  /** Where a message is in a mailbox. */
  uidOf(mailbox: MailboxId, message: string): Promise<number | null>
  /** Removes entries durably, contents without entries too. Those that are gone already are no error. The event tells the
   *  keys of the messages. */
  removeEntries(mailbox: MailboxId, uids: readonly number[], event: TraceEvent): Promise<void>
  /** Exclusive maildrop lock as a lease with fencing. False when another holder's lease still runs. RFC 1939 §4 */
  lockMaildrop(mailbox: MailboxId, holder: string, term: { now: Instant; until: Instant }): Promise<boolean>
  unlockMaildrop(mailbox: MailboxId, holder: string): Promise<void>
  importUidl(mailbox: MailboxId, uid: number, uidl: string): Promise<void>

  // --- the messages of a mailbox as people see them
  readonly entries: Entries

  // --- outbound queue
  readonly queue: Queue

  // --- remote accounts
  readonly collected: Collected

  // --- whom mailboxes answered whose owners are away
  readonly away: AwayAnswers

  // --- what the server keeps about itself
  readonly notes: Notes
  // --- what is written here
  readonly drafts: Drafts

  // --- who may use the console
  readonly people: PeopleRows

  // --- trace
  /** Written soon, in a group, without waiting for a flush. */
  record(events: readonly TraceEvent[]): Promise<void>
  readonly stories: Stories
  /** Newest first. `text` matches address, subject, Message-ID, client or ref, without case; all rows are looked through. */
  trace(query: { text?: string; ref?: string; since?: Instant; limit: number }): Promise<TraceEvent[]>
  pruneTrace(before: Instant): Promise<void>

  // --- backups
  readonly restoring: Restoring

  // --- care
  /** Reads every row, content and checksum, every UID order; tells how much of it is done, from 0 to 1, now and then. */
  verify(onShare?: (share: number) => void): Promise<{ checked: number; problems: string[] }>
  facts(): Promise<{ engine: string; schema: number; messages: number; contentBytes: number; waiting: number }>
  /** Waits for what was asked, then closes. */
  close(): Promise<void>
}
