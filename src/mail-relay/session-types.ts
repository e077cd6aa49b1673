// The words between the outgoing conversation and whoever runs it: what it is given, what it asks, how mails and the
// connection end. Used by session.ts, its parts and dial.ts.
import type { Address, ReversePath } from '#/message/address.ts'
import type { MailParameters, RcptParameters } from '#/message/envelope.ts'
import type { Reply } from '#/message/reply.ts'
import type { Credentials, DeriveKey } from '#/wire/sasl-client.ts'
import type { ClientWireEffect, Session, WireEffect } from '#/wire/session.ts'
import type { ClientTls, TlsUp } from '#/world/world.ts'
import type { Capabilities } from './capabilities.ts'

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>
/** Content in octets as it stands; its last CRLF is added on the way when it lacks. */
export type Sendable = { readonly sizeBytes: number; readonly chunks: () => Chunks }
export type MailRecipient = { readonly address: Address; readonly parameters: RcptParameters }
export type Mail = Sendable & {
  readonly from: ReversePath
  readonly parameters: MailParameters
  readonly recipients: readonly MailRecipient[]
  /** Of the content; addresses are looked at here. */
  readonly needs: { readonly eightBit: boolean; readonly smtputf8: boolean }
  /** The content without 8-bit octets, null when it cannot be had. Asked only when the host takes no 8BITMIME. RO-23 */
  readonly sevenBit?: () => Sendable | null
  /** Only asks whether it would be taken: nothing is sent. For the tester. */
  readonly probe?: true
}

export type Stage = 'connect' | 'greeting' | 'ehlo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'dot'
export type RecipientOutcome = {
  readonly reply: Reply
  readonly stage: Stage
  /** The whole message went out and no answer came: it may have arrived. RO-17 */
  readonly uncertain: boolean
  readonly fromRemote: boolean // the words are the host's, else ours
  /** Too many for one transaction: to be sent at once in another. QU-09 */
  readonly again: boolean
  /** The host hung up behind so many recipients: the next transaction has no more. QU-09 */
  readonly atOnce?: number
}
export type MailResult = {
  readonly outcomes: readonly RecipientOutcome[] // one a recipient, in the same order
  readonly tls: TlsUp | null
  readonly pipelined: boolean
  readonly dsn: boolean // whether the host took over the DSN parameters. DS-10
  /** A kept connection that the host had closed: nothing was sent, and this is no attempt. OUT-16 */
  readonly stale: boolean
  /** Replies did not match the commands: pipelining is not for this host. OUT-08 */
  readonly outOfStep: boolean
}

export type SessionEnd = { readonly is: 'done' } | SessionFailure
export type SessionFailure = {
  readonly is: 'failed'
  readonly stage: Stage
  readonly reply: Reply
  readonly fromRemote: boolean
  readonly retryInClear: boolean // once, on the same host, without TLS. RO-13
  readonly retryWithHelo: boolean // once: EHLO made it hang up. RO-12
  readonly authRefused: boolean // the route is held, no mail is returned. RO-27
  readonly loop: boolean // it is ourselves. LP-03
}

export type SessionTimes = {
  readonly greetingMs: number
  readonly commandMs: number // EHLO, AUTH, MAIL, RCPT, RSET
  readonly dataInitMs: number
  readonly dataBlockMs: number
  readonly dataEndMs: number
  readonly quitMs: number
  readonly tlsMs: number
}
export type SessionPlan = {
  readonly ehloName: string
  readonly hello: 'EHLO' | 'HELO'
  readonly host: string // as it is named in texts
  readonly tls: 'none' | 'opportunistic' | 'required' | 'verified'
  readonly clientTls: ClientTls // its `verify` is decided by `tls`
  readonly alreadyTls: TlsUp | null // implicit TLS
  readonly credentials: Credentials | null
  readonly plainAuthAllowed: boolean // secrets may go where somebody can listen
  readonly times: SessionTimes
  readonly usePipelining: boolean
  readonly nonce: () => string // printable, without commas. RFC 5802 §5.1
  /** Whether these words come from this very server. LP-03 */
  readonly isOurs: (greeting: string, ehloLines: readonly string[]) => boolean
  /** Hears each command and reply, secrets masked. */
  readonly note?: (line: string) => void
  /** Hears the largest message that the host takes, null: it says none. RFC 1870 §3 */
  readonly noteSize?: (sizeBytesMax: number | null) => void
}

/** Answered by dial.ts. */
export type OwnEffect =
  | { readonly do: 'nextMail' } // → Mail | null, null: say goodbye
  | { readonly do: 'mailDone'; readonly result: MailResult } // → undefined
  | DeriveKey
export type ClientEffect = OwnEffect | WireEffect | ClientWireEffect
export type Running<Result> = Session<ClientEffect, Result>

/** What the conversation knows of the host. */
export type Talk = {
  readonly plan: SessionPlan
  tls: TlsUp | null
  offers: Capabilities
  greeting: string
  used: boolean // a mail has gone before
  needsReset: boolean // a transaction is open
  over: boolean // nothing can be said any more
}
