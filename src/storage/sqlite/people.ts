// Who may use the console, on SQLite: small tables, read whole at start; only the audit grows.
import type { AdministratorRow, AuditQuery, AuditRow, NewToken, PeopleRows, SessionRow, TokenRow } from '../people.ts'
import type { ReadName } from '../sql/reads.ts'
import type { StatementName } from '../sql/writes.ts'
import type { Unit, Value } from '../work.ts'
import * as rows from './people-rows.ts'
import type { Raw } from './rows.ts'

export type PeopleParts = {
  readonly run: (unit: Unit) => Promise<void>
  /** False where `run` would tell a conflict. */
  readonly held: (unit: Unit) => Promise<boolean>
  readonly rows: (run: ReadName, ...parameters: Value[]) => Promise<Raw[]>
}
type NewAdministrator = Parameters<PeopleRows['addAdministrator']>[0]

export class SqlitePeople implements PeopleRows {
  readonly #p: PeopleParts

  constructor(parts: PeopleParts) {
    this.#p = parts
  }

  administrators = async (): Promise<AdministratorRow[]> =>
    (await this.#p.rows('administrators')).map(rows.administratorOf)
  addAdministrator = (row: NewAdministrator): Promise<void> => this.#added('addAdministrator', row)
  addFirstAdministrator = (row: NewAdministrator): Promise<void> => this.#added('addFirstAdministrator', row)
  #added(run: StatementName, { name, argon2, createdAt }: NewAdministrator): Promise<void> {
    return this.#p.run([{ run, with: [name, argon2, createdAt], changes: 1 }])
  }

  setAdministratorPassword = (name: string, argon2: string): Promise<void> =>
    this.#p.run([{ run: 'setAdministratorPassword', with: [name, argon2], changes: 1 }])
  setSecondStep = (name: string, { totp, recovery }: Pick<AdministratorRow, 'totp' | 'recovery'>): Promise<void> =>
    this.#p.run([{ run: 'setSecondStep', with: [name, totp, JSON.stringify(recovery)], changes: 1 }])
  useTotpStep = (name: string, step: number): Promise<boolean> =>
    this.#p.held([{ run: 'useTotpStep', with: [name, step], changes: 1 }])
  useRecoveryCode = (name: string, hash: string): Promise<boolean> =>
    this.#p.held([{ run: 'useRecoveryCode', with: [name, hash], changes: 1 }])
  noteAdministrator = (name: string, at: number, from: string): Promise<void> =>
    this.#p.run([{ run: 'noteAdministrator', with: [name, at, from] }])
  removeAdministrator = (name: string): Promise<boolean> =>
    this.#p.held([
      { run: 'dropAdministrator', with: [name], changes: 1 },
      { run: 'dropSessionsOf', with: [name] },
      { run: 'dropTokensBy', with: [name] },
    ])

  sessions = async (): Promise<SessionRow[]> => (await this.#p.rows('sessions')).map(rows.sessionOf)
  addSession(s: SessionRow): Promise<void> {
    const values = [s.id, s.administrator, s.mailbox, s.credential, s.createdAt, s.seenAt, s.from, s.agent]
    return this.#p.run([{ run: 'addSession', with: values }])
  }
  noteSession = (id: string, at: number, from: string): Promise<void> =>
    this.#p.run([{ run: 'noteSession', with: [id, at, from] }])
  rebindSession = (id: string, credential: string): Promise<void> =>
    this.#p.run([{ run: 'rebindSession', with: [id, credential] }])
  removeSessions = (ids: readonly string[]): Promise<void> =>
    this.#p.run([{ run: 'dropSessions', with: [JSON.stringify(ids)] }])

  tokens = async (): Promise<TokenRow[]> => (await this.#p.rows('tokens')).map(rows.tokenOf)
  addToken(t: NewToken, max: number): Promise<void> {
    const scopes = JSON.stringify(t.scopes)
    const values = [t.selector, t.hash, t.label, scopes, t.mailbox, t.createdAt, t.createdBy, t.expiresAt, max]
    return this.#p.run([{ run: 'addToken', with: values, changes: 1 }])
  }
  removeToken = (selector: string): Promise<boolean> =>
    this.#p.held([{ run: 'dropToken', with: [selector], changes: 1 }])
  noteToken = (selector: string, at: number, from: string): Promise<void> =>
    this.#p.run([{ run: 'noteToken', with: [selector, at, from] }])

  addAudit(a: Omit<AuditRow, 'n'>): Promise<void> {
    return this.#p.run([
      { run: 'addAudit', with: [a.at, a.actor, a.via, a.from, a.operation, a.parameters, a.outcome] },
    ])
  }
  async audit({ before, actor, limit }: AuditQuery): Promise<AuditRow[]> {
    const from = before ?? Number.MAX_SAFE_INTEGER
    const found = actor === null ? this.#p.rows('audit', from, limit) : this.#p.rows('auditOf', from, limit, actor)
    return (await found).map(rows.auditOf)
  }
  pruneAudit = (before: number): Promise<void> => this.#p.run([{ run: 'pruneAudit', with: [before] }])
}
