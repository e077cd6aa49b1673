// Who may use the console as storage keeps it: administrators, browsers that are signed in, API tokens, and what they did.
// Used by accounts/ and operations/. It keeps hashes and sealed secrets, and judges nobody.
import type { Instant } from '#/world/world.ts'
import type { MailboxId } from './store.ts'

export type AdministratorRow = {
  readonly name: string
  readonly argon2: string // PHC string
  readonly totp: string | null // sealed; null: the password is enough
  readonly totpStep: number // the last one that was used
  readonly recovery: readonly string[] // hashes of the codes that are left
  readonly createdAt: Instant
  readonly lastLoginAt: Instant | null
  readonly lastLoginFrom: string | null
}

export type SessionRow = {
  readonly id: string // hash of what the browser shows
  readonly administrator: string | null // of an administrator, otherwise of the owner of `mailbox`
  readonly mailbox: MailboxId | null
  readonly credential: string // of the password that signed in: another password ends it
  readonly createdAt: Instant
  readonly seenAt: Instant
  readonly from: string
  readonly agent: string
}

export type TokenRow = {
  readonly selector: string // the open half: by it the row is found
  readonly hash: string // of the whole token
  readonly label: string
  readonly scopes: readonly string[]
  readonly mailbox: MailboxId | null // its owner may do no more than an owner
  readonly createdAt: Instant
  readonly createdBy: string
  readonly expiresAt: Instant | null
  readonly lastUsedAt: Instant | null
  readonly lastUsedFrom: string | null
}
export type NewToken = Omit<TokenRow, 'lastUsedAt' | 'lastUsedFrom'>

/** One act, and what became of it. Never changed; goes only with age. WEB-17 */
export type AuditRow = {
  readonly n: number
  readonly at: Instant
  readonly actor: string
  readonly via: string
  readonly from: string
  readonly operation: string
  readonly parameters: string // JSON without secrets
  readonly outcome: string // "done", or what went wrong in words
}
export type AuditQuery = { readonly before: number | null; readonly actor: string | null; readonly limit: number }

export interface PeopleRows {
  administrators(): Promise<AdministratorRow[]>
  /** @throws StoreError 'conflict' when the name is taken */
  addAdministrator(row: Pick<AdministratorRow, 'name' | 'argon2' | 'createdAt'>): Promise<void>
  /** Only while there is none. @throws StoreError 'conflict' */
  addFirstAdministrator(row: Pick<AdministratorRow, 'name' | 'argon2' | 'createdAt'>): Promise<void>
  setAdministratorPassword(name: string, argon2: string): Promise<void>
  setSecondStep(name: string, step: Pick<AdministratorRow, 'totp' | 'recovery'>): Promise<void>
  /** False: this time step, or a later one, was used before. RFC 6238 §5.2 */
  useTotpStep(name: string, step: number): Promise<boolean>
  /** False: this code is not, or no longer, one of them. */
  useRecoveryCode(name: string, hash: string): Promise<boolean>
  noteAdministrator(name: string, at: Instant, from: string): Promise<void>
  /** With their sessions, and the tokens that they made. False when there is none of this name, and for the last one. */
  removeAdministrator(name: string): Promise<boolean>

  sessions(): Promise<SessionRow[]>
  addSession(row: SessionRow): Promise<void>
  noteSession(id: string, at: Instant, from: string): Promise<void>
  rebindSession(id: string, credential: string): Promise<void>
  removeSessions(ids: readonly string[]): Promise<void>

  tokens(): Promise<TokenRow[]>
  /** @throws StoreError 'conflict' when the label is taken or there are `max` already */
  addToken(row: NewToken, max: number): Promise<void>
  removeToken(selector: string): Promise<boolean>
  noteToken(selector: string, at: Instant, from: string): Promise<void>

  addAudit(row: Omit<AuditRow, 'n'>): Promise<void>
  /** Newest first; `before`: the n of the last one seen. */
  audit(query: AuditQuery): Promise<AuditRow[]>
  pruneAudit(before: Instant): Promise<void>
}
