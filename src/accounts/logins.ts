// The judge of passwords: the same work and the same answer whatever is wrong, bounded hashing, verified ones remembered.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { asciiLower } from '#/message/address.ts'
import type { Settings, SettingsNow } from '#/config/settings.ts'
import type { AppPasswordRow, MailboxRow, Store } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import { readAppPassword } from './app-passwords.ts'
import { HashGate } from './hash-gate.ts'
import { hashWaitMs, rememberedMax, scramIterations, throttledMax } from './limits.ts'
import { hashPassword, scramKeysOf, verifyPassword } from './passwords.ts'
import { network, putBounded, Spray, Throttle, type Ban } from './throttle.ts'
import type { Directory, LoginResult, Logins, ProveRequest, ScramKeys, Service } from './types.ts'

export type LoginParts = {
  readonly directory: Directory
  readonly store: Pick<Store, 'noteLogin' | 'appPassword' | 'appPasswords' | 'noteAppPasswordUse'>
  readonly settingsNow: SettingsNow
  readonly world: Pick<World, 'clock' | 'random'>
  /** Is told how each attempt ended. */
  readonly onLogin?: (attempt: Attempt) => void
}
export type Attempt = {
  readonly service: Service
  readonly name: string // of the mailbox, or as typed where there is none
  readonly client: string
  readonly outcome: 'ok' | Why
}
type Request = Parameters<Logins['check']>[0]
type Who = Pick<Request, 'name' | 'client'>
/** What a typed password is compared with: the main one, or the app password that its first letters name. */
type Candidate = {
  readonly mailbox: MailboxRow | undefined
  readonly argon2: string | null
  readonly password: string
  readonly app: string | null // its selector
  readonly barred: Why | null
}
type Remembered = { readonly tag: Buffer; readonly until: number }
const noteEveryMs = 60_000
const nameCharsMax = 100

export type OpenLogins = Logins & { bans(): Ban[]; unban(client: string): boolean }

export async function openLogins(parts: LoginParts): Promise<OpenLogins> {
  const decoy = await hashPassword(Buffer.from(parts.world.random.bytes(16)).toString('hex'), parts.world.random)
  return new PasswordJudge(parts, decoy.argon2)
}

class PasswordJudge implements OpenLogins {
  readonly #p: LoginParts
  readonly #decoy: string // for unknown users: the same work
  readonly #key: Uint8Array // of this process only
  readonly #clients: Throttle // by network
  readonly #names: Throttle // by login name, of mailboxes and of nobody alike
  readonly #spray: Spray
  readonly #gate: HashGate
  readonly #remembered = new Map<string, Remembered>()
  readonly #noted = new Map<string, number>()
  readonly #known = new Map<string, true>() // mailbox and network of good logins
  readonly #knownNetworks = new Map<string, true>()

