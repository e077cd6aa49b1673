// Who is who here: the directory of mailboxes, domains and addresses in memory, and the judge of passwords.
import type { Address, Domain } from '#/message/address.ts'
import type { AccessRow, AddressRow, DomainRow, MailboxId, MailboxRow } from '#/storage/store.ts'
import type { Reply } from '#/message/reply.ts'

/** Where an address leads. `because` tells the steps in words for the explainer and the trace. AD-01 */
export type Resolution =
  | {
      readonly is: 'local'
      readonly mailboxes: readonly MailboxRow[]
      readonly outside: readonly Address[]
      readonly rule: 'local' | 'domain catch'
      readonly because: readonly string[]
    }
  | { readonly is: 'discarded'; readonly because: readonly string[] } // what the domain's catch wants. AD-15
  | { readonly is: 'remote'; readonly because: readonly string[] } // not a domain of ours
  | { readonly is: 'unknown'; readonly because: readonly string[] } // ours, but nobody: 550 5.1.1
  | { readonly is: 'refused'; readonly reply: Reply; readonly because: readonly string[] } // disabled, expired, loop

export interface Directory {
  resolve(address: Address): Resolution
  isLocalDomain(domain: Domain): boolean
  mailbox(nameOrAddress: string): MailboxRow | undefined // login name: "user", "user@domain", "user+detail@domain". PS-15
  mailboxById(id: MailboxId): MailboxRow | undefined
  /** May this mailbox use this sender address? RLY-18, SE-05 */
  owns(mailbox: MailboxRow, address: Address): boolean
  all(): {
    mailboxes: readonly MailboxRow[]
    domains: readonly DomainRow[]
    addresses: readonly AddressRow[]
    access: readonly AccessRow[]
  }
  /** Reads the tables anew after a change. */
  reload(): Promise<void>
}

export type LoginResult =
  | { readonly ok: true; readonly mailbox: MailboxRow; readonly app: string | null } // selector of an app password
  | { readonly ok: false; readonly why: 'wrong' | 'unknown' | 'disabled' | 'pop3-off' | 'throttled' | 'busy' } // why is for the log; the client sees one text

export type ScramKeys = {
  readonly iterations: number
  readonly salt: Uint8Array
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
  readonly id?: string // the selector of an app password
  readonly others?: readonly Pick<ScramKeys, 'storedKey' | 'serverKey' | 'id'>[]
}

/** App passwords are for programs: the console takes the main one only. */
export type Service = 'pop3' | 'smtp' | 'console'
/** `argon2` null: nobody, at the same pace. */
export type ProveRequest = {
  readonly who: string
  readonly argon2: string | null
  readonly password: string
  readonly client: string
}

export interface Logins {
  /** Same work and same time whatever the reason of failure. ENU-03, AUT-07..13 */
  check(request: { name: string; password: string; client: string; service: Service }): Promise<LoginResult>
  /** For who has no mailbox: under the same throttle, with the same work. */
  prove(request: ProveRequest): Promise<'right' | 'wrong' | 'throttled' | 'busy'>
  /** How a proof by other means ended, or one that needed more than the password. */
  noteProof(person: Pick<ProveRequest, 'who' | 'client'>, outcome: 'right' | 'wrong'): void
  /** Keys for SCRAM-SHA-256; a stable fake for unknown users (AUT-11). */
  scramKeys(request: {
    name: string
    client: string
    service: Service
  }): Promise<{ keys: ScramKeys; mailbox: MailboxRow | null }>
  /** Tells the throttle how a SCRAM exchange ended. */
  noteScram(request: {
    name: string
    client: string
    service: Service
    ok: boolean
    /** The `id` of the keys that were proved. */
    app: string | null
  }): void
  /** Before an attempt: is this client slowed down? ms to wait, or 'refuse'. */
  delayFor(client: string): number | 'refuse'
  /** Has somebody signed in from this address, or from its IPv6 /64, since the start? */
  hasSignedIn(client: string): boolean
}

/** What an API token may do: look, mail of mailboxes, the queue, settings, or everything. */
export const scopes = ['read', 'mail', 'queue', 'settings', 'all'] as const
export type Scope = (typeof scopes)[number]

/** Who asks, as the program knows them: never as they say. SX-04 */
export type Actor = {
  readonly role: 'administrator' | 'owner'
  /** Of the administrator, the mailbox or the token; what histories show. */
  readonly name: string
  /** The one mailbox that an owner may touch; null for an administrator. */
  readonly mailbox: string | null
  /** Null: all that the role may. */
  readonly scopes: readonly Scope[] | null
  readonly via: 'session' | 'token' | 'socket'
  /** The client's address; empty for the control socket. */
  readonly from: string
  /** Names the session in lists; it is not what signs in. */
  readonly sessionId: string | null
}

export type SignInRequest = {
  readonly name: string
  readonly password: string
  /** Of the authenticator, or a recovery code. */
  readonly code?: string | undefined
  readonly from: string
  readonly agent: string
}
export type SignInResult =
  | { readonly ok: true; readonly session: string; readonly actor: Actor }
  | { readonly ok: false; readonly reason: 'wrong' | 'code-needed' | 'code-wrong' | 'wait'; readonly waitMs?: number }

export type SetupResult = { readonly ok: true } | { readonly ok: false; readonly problem: string }

/** A browser that is signed in. */
export type SessionInfo = {
  readonly id: string
  readonly role: Actor['role']
  readonly name: string
  readonly createdAt: number
  readonly seenAt: number
  readonly from: string
  readonly agent: string
}

/** Who may use the console: administrators, owners of mailboxes, tokens. Opened by accounts/people.ts. */
export interface People {
  /** No administrator exists yet. SX-01 */
  setupNeeded(): boolean
  /** The token of the one-time link; made, and kept in a file of this user only, while no administrator exists.
   *  Empty when nothing is to be set up. WEB-07 */
  setupToken(): string
  /** Makes the first administrator; the token is worth nothing afterwards. */
  setup(request: { token: string; name: string; password: string }): Promise<SetupResult>
  /** Of administrators and of owners, at the same pace whatever is wrong. WEB-08, AUT-07 */
  signIn(request: SignInRequest): Promise<SignInResult>
  /** Asked at each request: from memory. `session`: what signIn gave; `bearer`: an API token. */
  identify(shown: { session?: string | undefined; bearer?: string | undefined; from: string }): Actor | null
  /** `session`: what signIn gave. */
  signOut(session: string): Promise<void>
  /** All for an administrator, their own for an owner; latest first. */
  sessionsOf(actor: Actor): SessionInfo[]
  /** `id` of SessionInfo. False when there is none. */
  endSession(id: string): Promise<boolean>
}

/** What a page may know of who is signed in. */
export type SessionShown = {
  readonly actor: Pick<Actor, 'role' | 'name' | 'mailbox'> | null
  /** No administrator exists yet: the link that the server printed sets one. */
  readonly setupNeeded: boolean
}
