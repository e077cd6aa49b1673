// The one way mail gets in: judged at RCPT time, prepared after the body, committed by storage.
import type { Address, ReversePath } from '#/message/address.ts'
import type { Envelope, Recipient } from '#/message/envelope.ts'
import type { Reply } from '#/message/reply.ts'
import type { MessageKey } from '#/message/key.ts'
import type { AccountId, RemoteKey } from '#/storage/collected.ts'
import type { DeliveryRow, Lease } from '#/storage/queue.ts'
import type { Acceptance, MailboxId } from '#/storage/store.ts'
import type { Distribution } from './collected-header.ts'

/** Who is sending to us, as far as we know. One per connection; grows by EHLO, TLS and AUTH. */
export type Client = {
  readonly address: string // from the socket only
  readonly listener: 'smtp' | 'submission' | 'submissions'
  readonly ehlo: string | null
  readonly protocol: 'SMTP' | 'ESMTP'
  readonly tls: { readonly version: string; readonly cipher: string } | null
  readonly user: MailboxId | null // authenticated
  readonly userName: string | null
}

/** Where an accepted recipient's copy goes; nowhere when the domain discards it. AD-15 */
export type Route = {
  readonly mailboxes: readonly MailboxId[]
  readonly outside: readonly Address[]
  /** Mailboxes of a list that get no copy for want of room. */
  readonly full?: readonly MailboxId[]
  readonly allowedBy: string
}

export type Verdict =
  | { readonly accept: true; readonly reply: Reply; readonly route: Route }
  | { readonly accept: false; readonly reply: Reply }

/** What MAIL said that matters to each recipient. */
export type MailFacts = { readonly from: ReversePath; readonly sizeBytes: number | null }

export type Accepted = { readonly recipient: Recipient; readonly route: Route }

export interface Intake {
  /** Does an entry of the access list allow this address by its number? Asks no DNS. IN-22 */
  isListed(address: string): boolean
  /** At MAIL: store can take mail, sender may be used, size fits. A plain value when nothing must be waited for. */
  judgeSender(client: Client, envelope: Omit<Envelope, 'to'>): Reply | Promise<Reply>
  /** At RCPT. Never throws for what the client sent; DNS or store trouble is a 4xx. */
  judgeRecipient(
    client: Client,
    mail: MailFacts,
    recipient: Recipient,
    accepted: readonly Accepted[],
  ): Verdict | Promise<Verdict>
  /** At DATA. Octets of the message (dots undone) go in by `write`, in order; then `finish` or `abort`, once. */
  begin(client: Client, envelope: Envelope, recipients: readonly Accepted[]): Receiving
  /** Of a remote account: octets of one message (dots undone) go in by `write`, in order; then `end`, and `keep` or `discard`. */
  beginCollecting(from: CollectedFrom): Collecting
  /** Writes a refusal to the trace (grouped under attack). */
  refused(client: Client, from: ReversePath | undefined, to: string | null, said: Reply): void
}

/** A message on its way in. Its Received field is written first; the header section is held until it ended, at most 1 MiB. */
export interface Receiving {
  /** May keep the chunk. A promise when the disk must be waited for. Never throws: trouble is told by finish. */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** Resolves with the final reply: 250 only when durable. Never throws. */
  finish(facts: BodyFacts): Promise<Reply>
  abort(): void
}

/** Where a collected message comes from, and where it goes. */
export type CollectedFrom = {
  readonly account: { readonly id: AccountId; readonly name: string }
  readonly mailbox: MailboxId
  readonly host: string
  readonly address: string | null // numeric
  readonly tls: { readonly version: string; readonly cipher: string } | null
  readonly uid: string // latin1 octets
  readonly sizeBytes: number // as listed
  readonly dateFromHeader: boolean // PC-24
  readonly distribution: Distribution | null
  /** As the body of a message of ours: for what cannot be stored as it is. PC-20 */
  readonly raw: boolean
}
/** What a message turned out to be. */
export type Ended = {
  readonly headerHash: string
  readonly sameness: string
  /** Why it cannot be stored as it is, in words. */
  readonly problem: string | null
}
/** known: it was kept before. mailbox, store: nothing can be kept there now. */
export type Kept =
  | { readonly is: 'kept'; readonly message: MessageKey; readonly mailboxes: readonly MailboxId[] }
  | { readonly is: 'known' }
  | { readonly is: 'store'; readonly words: string }
  /** `isOwn`: it is the one of the account, so that nothing can be kept; otherwise only what is for that mailbox. */
  | { readonly is: 'mailbox'; readonly words: string; readonly isOwn: boolean }

export interface Collecting {
  /** May keep the chunk. A promise when the disk must be waited for. Never throws: trouble is told by `keep`. */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** Behind the last octet, once. */
  end(): Ended
  /** Under this key. Resolves when both would survive a power cut. Never throws. */
  keep(mark: RemoteKey & { readonly sameness: string; readonly problem: string | null }): Promise<Kept>
  discard(): void
}

/** What wire/dots learnt while octets passed. */
export type BodyFacts = {
  readonly sizeBytes: number
  readonly strayLineEnds: boolean // a bare CR or LF: D4
  readonly nul: boolean
  readonly eightBit: boolean
  readonly tooBig: boolean // octets past the limit were dropped
}

/** Of mail that was written here, with its header section: what answers it for owners who are away, to be called when the mail
 *  is durable; null: nobody is. */
export type Answering = (acceptance: Acceptance, head: Uint8Array) => (() => void) | null

/** The relay, as far as intake knows it. */
export interface Outbound {
  /** A lease under which deliveries are accepted that the relay begins with at once; null: they wait in the store. QU-02 */
  claim(count: number): Lease | null
  /** Deliveries that are durable by now. */
  queued(rows: readonly DeliveryRow[]): void
  /** The sender under which a mapping forwards a message: one of ours, so that bounces come to us. AD-14 */
  forwardedAs(from: ReversePath): ReversePath
  /** What a message carries that this address sent on, so that it is known when it comes back. LP-02 */
  forwardMark(address: Address): string
  /** The mailbox that gets a bounce to such a sender; null when the address is none of these. */
  bounceOf(address: Address): MailboxId | null
}
