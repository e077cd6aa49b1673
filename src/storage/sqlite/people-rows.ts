// Rows about who may use the console as the database has them, turned into the store's types.
import type { AdministratorRow, AuditRow, SessionRow, TokenRow } from '../people.ts'
import type { Raw } from './rows.ts'

const s = (value: Raw[string] | undefined): string => String(value)
const n = (value: Raw[string] | undefined): number => Number(value)
const sn = (value: Raw[string] | undefined): string | null => (value == null ? null : String(value))
const nn = (value: Raw[string] | undefined): number | null => (value == null ? null : Number(value))
const texts = (value: Raw[string] | undefined): string[] => JSON.parse(s(value)) as string[] // written by people.ts

export const administratorOf = (r: Raw): AdministratorRow => ({
  name: s(r['name']),
  argon2: s(r['argon2']),
  totp: sn(r['totp']),
  totpStep: n(r['totp_step']),
  recovery: texts(r['recovery']),
  createdAt: n(r['created_at']),
  lastLoginAt: nn(r['login_at']),
  lastLoginFrom: sn(r['login_from']),
})

export const sessionOf = (r: Raw): SessionRow => ({
  id: s(r['id']),
  administrator: sn(r['administrator']),
  mailbox: nn(r['mailbox']),
  credential: s(r['credential']),
  createdAt: n(r['created_at']),
  seenAt: n(r['seen_at']),
  from: s(r['client']),
  agent: s(r['agent']),
})

export const tokenOf = (r: Raw): TokenRow => ({
  selector: s(r['selector']),
  hash: s(r['hash']),
  label: s(r['label']),
  scopes: texts(r['scopes']),
  mailbox: nn(r['mailbox']),
  createdAt: n(r['created_at']),
  createdBy: s(r['created_by']),
  expiresAt: nn(r['expires_at']),
  lastUsedAt: nn(r['used_at']),
  lastUsedFrom: sn(r['used_from']),
})

export const auditOf = (r: Raw): AuditRow => ({
  n: n(r['n']),
  at: n(r['at']),
  actor: s(r['actor']),
  via: s(r['via']),
  from: s(r['client']),
  operation: s(r['operation']),
  parameters: s(r['parameters']),
  outcome: s(r['outcome']),
})
