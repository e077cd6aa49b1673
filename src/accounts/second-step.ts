// The second step of signing in: codes of an authenticator (RFC 6238) and, when it is lost, recovery codes. The secret is
// sealed; a code and a time step work once. Used by people.ts and operations.
import { createHash } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { SettingsNow } from '#/config/settings.ts'
import type { AdministratorRow, PeopleRows } from '#/storage/people.ts'
import type { World } from '#/world/world.ts'
import { recoveryCodeChars, recoveryCodes, totpPeriodMs, totpSecretBytes, totpWindow } from './limits.ts'
import { grouped, secretLetters, typedLetters } from './secret-letters.ts'
import type { Secrets } from './secrets.ts'

export type SecondStepParts = {
  readonly rows: PeopleRows
  readonly secrets: Secrets
  readonly world: Pick<World, 'clock' | 'random'>
  readonly settingsNow: SettingsNow
}
export type StepBegun = {
  readonly secret: string // as it is typed where no picture can be taken
  readonly url: string // what the picture says: otpauth://
  readonly ticket: string // sealed; comes back with the first code
}

const purpose = (name: string): string => `the second step of ${name}`
const ticketPurpose = (name: string): string => `setting up the second step of ${name}`
const hashOf = (letters: string): string => createHash('sha256').update(letters).digest('base64url')

export class SecondStep {
  readonly #p: SecondStepParts

  constructor(parts: SecondStepParts) {
    this.#p = parts
  }

  /** Nothing is kept until a code has shown that the authenticator knows the secret. */
  begin(name: string): StepBegun {
    const secret = new Secret({ buffer: Uint8Array.from(this.#p.world.random.bytes(totpSecretBytes)).buffer })
    const url = this.#totp(secret.base32, name).toString()
    return { secret: grouped(secret.base32), url, ticket: this.#p.secrets.seal(secret.base32, ticketPurpose(name)) }
  }

  /** The recovery codes, told once; null when the code is wrong. @throws SecretError for a ticket that is none */
  async confirm(name: string, { ticket, code }: { ticket: string; code: string }): Promise<string[] | null> {
    const { secrets, world, rows } = this.#p
    const secret = secrets.open(ticket, ticketPurpose(name))
    const step = this.#stepOf(secret, code)
    if (step === null) return null
    const codes = Array.from({ length: recoveryCodes }, () => secretLetters(world.random, recoveryCodeChars))
    await rows.setSecondStep(name, { totp: secrets.seal(secret, purpose(name)), recovery: codes.map(hashOf) })
    await rows.useTotpStep(name, step)
    return codes.map(grouped)
  }

  off = (name: string): Promise<void> => this.#p.rows.setSecondStep(name, { totp: null, recovery: [] })

  /** Is this a code of theirs that was not used before? @throws SecretError when the secret cannot be opened */
  async check({ name, totp }: AdministratorRow, code: string): Promise<boolean> {
    if (totp === null) return true
    const letters = typedLetters(code)
    if (letters.length === recoveryCodeChars) return this.#p.rows.useRecoveryCode(name, hashOf(letters))
    const step = this.#stepOf(this.#p.secrets.open(totp, purpose(name)), letters)
    return step !== null && this.#p.rows.useTotpStep(name, step)
  }

  #stepOf(secret: string, code: string): number | null {
    const timestamp = this.#p.world.clock.now()
    const token = typedLetters(code)
    if (!/^[0-9]{6}$/.test(token)) return null
    const delta = this.#totp(secret, '').validate({ token, timestamp, window: totpWindow })
    return delta === null ? null : Math.floor(timestamp / totpPeriodMs) + delta
  }

  #totp(secret: string, label: string): TOTP {
    const issuer = `NetCruiser Mail ${this.#p.settingsNow().server.hostname}`.trimEnd()
    return new TOTP({ issuer, label, secret: Secret.fromBase32(secret), period: totpPeriodMs / 1000 })
  }
}
