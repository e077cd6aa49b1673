// What one POP3 conversation remembers, and the effects it asks for. Pure.
import type { LoginResult } from '#/accounts/types.ts'
import type { Settings } from '#/config/settings.ts'
import type { Maildrop } from '#/mailboxes/maildrop.ts'
import { StoreError, type MailboxRow } from '#/storage/store.ts'
import type { ServerKeys } from '#/wire/scram.ts'
import type { Session, WireEffect } from '#/wire/session.ts'
import type { TlsIdentity } from '#/world/world.ts'
import type { Prefetch } from './prefetch.ts'

export type State = {
  readonly hostname: string
  readonly identity: TlsIdentity | null
  readonly settings: () => Settings
  /** Whether this mailbox, as it was at login, may still be read. AUT-14 */
  readonly welcome: (mailbox: MailboxRow) => boolean
  readonly client: string
  secure: boolean
  phase: 'authorization' | 'transaction' | 'closed'
  user: string | null // named by USER
  mailbox: MailboxRow | null
  app: string | null // selector of the app password that let it in
  maildrop: Maildrop | null
  prefetch: Prefetch | null
  errors: number
  readonly retrieved: { count: number; readonly first: number[] } // messages that RETR took
}

/** Text for one write, or text before octets. Null: nothing more is said. */
export type Said = string | null

export type OwnEffect =
  | { readonly do: 'login'; readonly name: string; readonly password: string } // → LoginResult
  | { readonly do: 'scramKeys'; readonly name: string } // → ScramAnswer
  | { readonly do: 'noteScram'; readonly name: string; readonly ok: boolean; readonly app: string | null }
  | { readonly do: 'loginDelay' } // → number | 'refuse'
  | { readonly do: 'open'; readonly mailbox: MailboxRow } // → Opened
  | { readonly do: 'commit' } // → number of messages removed; throws StoreError
  | { readonly do: 'wait'; readonly for: unknown } // → what the promise resolves with
  | { readonly do: 'waiting' } // → boolean: octets wait unread
  | { readonly do: 'report'; readonly error: unknown }

/** Null: in use. Too soon: within the time that LOGIN-DELAY of CAPA tells. RFC 2449 §6.5 */
export type Opened = Maildrop | null | 'too-soon'
export type Effect = OwnEffect | WireEffect
export type Handler = (state: State, args: string) => Session<Effect, Said>
export type ScramAnswer = { readonly keys: ServerKeys; readonly mailbox: MailboxRow | null; readonly nonce: string }

// One cast per effect: the server answers each in the shape noted above.
export function* login(name: string, password: string): Session<Effect, LoginResult> {
  return (yield { do: 'login', name, password }) as LoginResult
}
export function* scramKeys(name: string): Session<Effect, ScramAnswer> {
  return (yield { do: 'scramKeys', name }) as ScramAnswer
}
export function* loginDelay(): Session<Effect, number | 'refuse'> {
  return (yield { do: 'loginDelay' }) as number | 'refuse'
}
export function* openMaildrop(mailbox: MailboxRow): Session<Effect, Opened> {
  return (yield { do: 'open', mailbox }) as Opened
}
/** Waits only when there is something to wait for. */
export function* settled<T>(value: T | Promise<T>): Session<Effect, T> {
  return value instanceof Promise ? ((yield { do: 'wait', for: value }) as T) : value
}

export const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.')
/** Passwords in clear text only from this machine, or where the operator says so. PS-02 */
export const passwordsFine = (state: State): boolean =>
  state.secure || isLoopback(state.client) || state.settings().pop3Server.plainLogin
export const tlsOffered = (state: State): boolean => state.identity !== null && !state.secure

export const isMissing = (error: unknown): boolean => error instanceof StoreError && error.kind === 'missing'

/** 0, which no message has, for what is no number. PS-11 */
export const messageNumber = (text: string): number => (/^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : 0)
