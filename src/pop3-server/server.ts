// Listens, runs a session on each connection and answers its effects with logins and maildrops.
import { usualReserve } from '#/accounts/reserve.ts'
import { network, putBounded } from '#/accounts/throttle.ts'
import type { Directory, Logins } from '#/accounts/types.ts'
import type { SettingsNow } from '#/config/settings.ts'
import { openMaildrop, rememberListings, type Listings } from '#/mailboxes/maildrop.ts'
import { messageKey } from '#/message/key.ts'
import type { MailboxRow, Store, TraceEvent } from '#/storage/store.ts'
import { drive, type DriveIo } from '#/wire/drive.ts'
import type { Connection, Instant, Listener, TlsIdentity, World } from '#/world/world.ts'
import { careMs, enteredMax, handshakeMs } from './limits.ts'
import { pop3Session } from './session.ts'
import type { Effect, Opened, OwnEffect, State } from './state.ts'

export type Pop3ServerParts = {
  readonly store: Store
  readonly directory: Pick<Directory, 'mailboxById'>
  readonly logins: Logins
  readonly settingsNow: SettingsNow
  readonly world: World
  readonly identity: TlsIdentity | null
  readonly hostname: string
}
export type SessionView = {
  readonly id: string
  readonly client: string
  readonly since: Instant
  readonly user: string | null
  readonly tls: boolean
  readonly retrieved: number
}
export type Pop3Server = {
  listen(on: { address: string; port: number; implicitTls: boolean }): Promise<Listener>
  sessions(): SessionView[]
  /** Breaks a session off: without QUIT nothing is deleted. False when there is none of this id. PS-05 */
  end(id: string): boolean
  /** Breaks off what an app password let in that is taken back. AUT-14 */
  endApp(selector: string): void
  /** Ends sessions that wait for a command; nothing is deleted without QUIT. */
  drain(graceMs: number): Promise<void>
}

const drainStepMs = 20

type Live = { readonly id: string; readonly since: Instant; readonly state: State }

export function pop3Server(parts: Pop3ServerParts): Pop3Server {
  return new Server(parts)
}

/** Still there, switched on, with the password of then. AUT-14 */
const isUnchanged = (then: MailboxRow, now: MailboxRow | undefined): boolean =>
  now !== undefined && now.pop3 && now.disabled === null && now.argon2 === then.argon2

class Server implements Pop3Server {
  readonly #parts: Pop3ServerParts
  readonly #live = new Map<Connection, Live>()
  readonly #perClient = new Map<string, number>()
  readonly #enteredAt = new Map<number, number>() // by mailbox, for LOGIN-DELAY
  readonly #listings: Listings = rememberListings()
  readonly #care: Disposable
  #stopping = false
  #numbered = 0

  constructor(parts: Pop3ServerParts) {
    this.#parts = parts
    this.#care = parts.world.clock.every(careMs, () => this.#careForAll())
  }