  constructor(parts: LoginParts, decoy: string) {
    const { clock, random } = parts.world
    const limits = (): Settings['logins'] => parts.settingsNow().logins
    this.#p = parts
    this.#decoy = decoy
    this.#key = random.bytes(32)
    this.#clients = new Throttle(limits, () => clock.now())
    this.#names = new Throttle(limits, () => clock.now())
    this.#spray = new Spray(limits, () => clock.now())
    this.#gate = new HashGate(clock, () => {
      const { hashesAtOnce: atOnce, hashQueueMax: queueMax } = limits()
      return { atOnce, queueMax, waitMs: hashWaitMs }
    })
  }

  bans = (): Ban[] => this.#clients.bans()
  unban = (client: string): boolean => this.#clients.clear(network(client))

  delayFor(client: string): number | 'refuse' {
    const key = network(client)
    return this.#clients.isBanned(key) ? 'refuse' : this.#clients.delayFor(key)
  }

  hasSignedIn = (client: string): boolean => this.#knownNetworks.has(network(client))

  async check(request: Request): Promise<LoginResult> {
    const result = await this.#check(request)
    this.#tell(request, result.ok ? 'ok' : result.why)
    return result
  }

  async #check(request: Request): Promise<LoginResult> {
    if (this.#clients.isBanned(network(request.client))) return { ok: false, why: 'throttled' }
    const known = await this.#candidate(request)
    if (known.mailbox && !known.barred && this.#isQuick(known.mailbox, known, request))
      return this.#welcome(known.mailbox, { ...request, app: known.app })
    await this.#slowDown(request)
    const candidate = await this.#candidate(request) // as it is now
    const { mailbox, barred, app } = candidate
    const right = await this.#gate.run(() => verify(candidate.argon2 ?? this.#decoy, candidate.password))
    if (right === null) return { ok: false, why: 'busy' }
    if (barred || !mailbox || !right || request.password === '') {
      this.#noteFailure(mailbox, request)
      return { ok: false, why: barred ?? 'wrong' }
    }
    this.#remember(mailbox, candidate)
    return this.#welcome(mailbox, { ...request, app })
  }

  async prove({ who, argon2, password, client }: ProveRequest): ReturnType<Logins['prove']> {
    if (this.#clients.isBanned(network(client))) return 'throttled'
    await this.#slowDownPerson(who, client)
    const right = await this.#gate.run(() => verify(argon2 ?? this.#decoy, password))
    if (right === null) return 'busy'
    if (right && argon2 !== null && password !== '') return 'right'
    this.noteProof({ who, client }, 'wrong')
    return 'wrong'
  }

  noteProof({ who, client }: Pick<ProveRequest, 'who' | 'client'>, outcome: 'right' | 'wrong'): void {
    if (outcome === 'right')
      return putBounded(this.#known, throttledMax, { key: `${who} ${network(client)}`, value: true })
    this.#spray.noteFailure(network(client))
    this.#clients.noteFailure(network(client))
    this.#names.noteFailure(who)
  }

  async #slowDownPerson(who: string, client: string): Promise<void> {
    if (this.#known.has(`${who} ${network(client)}`)) return
    const delay = Math.max(this.#names.delayFor(who), this.#spray.delay())
    if (delay > 0) await this.#p.world.clock.sleep(delay)
  }

  /** The same look-up whoever is asked for; one hash to try, whatever the number of app passwords. */
  async #candidate({ name, password, service }: Request): Promise<Candidate> {
    const typed = service === 'console' ? null : readAppPassword(password)
    const row = typed ? await this.#p.store.appPassword(typed.selector) : undefined
    const mailbox = this.#p.directory.mailbox(name)
    const app = typed && row && row.mailbox === mailbox?.id ? { ...typed, argon2: row.argon2 } : null
    const argon2 = app?.argon2 ?? mailbox?.argon2 ?? null
    const barred = whyBarred(mailbox, service) ?? (argon2 === null ? 'wrong' : null)
    return { mailbox, argon2, password: app?.text ?? password, app: app?.selector ?? null, barred }
  }

  async scramKeys(request: Omit<Request, 'password'>): Promise<{ keys: ScramKeys; mailbox: MailboxRow | null }> {
    await this.#slowDown(request)
    const { name, service } = request
    const mailbox = this.#p.directory.mailbox(name)
    const apps = await this.#p.store.appPasswords(mailbox?.id ?? 0) // asked for nobody too: it must not tell
    const known = mailbox ? keysOf(mailbox, apps) : null
    if (mailbox && known && !whyBarred(mailbox, service)) return { keys: known, mailbox }
    const fake = (label: string): Buffer => createHmac('sha256', this.#key).update(`${label} ${name}`).digest() // stable: AUT-11
    const keys = {
      iterations: scramIterations,
      salt: fake('salt').subarray(0, 16),
      storedKey: fake('key'),
      serverKey: fake('server'),
    }
    return { keys, mailbox: null }
  }

  #tell({ name, client, service }: Omit<Request, 'password'>, outcome: Attempt['outcome']): void {
    const known = this.#p.directory.mailbox(name)?.name ?? name.slice(0, nameCharsMax)
    this.#p.onLogin?.({ service, name: known, client, outcome })
  }

  noteScram({ name, client, ok, app, service }: Parameters<Logins['noteScram']>[0]): void {
    this.#tell({ name, client, service }, ok ? 'ok' : 'wrong')
    const mailbox = this.#p.directory.mailbox(name)
    if (!ok) this.#noteFailure(mailbox, { name, client })
    else if (mailbox) this.#welcome(mailbox, { client, app })
  }

  /** A name that is guessed at is slower for strangers; the right password always works, and at its usual place at once. AUT-08 */
  async #slowDown({ name, client }: Who): Promise<void> {
    const mailbox = this.#p.directory.mailbox(name)
    await this.#slowDownPerson(nameKey(mailbox, name), client)
  }

  /** Without a hash; while addresses are sprayed only at its usual place, for a quick yes would tell. AUT-07 */
  #isQuick(mailbox: MailboxRow, candidate: Candidate, { client }: Request): boolean {
    if (this.#spray.delay() > 0 && !this.#known.has(placeKey(mailbox, client))) return false
    const remembered = this.#remembered.get(credentialKey(mailbox, candidate))
    if (!remembered || remembered.until <= this.#p.world.clock.now()) return false
    return timingSafeEqual(remembered.tag, this.#tag(candidate))
  }

  #noteFailure(mailbox: MailboxRow | undefined, { name, client }: Who): void {
    this.noteProof({ who: nameKey(mailbox, name), client }, 'wrong')
  }

  #welcome(mailbox: MailboxRow, { client, app }: Pick<Request, 'client'> & Pick<Candidate, 'app'>): LoginResult {
    putBounded(this.#known, throttledMax, { key: placeKey(mailbox, client), value: true })
    putBounded(this.#knownNetworks, throttledMax, { key: network(client), value: true })
    const { store } = this.#p
    this.#note(`${mailbox.id}`, (now) => store.noteLogin(mailbox.id, now, client))
    if (app !== null) this.#note(`app ${app}`, (now) => store.noteAppPasswordUse(app, now, client))
    return { ok: true, mailbox, app }
  }

  /** At most once a minute for each: programs poll. */
  #note(key: string, write: (now: number) => Promise<void>): void {
    const now = this.#p.world.clock.now()
    if (now - (this.#noted.get(key) ?? 0) < noteEveryMs) return
    putBounded(this.#noted, rememberedMax, { key, value: now })
    write(now).catch(() => undefined) // a note, not a promise
  }

  /** Bound to the stored hash: a changed password forgets the old one. */
  #tag({ argon2, password }: Pick<Candidate, 'argon2' | 'password'>): Buffer {
    return createHmac('sha256', this.#key).update(`${argon2}\0${password}`).digest()
  }

  #remember(mailbox: MailboxRow, candidate: Candidate): void {
    const { rememberMs } = this.#p.settingsNow().logins
    if (rememberMs === 0) return
    const value = { tag: this.#tag(candidate), until: this.#p.world.clock.now() + rememberMs }
    putBounded(this.#remembered, rememberedMax, { key: credentialKey(mailbox, candidate), value })
  }
}

/** One canonical identity per mailbox; a name of nobody is slowed down as well, or it would tell. ENU-03 */
const nameKey = (mailbox: MailboxRow | undefined, name: string): string =>
  mailbox ? `mailbox ${mailbox.id}` : `name ${asciiLower(name).slice(0, 320)}`

const placeKey = (mailbox: MailboxRow, client: string): string => `mailbox ${mailbox.id} ${network(client)}`

/** The main password's keys, and those of app passwords that share its salt. */
function keysOf({ scram }: MailboxRow, apps: readonly AppPasswordRow[]): ScramKeys | null {
  const all = [
    ...(scram === null ? [] : [scramKeysOf(scram)]),
    ...apps.map((app) => ({ ...scramKeysOf(app.scram), id: app.selector })),
  ]
  const [main, ...others] = all
  if (!main) return null
  const alike = ({ iterations, salt }: ScramKeys): boolean =>
    iterations === main.iterations && Buffer.compare(salt, main.salt) === 0
  return { ...main, others: others.filter(alike) }
}

const credentialKey = (mailbox: MailboxRow, { app }: Pick<Candidate, 'app'>): string => `${mailbox.id} ${app ?? ''}`

/** False also for a stored text that is no hash. */
const verify = (stored: string, password: string): Promise<boolean> =>
  verifyPassword(stored, password).catch(() => false)

type Why = Extract<LoginResult, { ok: false }>['why']

function whyBarred(mailbox: MailboxRow | undefined, service: Request['service']): Why | null {
  if (!mailbox) return 'unknown'
  if (mailbox.disabled !== null) return 'disabled'
  return service === 'pop3' && !mailbox.pop3 ? 'pop3-off' : null
}
