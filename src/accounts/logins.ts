// The judge of passwords: the same work and the same answer whatever is wrong, bounded hashing, verified ones remembered.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SettingsNow } from '#/config/settings.ts'
import type { MailboxId, MailboxRow, Store } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import { rememberedMax, scramIterations } from './limits.ts'
import { hashPassword, scramKeysOf, verifyPassword } from './passwords.ts'
import { Throttle, type Ban } from './throttle.ts'
import type { Directory, LoginResult, Logins, ScramKeys } from './types.ts'

export type LoginParts = {
  readonly directory: Directory
  readonly store: Pick<Store, 'noteLogin'>
  readonly settingsNow: SettingsNow
  readonly world: Pick<World, 'clock' | 'random'>
}
type Request = Parameters<Logins['check']>[0]
type Remembered = { readonly tag: Buffer; readonly until: number }
const noteEveryMs = 60_000

export type OpenLogins = Logins & { bans(): Ban[]; unban(client: string): boolean }

export async function openLogins(parts: LoginParts): Promise<OpenLogins> {
  const decoy = await hashPassword(Buffer.from(parts.world.random.bytes(16)).toString('hex'), parts.world.random)
  return new PasswordJudge(parts, decoy.argon2)
}

class PasswordJudge implements OpenLogins {
  readonly #p: LoginParts
  readonly #decoy: string // for unknown users: the same work
  readonly #key: Uint8Array // of this process only
  readonly #throttle: Throttle
  readonly #remembered = new Map<MailboxId, Remembered>()
  readonly #noted = new Map<MailboxId, number>()
  #hashing = 0
  readonly #queue: (() => void)[] = []

  constructor(parts: LoginParts, decoy: string) {
    this.#p = parts
    this.#decoy = decoy
    this.#key = parts.world.random.bytes(32)
    this.#throttle = new Throttle(
      () => parts.settingsNow().logins,
      () => parts.world.clock.now(),
    )
  }

  bans = (): Ban[] => this.#throttle.bans()
  unban = (client: string): boolean => this.#throttle.clear(client)
  delayFor = (client: string): number | 'refuse' => this.#throttle.delayFor(client)

  async check(request: Request): Promise<LoginResult> {
    if (this.#throttle.delayFor(request.client) === 'refuse') return { ok: false, why: 'throttled' }
    const mailbox = this.#p.directory.mailbox(request.name)
    const barred = whyBarred(mailbox, request.service)
    if (mailbox && !barred && this.#isRemembered(mailbox, request.password)) return this.#welcome(mailbox, request)
    if (this.#queue.length >= this.#p.settingsNow().logins.hashQueueMax) return { ok: false, why: 'busy' }
    const right = await this.#verify(mailbox?.argon2 ?? this.#decoy, request.password)
    if (barred || !mailbox || !right || request.password === '') {
      this.#throttle.noteFailure(request.client)
      return { ok: false, why: barred ?? 'wrong' }
    }
    this.#remember(mailbox, request.password)
    return this.#welcome(mailbox, request)
  }

  scramKeys(name: string, service: Request['service']): { keys: ScramKeys; mailbox: MailboxRow | null } {
    const mailbox = this.#p.directory.mailbox(name)
    if (mailbox?.scram && !whyBarred(mailbox, service)) return { keys: scramKeysOf(mailbox.scram), mailbox }
    const fake = (label: string): Buffer => createHmac('sha256', this.#key).update(`${label} ${name}`).digest() // stable: AUT-11
    const keys = {
      iterations: scramIterations,
      salt: fake('salt').subarray(0, 16),
      storedKey: fake('key'),
      serverKey: fake('server'),
    }
    return { keys, mailbox: null }
  }

  noteScram({ name, client, ok }: Parameters<Logins['noteScram']>[0]): void {
    if (!ok) return this.#throttle.noteFailure(client)
    const mailbox = this.#p.directory.mailbox(name)
    if (mailbox) this.#note(mailbox, client)
  }

  #welcome(mailbox: MailboxRow, { client }: Request): LoginResult {
    this.#note(mailbox, client)
    return { ok: true, mailbox }
  }

  /** At most once a minute for a mailbox: programs poll. */
  #note(mailbox: MailboxRow, client: string): void {
    const now = this.#p.world.clock.now()
    if (now - (this.#noted.get(mailbox.id) ?? 0) < noteEveryMs) return
    this.#noted.set(mailbox.id, now)
    this.#p.store.noteLogin(mailbox.id, now, client).catch(() => undefined) // a note, not a promise
  }

  async #verify(stored: string, password: string): Promise<boolean> {
    if (this.#hashing >= this.#p.settingsNow().logins.hashesAtOnce)
      await new Promise<void>((go) => this.#queue.push(go))
    this.#hashing++
    try {
      return await verifyPassword(stored, password)
    } catch {
      return false // a stored text that is no hash
    } finally {
      this.#hashing--
      this.#queue.shift()?.()
    }
  }

  /** Bound to the stored hash: a changed password forgets the old one. */
  #tag(mailbox: MailboxRow, password: string): Buffer {
    return createHmac('sha256', this.#key).update(`${mailbox.argon2}\0${password}`).digest()
  }

  #isRemembered(mailbox: MailboxRow, password: string): boolean {
    const remembered = this.#remembered.get(mailbox.id)
    if (!remembered || remembered.until <= this.#p.world.clock.now()) return false
    return timingSafeEqual(remembered.tag, this.#tag(mailbox, password))
  }

  #remember(mailbox: MailboxRow, password: string): void {
    const { rememberMs } = this.#p.settingsNow().logins
    if (rememberMs === 0) return
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear()
    this.#remembered.set(mailbox.id, {
      tag: this.#tag(mailbox, password),
      until: this.#p.world.clock.now() + rememberMs,
    })
  }
}

type Why = Extract<LoginResult, { ok: false }>['why']

function whyBarred(mailbox: MailboxRow | undefined, service: Request['service']): Why | null {
  if (!mailbox) return 'unknown'
  if (mailbox.disabled !== null) return 'disabled'
  if (mailbox.argon2 === null) return 'wrong'
  return service === 'pop3' && !mailbox.pop3 ? 'pop3-off' : null
}