  async listen({
    address,
    port,
    implicitTls,
  }: {
    address: string
    port: number
    implicitTls: boolean
  }): Promise<Listener> {
    const { identity, world } = this.#parts
    if (implicitTls && identity === null) throw new Error('there is no usable certificate')
    const tls = implicitTls && identity !== null ? { tls: identity, handshakeMs } : {}
    return world.net.listen({ address, port, ...tls }, (connection) => void this.#serve(connection))
  }

  sessions(): SessionView[] {
    return Array.from(this.#live.values(), ({ id, since, state: { client, mailbox, secure, retrieved } }) => ({
      id,
      client,
      since,
      user: mailbox?.name ?? null,
      tls: secure,
      retrieved: retrieved.count,
    }))
  }

  end(id: string): boolean {
    const found = [...this.#live].find(([, live]) => live.id === id)
    found?.[0].destroy()
    return found !== undefined
  }

  endApp(selector: string): void {
    for (const [connection, { state }] of this.#live) if (state.app === selector) connection.destroy()
  }

  async drain(graceMs: number): Promise<void> {
    const { clock } = this.#parts.world
    this.#stopping = true
    const until = clock.now() + graceMs
    while (this.#live.size > 0 && clock.now() < until) {
      for (const connection of this.#live.keys()) connection.interrupt()
      await clock.sleep(drainStepMs)
    }
    for (const connection of this.#live.keys()) connection.destroy()
    this.#care[Symbol.dispose]()
  }

  /** One timer for all sessions: an idle one holds no octets. */
  #careForAll(): void {
    for (const { state } of this.#live.values()) {
      if (state.prefetch?.takeUsed() === false) state.prefetch = null
    }
  }

  async #serve(connection: Connection): Promise<void> {
    const peer = network(connection.remote.address)
    const before = this.#perClient.get(peer) ?? 0
    const { connectionsPerClientMax } = this.#parts.settingsNow().pop3Server
    if (this.#stopping || before >= connectionsPerClientMax || !this.#hasPlace(connection.remote.address)) {
      void connection.write('-ERR [SYS/TEMP] too many connections at once; please come back later\r\n')
      return connection.end()
    }
    this.#perClient.set(peer, before + 1)
    const state = this.#newState(connection)
    this.#live.set(connection, { id: `pop3-${++this.#numbered}`, since: this.#parts.world.clock.now(), state })
    try {
      const perform = (effect: OwnEffect, io: DriveIo): unknown => this.#perform(state, effect, io)
      await drive<Effect>(connection, pop3Session(state), { clock: this.#parts.world.clock, perform })
    } catch (error) {
      this.#parts.world.log.error('pop3.session', { client: state.client, error })
    } finally {
      this.#live.delete(connection)
      const left = (this.#perClient.get(peer) ?? 1) - 1
      if (left === 0) this.#perClient.delete(peer)
      else this.#perClient.set(peer, left)
      await this.#leave(state)
    }
  }

  /** The last places are for addresses where somebody has signed in. IN-22 */
  #hasPlace(address: string): boolean {
    const { settingsNow, logins } = this.#parts
    const { connectionsMax } = settingsNow().pop3Server
    const left = connectionsMax - this.#live.size
    return left > usualReserve(connectionsMax) || (left > 0 && logins.hasSignedIn(address))
  }

  #newState(connection: Connection): State {
    const { hostname, identity, settingsNow: settings } = this.#parts
    const fresh = {
      user: null,
      mailbox: null,
      app: null,
      maildrop: null,
      prefetch: null,
      errors: 0,
      retrieved: { count: 0, first: [] },
    }
    const { address: client } = connection.remote
    const welcome = (mailbox: MailboxRow): boolean =>
      isUnchanged(mailbox, this.#parts.directory.mailboxById(mailbox.id))
    return {
      hostname,
      identity,
      settings,
      welcome,
      client,
      secure: connection.tls() !== null,
      phase: 'authorization',
      ...fresh,
    }
  }

  #perform(state: State, effect: OwnEffect, io: DriveIo): unknown {
    const { logins, world } = this.#parts
    switch (effect.do) {
      case 'wait':
        return effect.for
      case 'login':
        return this.#login(state, effect)
      case 'scramKeys':
        return logins
          .scramKeys({ name: effect.name, client: state.client, service: 'pop3' })
          .then((found) => ({ ...found, nonce: Buffer.from(world.random.bytes(18)).toString('base64') }))
      case 'noteScram':
        return logins.noteScram({ ...effect, client: state.client, service: 'pop3' })
      case 'loginDelay':
        return logins.delayFor(state.client)
      case 'open':
        return this.#open(effect.mailbox.id)
      case 'commit':
        return this.#commit(state)
      case 'waiting':
        return io.unread > 0
      case 'report':
        return world.log.error('pop3.error', { client: state.client, error: effect.error })
    }
  }

  #isTooSoon(mailbox: number): boolean {
    const { settingsNow, world } = this.#parts
    const elapsedMs = world.clock.now() - (this.#enteredAt.get(mailbox) ?? 0)
    return elapsedMs >= 0 && elapsedMs < settingsNow().pop3Server.loginDelaySeconds * 1000 // a clock set back bars nobody
  }

  async #open(mailbox: number): Promise<Opened> {
    if (this.#isTooSoon(mailbox)) return 'too-soon'
    const { settingsNow, store, world } = this.#parts
    const { lockWaitMs: waitMs, loginDelaySeconds } = settingsNow().pop3Server
    const { clock, random } = world
    const holder = messageKey(clock.now(), random.bytes(10))
    const keepsDeleted = (): boolean => settingsNow().mailboxes.keepPop3Deleted
    const maildrop = await openMaildrop(
      { store, clock, listings: this.#listings, keepsDeleted },
      { mailbox, holder, waitMs },
    )
    if (maildrop && loginDelaySeconds > 0) putBounded(this.#enteredAt, enteredMax, { key: mailbox, value: clock.now() })
    return maildrop
  }

  async #login(state: State, { name, password }: { name: string; password: string }): Promise<unknown> {
    const { logins, world } = this.#parts
    const result = await logins.check({ name, password, client: state.client, service: 'pop3' })
    if (!result.ok) world.log.warn('pop3.login-failed', { client: state.client, name, why: result.why })
    return result
  }

  #event(state: State, step: string): Omit<TraceEvent, 'detail'> {
    const { clock, random } = this.#parts.world
    const at = clock.now()
    const ref = messageKey(at, random.bytes(10))
    return {
      ref,
      at,
      step,
      client: state.client,
      from: null,
      to: [state.mailbox!.name],
      subject: null,
      messageId: null,
    }
  }

  async #commit(state: State): Promise<number> {
    const { maildrop, retrieved } = state
    const read = await maildrop!.keys(retrieved.first) // as long as they are there
    const removed = await maildrop!.commit(this.#event(state, 'deleted'))
    await this.#leave(state, read) // +OK to QUIT also means that the next session may begin
    return removed
  }

  /** Frees the lock; notes what was taken, one row for the whole session. */
  async #leave(state: State, read?: readonly string[]): Promise<void> {
    const { maildrop, retrieved } = state
    state.maildrop = null
    if (!maildrop) return
    try {
      await maildrop.close()
      if (retrieved.count === 0) return
      const uidls = retrieved.first.map((n) => maildrop.uidl(n))
      const stored = read ?? (await maildrop.keys(retrieved.first))
      const detail = { messages: retrieved.count, uidls, stored }
      await this.#parts.store.record([{ ...this.#event(state, 'read'), detail }])
    } catch (error) {
      this.#parts.world.log.error('pop3.leave', { client: state.client, error })
    }
  }
}
