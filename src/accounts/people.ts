// Who may use the console: puts together administrators, sessions, tokens, the second step and the one-time link. Opened by main
// and the command line; asked by the console at each request. Decides who somebody is, never what they may do.
import type { SettingsNow } from '#/config/settings.ts'
import type { SessionRow, TokenRow } from '#/storage/people.ts'
import { StoreError, type MailboxRow, type Store } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import { administratorName, administratorProblem, Administrators } from './administrators.ts'
import { ApiTokens } from './api-tokens.ts'
import { ConsoleSessions, credentialOf } from './console-sessions.ts'
import type { OpenLogins } from './logins.ts'
import { SecondStep } from './second-step.ts'
import type { Secrets } from './secrets.ts'
import { isSetupToken, setupTokenOf, type SetupFile } from './setup.ts'
import { personOf, SignIns } from './sign-ins.ts'
import { scopes, type Actor, type Directory, type People, type SessionInfo, type SetupResult } from './types.ts'
import type { SignInRequest, SignInResult } from './types.ts'

export type PeopleParts = {
  readonly store: Pick<Store, 'people'>
  readonly logins: OpenLogins
  readonly directory: Directory
  readonly secrets: Secrets
  readonly world: Pick<World, 'clock' | 'random'>
  readonly settingsNow: SettingsNow
  readonly setupFile: SetupFile
}
type Opened = {
  readonly administrators: Administrators
  readonly sessions: ConsoleSessions
  readonly tokens: ApiTokens
}
type Shown = Parameters<People['identify']>[0]

/** @throws StoreError */
export async function openPeople(parts: PeopleParts): Promise<EveryPerson> {
  const shared = { rows: parts.store.people, world: parts.world }
  return new EveryPerson(parts, {
    administrators: await Administrators.open(shared),
    sessions: await ConsoleSessions.open(shared),
    tokens: await ApiTokens.open(shared),
  })
}

export class EveryPerson implements People {
  readonly administrators: Administrators
  readonly sessions: ConsoleSessions
  readonly tokens: ApiTokens
  readonly secondStep: SecondStep
  readonly #p: PeopleParts
  readonly #signIns: SignIns

  constructor(parts: PeopleParts, opened: Opened) {
    this.#p = parts
    this.administrators = opened.administrators
    this.sessions = opened.sessions
    this.tokens = opened.tokens
    this.secondStep = new SecondStep({ ...parts, rows: parts.store.people })
    this.#signIns = new SignIns({ ...parts, administrators: opened.administrators, secondStep: this.secondStep })
    if (!this.setupNeeded()) parts.setupFile.remove()
  }

  setupNeeded = (): boolean => this.administrators.all().length === 0

