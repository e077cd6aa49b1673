// The one way mail gets in: judged at RCPT time, prepared after the body, committed by storage.
import type { Address, ReversePath } from '#/message/address.ts'
import type { Content } from '#/message/content.ts'
import type { Envelope, Recipient } from '#/message/envelope.ts'
import type { Reply } from '#/message/reply.ts'
import type { Acceptance, MailboxId, Spool } from '#/storage/store.ts'

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

/** Where an accepted recipient's copy goes. */
export type Route = { readonly mailboxes: readonly MailboxId[]; readonly outside: readonly Address[]; readonly allowedBy: string }

export type Verdict =
  | { readonly accept: true; readonly reply: Reply; readonly route: Route }
  | { readonly accept: false; readonly reply: Reply }

export type Accepted = { readonly recipient: Recipient; readonly route: Route }

export interface Intake {
  /** At MAIL: store can take mail, sender may be used, size fits. A plain value when nothing must be waited for. */
  judgeSender(client: Client, envelope: Omit<Envelope, 'to'>): Reply | Promise<Reply>
  /** At RCPT. Never throws for what the client sent; DNS or store trouble is a 4xx. */
  judgeRecipient(client: Client, from: ReversePath, recipient: Recipient, accepted: readonly Accepted[]): Verdict | Promise<Verdict>
  /** A place for the octets of a message from this client. */
  spool(): Spool
  /** After the final dot: hop count, header checks, Received on top, envelope to Acceptance. Pure but for `spool`-d content.
   *  `head` is the first 64 KiB (or all) of the message for header checks. */
  accept(client: Client, envelope: Envelope, recipients: readonly Accepted[], body: ReceivedBody): Promise<Reply>
  /** Writes a refusal to the trace (grouped under attack). */
  refused(client: Client, from: ReversePath | undefined, to: string | null, said: Reply): void
}

/** What the body reader learnt while octets passed. */
export type ReceivedBody = {
  /** Called once: finishes the spool. Throws StoreError. */
  readonly finish: (trace: string) => Promise<Content> | Content
  readonly head: Uint8Array
  readonly sizeBytes: number
  readonly strayLineEnds: boolean // a bare CR or LF: D4
  readonly nul: boolean
  readonly eightBit: boolean
}
export type { Acceptance }
