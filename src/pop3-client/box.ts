// A mailbox on another server, as the collector sees it: POP3 today (pop-box.ts), IMAP later. All calls may be made without
// waiting for the ones before: they are answered in order, pipelined where the server can. PC-40
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type { Credentials } from '#/wire/sasl-client.ts'
import type { Facts } from '#/wire/dots.ts'
import type { TlsUp } from '#/world/world.ts'

/** `number` is good for this session only; `uid` are latin1 octets, null where the server tells none. */
export type Listed = { readonly number: number; readonly sizeBytes: number; readonly uid: string | null }

export type Listing = {
  readonly messages: readonly Listed[] // in the order of their numbers
  /** What was odd about it, in words, a line each, at most a hundred. */
  readonly warnings: readonly string[]
}

export type BoxFacts = {
  readonly address: string | null // numeric, of the server that was reached
  readonly tls: TlsUp | null
  readonly pipelining: boolean
  /** Whether the header section alone can be asked for; false as soon as the server has refused it. */
  readonly top: boolean
  /** 0: it deletes what was read. Null: it does not say. RFC 2449 §6.7 */
  readonly expireDays: number | null
  readonly loginDelaySeconds: number
  readonly implementation: string | null
  readonly ourselves: boolean // it is a POP3 listener of this very server. LP-06
}

/** What the remote side said or did, told apart by what is to be done about it. PC-04 */
export type RemoteTrouble = {
  readonly is:
    | 'unreachable' // no connection, or none of its addresses
    | 'forbidden' // an address or port that this account must not reach. PC-38
    | 'tls' // no TLS where it is required, or a certificate that proves nothing
    | 'busy' // [IN-USE]
    | 'too-soon' // [LOGIN-DELAY]
    | 'temporary' // [SYS/TEMP]
    | 'permanent' // [SYS/PERM]
    | 'auth' // [AUTH], or a mechanism that said no for good: the credentials are wrong
    | 'refused' // a plain -ERR at login
    | 'sign-in' // tokens that cannot be renewed: somebody must sign in again
    | 'lost' // the line broke
    | 'timeout'
    | 'garbage' // no POP3, or too much of it
    | 'ourselves' // it is this very server
    | 'stopped' // by us: cancelled, or its time is over
  readonly words: string // for people, without control characters; holds no secret
}

/** What a single command came to. A refusal concerns this message alone. */
export type Answer =
  | { readonly is: 'done' }
  | { readonly is: 'refused'; readonly trouble: RemoteTrouble }
  | { readonly is: 'broken'; readonly trouble: RemoteTrouble } // the session is over

export type HeadAnswer = { readonly is: 'head'; readonly octets: Uint8Array } | Exclude<Answer, { is: 'done' }>
/** Nobody wants it any more, and the server has not heard of it. */
export type Withdrawn = { readonly is: 'withdrawn' }
export type FetchAnswer =
  | { readonly is: 'whole'; readonly facts: Facts }
  /** It went on beyond `bytesMax`: the session is over, what was passed on is not the message. */
  | { readonly is: 'too-big' }
  | Withdrawn
  | Exclude<Answer, { is: 'done' }>

export type Sink = {
  /** Dots undone. Called from the first octet on; a promise when more must wait. */
  write(octets: Uint8Array): Promise<void> | undefined
}

export interface RemoteBox {
  readonly facts: BoxFacts
  list(): Promise<{ readonly is: 'listed'; readonly listing: Listing } | Exclude<Answer, { is: 'done' }>>
  /** The header section with the empty line behind it, at most 1 MiB of it. */
  head(number: number): Promise<HeadAnswer>
  /** The whole message, which is whole only when the answer says so: before that everything may still break. */
  fetch(number: number, sink: Sink, bytesMax: number): Promise<FetchAnswer>
  /** Fetches and removals that were not sent yet are answered 'withdrawn'. */
  withdraw(): void
  /** Counts only when `leave` says 'committed'. */
  remove(number: number): Promise<Answer | Withdrawn>
  /** Ends the session. 'doubtful': some removals may not have happened, or all. PC-15 */
  leave(): Promise<'committed' | 'doubtful'>
  /** Breaks off: nothing is removed; what is under way ends as 'broken' with `trouble`. */
  destroy(trouble: RemoteTrouble): void
}

/** Opens a box for an account. Its address, port and certificate are judged before any secret is said. Never throws for what the
 *  remote side does. */
export type OpenBox = (
  account: RemoteAccount,
  credentials: Credentials,
  options: {
    /** Hears each command and reply, secrets masked. */
    readonly note?: (line: string) => void
    /** Breaks off while it is being opened: 'stopped'. */
    readonly signal?: AbortSignal
  },
) => Promise<
  { readonly is: 'open'; readonly box: RemoteBox } | { readonly is: 'failed'; readonly trouble: RemoteTrouble }
>