  setupToken = (): string => (this.setupNeeded() ? setupTokenOf(this.#p.setupFile, this.#p.world.random) : '')

  async setup({ token, name, password }: Parameters<People['setup']>[0]): Promise<SetupResult> {
    if (!this.setupNeeded()) return { ok: false, problem: setUpAlready }
    if (!isSetupToken(this.#p.setupFile, token)) return { ok: false, problem: wrongLink }
    const problem = administratorProblem({ name, password })
    if (problem !== null) return { ok: false, problem }
    try {
      await this.administrators.add({ name, password }, 'first')
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'conflict') return { ok: false, problem: setUpAlready }
      throw error
    }
    this.endSetup()
    await this.#note('setup', administratorName(name), '')
    return { ok: true }
  }

  /** What no operation does stands in the audit as well. WEB-17 */
  #note(operation: string, actor: string, from: string): Promise<void> {
    const row = { at: this.#p.world.clock.now(), actor, via: 'session', from, operation }
    return this.#p.store.people.addAudit({ ...row, parameters: '{}', outcome: 'done' })
  }

  /** An administrator was made another way. */
  endSetup = (): void => this.#p.setupFile.remove()

  /** With their sessions and tokens. False for the last one, which stays. */
  async removeAdministrator(name: string): Promise<boolean> {
    const removed = await this.administrators.remove(name)
    await this.tokens.reload()
    return removed
  }

  async signIn(request: SignInRequest): Promise<SignInResult> {
    const judged = await this.#signIns.judge(request)
    if (!judged.ok) return judged
    const { text, row } = await this.sessions.begin(judged.who, request)
    const actor = this.#actorOf(row)
    if (!actor) return { ok: false, reason: 'wrong' } // removed meanwhile
    await this.#note('sign-in', actor.mailbox === null ? actor.name : `mailbox ${actor.mailbox}`, request.from)
    return { ok: true, session: text, actor }
  }

  identify({ session, bearer, from }: Shown): Actor | null {
    if (bearer !== undefined) {
      const token = this.tokens.find(bearer, from)
      return token && this.#actorOfToken(token, from)
    }
    const row = session === undefined ? null : this.sessions.find(session, from)
    return row && this.#actorOf(row)
  }

  async signOut(session: string): Promise<void> {
    await this.sessions.endShown(session)
  }

  sessionsOf(actor: Actor): SessionInfo[] {
    const all = this.sessions.all().flatMap((row) => this.#infoOf(row) ?? [])
    return actor.role === 'administrator'
      ? all
      : all.filter(({ role, name }) => role === 'owner' && name === actor.mailbox)
  }

  endSession = (id: string): Promise<boolean> => this.sessions.end([id])

  /** Does somebody who is signed in know their own password? Under the throttle of signing in. */
  async knowsPassword({ name, mailbox, from }: Actor, password: string): Promise<boolean> {
    if (mailbox !== null)
      return (await this.#p.logins.check({ name: mailbox, password, client: from, service: 'console' })).ok
    const row = this.administrators.find(name)
    if (!row) return false
    return (await this.#p.logins.prove({ who: personOf(row), argon2: row.argon2, password, client: from })) === 'right'
  }

  /** After a change of their own password: this session stays, all others of the person are over. */
  async keepSession({ name, mailbox, sessionId }: Actor): Promise<void> {
    const person = mailbox === null ? this.administrators.find(name) : this.#p.directory.mailbox(mailbox)
    const argon2 = person?.argon2
    if (sessionId !== null && argon2 != null) await this.sessions.rebind(sessionId, credentialOf(argon2))
  }

  /** Null when the person is gone, barred, or has another password since. */
  #actorOf(row: SessionRow): Actor | null {
    const shared = { scopes: null, via: 'session', from: row.from, sessionId: row.id } as const
    if (row.administrator !== null) {
      const known = this.administrators.find(row.administrator)
      const holds = known !== undefined && credentialOf(known.argon2) === row.credential
      return holds ? { ...shared, role: 'administrator', name: known.name, mailbox: null } : null
    }
    const box = this.#mailbox(row.mailbox)
    if (!box || box.argon2 === null || credentialOf(box.argon2) !== row.credential) return null
    return { ...shared, role: 'owner', name: box.name, mailbox: box.name }
  }

  #actorOfToken({ label: name, scopes: given, mailbox }: TokenRow, from: string): Actor | null {
    const shared = { name, scopes: scopes.filter((scope) => given.includes(scope)), from, sessionId: null }
    if (mailbox === null) return { ...shared, role: 'administrator', mailbox: null, via: 'token' }
    const box = this.#mailbox(mailbox)
    return box ? { ...shared, role: 'owner', mailbox: box.name, via: 'token' } : null
  }

  #mailbox(id: number | null): MailboxRow | null {
    const box = id === null ? undefined : this.#p.directory.mailboxById(id)
    return box && box.disabled === null ? box : null
  }

  #infoOf(row: SessionRow): SessionInfo | null {
    const actor = this.#actorOf(row)
    const { id, createdAt, seenAt, from, agent } = row
    return actor && { id, role: actor.role, name: actor.name, createdAt, seenAt, from, agent }
  }
}

const setUpAlready = 'An administrator exists already: sign in, or let them add you'
const wrongLink =
  'This link is not, or no longer, the one that sets the administrator. The command `netcruiser admin link` tells it'
