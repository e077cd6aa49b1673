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
  | { readonly ok: true; readonly mailbox: MailboxRow }
  | { readonly ok: false; readonly why: 'wrong' | 'unknown' | 'disabled' | 'pop3-off' | 'throttled' | 'busy' } // why is for the log; the client sees one text

export type ScramKeys = {
  readonly iterations: number
  readonly salt: Uint8Array
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
  readonly id?: string // the selector of an app password
  readonly others?: readonly Pick<ScramKeys, 'storedKey' | 'serverKey' | 'id'>[]
}

export interface Logins {
  /** Same work and same time whatever the reason of failure. ENU-03, AUT-07..13 */
  check(request: { name: string; password: string; client: string; service: 'pop3' | 'smtp' }): Promise<LoginResult>
  /** Keys for SCRAM-SHA-256; a stable fake for unknown users (AUT-11). */
  scramKeys(request: {
    name: string
    client: string
    service: 'pop3' | 'smtp'
  }): Promise<{ keys: ScramKeys; mailbox: MailboxRow | null }>
  /** Tells the throttle how a SCRAM exchange ended. */
  noteScram(request: {
    name: string
    client: string
    service: 'pop3' | 'smtp'
    ok: boolean
    /** The `id` of the keys that were proved. */
    app: string | null
  }): void
  /** Before an attempt: is this client slowed down? ms to wait, or 'refuse'. */
  delayFor(client: string): number | 'refuse'
  /** Has somebody signed in from this address, or from its IPv6 /64, since the start? */
  hasSignedIn(client: string): boolean
}
