// The words between the POP3 conversation and whoever runs it: what it is given, what it asks, which orders it takes. Used
// by session.ts, its parts and pop-box.ts.
import type { Facts } from '#/wire/dots.ts'
import type { Credentials, DeriveKey } from '#/wire/sasl-client.ts'
import type { ClientWireEffect, Session, WireEffect } from '#/wire/session.ts'
import type { ClientTls, TlsUp } from '#/world/world.ts'
import type { Answer, BoxFacts, FetchAnswer, Listing, RemoteTrouble, Sink } from './box.ts'
import type { Capabilities } from './capabilities.ts'

export type SessionPlan = {
  readonly host: string // as it is named in texts
  readonly tls: 'implicit' | 'required' | 'opportunistic' | 'none'
  readonly clientTls: ClientTls
  readonly alreadyTls: TlsUp | null // implicit TLS
  readonly anyCertificate: boolean // TLS that proves nothing is good enough. P3C-09
  readonly plainAuthAllowed: boolean // secrets may go where somebody can listen
  readonly credentials: Credentials
  readonly address: string | null // numeric
  readonly ourselves: boolean
  readonly times: { readonly tlsMs: number; readonly replyMs: number; readonly loginReplyMs: number }
  readonly lineBytesMax: number
  readonly messagesListedMax: number
  readonly nonce: () => string // printable, without commas. RFC 5802 §5.1
  /** Hears each command and reply, secrets masked. */
  readonly note?: ((line: string) => void) | undefined
}

/** LIST asks for the UIDs too. */
export type Order =
  | { readonly verb: 'LIST' | 'NOOP' | 'QUIT' }
  | { readonly verb: 'DELE'; readonly number: number }
  | { readonly verb: 'RETR' | 'TOP'; readonly number: number; readonly sink: Sink; readonly bytesMax: number }
export type ListAnswer = { readonly is: 'listed'; readonly listing: Listing } | Exclude<Answer, { is: 'done' }>
export type OrderAnswer = Answer | ListAnswer | FetchAnswer

/** What became of a body. */
export type Received =
  | { readonly is: 'whole'; readonly facts: Facts }
  | { readonly is: 'too-big' }
  | { readonly is: 'closed' }
  | { readonly is: 'timeout' }

/** Answered by pop-box.ts. */
export type OwnEffect =
  | { readonly do: 'ready'; readonly facts: BoxFacts } // → undefined
  | { readonly do: 'nextOrder'; readonly mayWait: boolean } // → Order | null; null: none now, or never again when it may wait
  | { readonly do: 'answer'; readonly answer: OrderAnswer } // to the oldest order without one → undefined
  | { readonly do: 'receive'; readonly sink: Sink; readonly bytesMax: number } // → Received
  | DeriveKey
export type Running<Result> = Session<OwnEffect | WireEffect | ClientWireEffect, Result>

/** Null: it ended with QUIT. */
export type SessionEnd = RemoteTrouble | null

/** What the conversation knows of the server. */
export type Talk = {
  readonly plan: SessionPlan
  tls: TlsUp | null
  offers: Capabilities
  timestamp: string | null // in the greeting. RFC 1939 §7
  readonly secrets: string[] // latin1, as they were said: never quoted
  over: boolean // nothing can be said any more
}
