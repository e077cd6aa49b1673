// What a session knows and what it asks of the server around it. Made by session.ts, changed by the commands only.
import type { ReversePath } from '#/message/address.ts'
import type { Envelope, MailParameters, Recipient } from '#/message/envelope.ts'
import type { Reply } from '#/message/reply.ts'
import type { ScramKeys } from '#/accounts/types.ts'
import type { SettingsNow } from '#/config/settings.ts'
import type { Accepted, Client } from '#/intake/types.ts'
import type { MailboxRow } from '#/storage/store.ts'
import type { Session, WireEffect } from '#/wire/session.ts'
import type { TlsIdentity } from '#/world/world.ts'

/** Shared by all sessions of one listener. */
export type Facts = {
  readonly hostname: string
  readonly identity: TlsIdentity | null
  readonly settingsNow: SettingsNow
  readonly greeting: string
  readonly heloText: string
  /** The EHLO replies by what they offer: a handful of texts. */
  readonly ehloTexts: Map<number, string>
  readonly server: { stopping: boolean }
}

export type State = {
  readonly facts: Facts
  client: Client
  app: string | null // selector of the app password that let it in
  from: ReversePath | undefined // undefined: no transaction is open
  parameters: MailParameters | null
  accepted: Accepted[]
  refusedCount: number // recipients of this transaction that were refused
  errors: number // never set back: a success between errors does not help a prober. CMD-09
  junk: number
}

export type Body =
  { readonly is: 'done'; readonly reply: Reply } | { readonly is: 'closed' } | { readonly is: 'timeout' }

/** Answered by server.ts. */
export type OwnEffect =
  | { readonly do: 'judgeSender'; readonly client: Client; readonly envelope: Omit<Envelope, 'to'> } // → Reply
  | {
      readonly do: 'judgeRecipient' // → Verdict
      readonly client: Client
      readonly from: ReversePath
      readonly sizeBytes: number | null
      readonly recipient: Recipient
      readonly accepted: readonly Accepted[]
    }
  | {
      readonly do: 'receive' // → Body
      readonly client: Client
      readonly envelope: Envelope
      readonly recipients: readonly Accepted[]
    }
  | {
      readonly do: 'refused'
      readonly client: Client
      readonly from: ReversePath | undefined
      readonly to: string | null
      readonly said: Reply
    }
  | { readonly do: 'loginDelay'; readonly client: string } // → number | 'refuse'
  | { readonly do: 'login'; readonly name: string; readonly password: string; readonly client: string } // → LoginResult
  | { readonly do: 'scram'; readonly name: string } // → ScramStart
  | {
      readonly do: 'noteScram'
      readonly name: string
      readonly client: string
      readonly ok: boolean
      readonly app: string | null
    }
  | { readonly do: 'tlsFacts' } // → TlsFacts | null
  | { readonly do: 'unexpected'; readonly error: unknown } // to the log

export type ScramStart = { readonly keys: ScramKeys; readonly mailbox: MailboxRow | null; readonly nonce: string }
export type Effect = OwnEffect | WireEffect

/** How a command ended: a reply to write (`text` is one ready-made), a last reply before closing, or nothing more to say. */
export type Outcome = Reply | { readonly text: string } | { readonly last: Reply } | 'nothing' | 'close'
export type Running = Session<Effect, Outcome>

/** Forgets the transaction. RFC 5321 §4.1.1.5 */
export function reset(state: State): void {
  state.from = undefined
  state.parameters = null
  state.accepted = []
  state.refusedCount = 0
}

export const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.')

/** Passwords travel only where nobody can listen, unless the operator says otherwise. RFC 4954 §4, AUT-01 */
export function mayAuthenticate({ client, facts }: State): boolean {
  return client.tls !== null || isLoopback(client.address) || facts.settingsNow().mailServer.plainLogin
}
