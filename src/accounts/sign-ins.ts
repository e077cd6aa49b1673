// Signing in to the console: administrators by their name, owners by that of their mailbox or an address of it. Whoever it is,
// known or not, it takes the same work and the same throttle as for mail programs. Used by people.ts. WEB-08, AUT-07
import type { Settings } from '#/config/settings.ts'
import type { AdministratorRow, SessionRow } from '#/storage/people.ts'
import type { MailboxRow } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import type { Administrators } from './administrators.ts'
import { credentialOf } from './console-sessions.ts'
import { codeTriesMax, codeWaitMs, signInBusyMs, signInsMax, signInsOfOneMax } from './limits.ts'
import type { OpenLogins } from './logins.ts'
import type { SecondStep } from './second-step.ts'
import { network, Throttle } from './throttle.ts'
import type { SignInRequest, SignInResult } from './types.ts'

/** Who it is, for a session. */
export type Welcome = Pick<SessionRow, 'administrator' | 'mailbox' | 'credential'>
export type Judged = { readonly ok: true; readonly who: Welcome } | Extract<SignInResult, { ok: false }>
export type SignInParts = {
  readonly administrators: Administrators
  readonly secondStep: SecondStep
  readonly logins: OpenLogins
  readonly settingsNow: () => Settings
  readonly world: Pick<World, 'clock'>
}
type Attempt = Omit<SignInRequest, 'agent'>

const wrong = { ok: false, reason: 'wrong' } as const
const wait = (waitMs: number): Judged => ({ ok: false, reason: 'wait', waitMs })
export const personOf = ({ name }: AdministratorRow): string => `administrator ${name}`

export class SignIns {
  readonly #p: SignInParts
  readonly #codes: Throttle // by administrator: who guesses here knows the password
  readonly #under = new Map<string, number>() // by network
  #all = 0

  constructor(parts: SignInParts) {
    this.#p = parts
    const limits = (): Settings['logins'] => ({
      ...parts.settingsNow().logins,
      failuresFree: 1,
      banAfter: codeTriesMax,
      banMs: codeWaitMs,
    })
    this.#codes = new Throttle(limits, () => parts.world.clock.now())
  }

  /** Nobody waits here in numbers: guesses that sleep side by side would be no slower. */
  async judge(attempt: Attempt): Promise<Judged> {
    const key = network(attempt.from)
    const under = this.#under.get(key) ?? 0
    if (under >= signInsOfOneMax || this.#all >= signInsMax) return wait(signInBusyMs)
    this.#under.set(key, under + 1)
    this.#all++
    try {
      return await this.#judge(attempt)
    } finally {
      this.#all--
      const left = this.#under.get(key)! - 1
      if (left === 0) this.#under.delete(key)
      else this.#under.set(key, left)
    }
  }

  async #judge(attempt: Attempt): Promise<Judged> {
    const delay = this.#p.logins.delayFor(attempt.from)
    if (delay === 'refuse') return wait(this.#refusedForMs(attempt.from))
    if (delay > 0) await this.#p.world.clock.sleep(delay)
    const administrator = this.#p.administrators.find(attempt.name)
    return administrator ? this.#administrator(administrator, attempt) : this.#owner(attempt)
  }

  async #administrator(row: AdministratorRow, { password, code, from: client }: Attempt): Promise<Judged> {
    const { logins } = this.#p
    const who = personOf(row)
    const proved = await logins.prove({ who, argon2: row.argon2, password, client })
    if (proved === 'throttled') return wait(this.#refusedForMs(client))
    if (proved === 'busy') return wait(signInBusyMs)
    if (proved === 'wrong') return wrong
    const refused = row.totp === null ? null : await this.#refusedCode(row, { code, client })
    if (refused) return refused
    logins.noteProof({ who, client }, 'right')
    await this.#p.administrators.noteLogin(row.name, client)
    return { ok: true, who: { administrator: row.name, mailbox: null, credential: credentialOf(row.argon2) } }
  }

  async #refusedCode(
    row: AdministratorRow,
    { code, client }: { code: string | undefined; client: string },
  ): Promise<Judged | null> {
    if (code === undefined || code.trim() === '') return { ok: false, reason: 'code-needed' }
    const ban = this.#codes.bans().find((one) => one.client === row.name)
    if (ban) return wait(ban.until - this.#p.world.clock.now())
    if (await this.#p.secondStep.check(row, code)) return null
    this.#codes.noteFailure(row.name)
    this.#p.logins.noteProof({ who: personOf(row), client }, 'wrong')
    return { ok: false, reason: 'code-wrong' }
  }

  async #owner({ name, password, from: client }: Attempt): Promise<Judged> {
    const result = await this.#p.logins.check({ name, password, client, service: 'console' })
    if (result.ok) return { ok: true, who: ownerOf(result.mailbox) }
    if (result.why === 'throttled') return wait(this.#refusedForMs(client))
    return result.why === 'busy' ? wait(signInBusyMs) : wrong
  }

  #refusedForMs(client: string): number {
    const key = network(client)
    const ban = this.#p.logins.bans().find((one) => one.client === key)
    return ban ? ban.until - this.#p.world.clock.now() : signInBusyMs
  }
}

const ownerOf = ({ id, argon2 }: MailboxRow): Welcome => ({
  administrator: null,
  mailbox: id,
  credential: credentialOf(argon2 ?? ''),
})
