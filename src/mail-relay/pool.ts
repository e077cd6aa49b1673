// Connections that are kept for the next message to the same place, and new ones. Called by the walk. RO-12, RO-13, QU-10
import { LRUCache } from 'lru-cache'
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import type { World } from '#/world/world.ts'
import { tokenOf, type AlternateCredentials, type CredentialsNow } from './credentials.ts'
import { openSession, type LiveConnection } from './dial.ts'
import { keptMs, outOfStepMax } from './limits.ts'
import { planFor, type PlanParts } from './plan.ts'
import type { MailResult, SessionFailure } from './session-types.ts'
import { failure, own } from './talk.ts'
import { routeName, type Conversation, type Conversations, type Target } from './walk-types.ts'

export type PoolParts = PlanParts & {
  readonly world: Pick<World, 'clock' | 'net' | 'random'>
  readonly settingsNow: () => MailRelaySettings
  readonly credentials: AlternateCredentials
}
type Kept = { readonly live: LiveConnection; mails: number; idleSince: number }

export class Pool implements Conversations {
  readonly #p: PoolParts
  readonly #idle = new Map<string, Kept[]>()
  readonly #noPipelining = new LRUCache<string, true>({ max: outOfStepMax }) // hosts that got out of step. OUT-08
  readonly #sweep: Disposable

  constructor(parts: PoolParts) {
    this.#p = parts
    this.#sweep = parts.world.clock.every(1000, () => this.#closeIdle(parts.world.clock.now() - keptMs))
  }

  async open(target: Target): Promise<Conversation | SessionFailure> {
    const key = keyOf(target)
    const kept = this.#take(key)
    if (kept) return this.#conversation(key, kept)
    const dialled = await this.#dial(target)
    return 'is' in dialled ? dialled : this.#conversation(key, { live: dialled, mails: 0, idleSince: 0 })
  }

  /** Says goodbye on all that is idle. */
  async close(): Promise<void> {
    this.#sweep[Symbol.dispose]()
    await Promise.all([...this.#idle.values()].flat().map(({ live }) => live.close()))
    this.#idle.clear()
  }

  #take(key: string): Kept | null {
    const kept = this.#idle.get(key)
    for (let one = kept?.pop(); one; one = kept?.pop()) if (one.live.idle) return one
    return null
  }

  #conversation(key: string, kept: Kept): Conversation {
    return {
      deliver: async (mail) => {
        kept.mails++
        const result = await kept.live.deliver(mail)
        if (result.outOfStep) this.#noPipelining.set(key, true)
        if (result.stale) this.#drop(key) // its neighbours were closed by then, too. OUT-16
        return this.#withoutStaleness(kept, result)
      },
      release: () => this.#release(key, kept),
    }
  }

  /** Only a connection that was used before can have been closed in between. */
  #withoutStaleness({ mails }: Kept, result: MailResult): MailResult {
    return mails > 1 ? result : { ...result, stale: false }
  }

  #release(key: string, kept: Kept): void {
    const { messagesPerConnectionMax } = this.#p.settingsNow()
    if (!kept.live.idle || kept.mails >= messagesPerConnectionMax) return void kept.live.close()
    kept.idleSince = this.#p.world.clock.now()
    const others = this.#idle.get(key)
    if (others) others.push(kept)
    else this.#idle.set(key, [kept])
  }

  #drop(key: string): void {
    for (const { live } of this.#idle.get(key) ?? []) live.destroy()
    this.#idle.delete(key)
  }

  #closeIdle(before: number): void {
    for (const [key, kept] of this.#idle) {
      const [old, young] = [kept.filter((k) => k.idleSince < before), kept.filter((k) => k.idleSince >= before)]
      for (const { live } of old) void live.close()
      if (young.length > 0) this.#idle.set(key, young)
      else this.#idle.delete(key)
    }
  }

  /** A token that is refused before its time is renewed at once, and tried once more. */
  async #dial(target: Target): Promise<LiveConnection | SessionFailure> {
    const { route } = target
    if (route.is !== 'alternate') return this.#dialAs(target, noAccount)
    const { credentials } = this.#p
    const account = await credentials.of(route.server.name)
    const dialled = await this.#dialAs(target, account)
    const refused = tokenOf(account)
    if (!('is' in dialled) || !dialled.authRefused || !dialled.fromRemote || refused === null) return dialled
    return this.#dialAs(target, await credentials.of(route.server.name, { refused }))
  }

  /** What a host cannot do is left out, once each: TLS that nobody demands, EHLO. */
  async #dialAs(target: Target, account: CredentialsNow): Promise<LiveConnection | SessionFailure> {
    if (account.is !== 'ready') {
      const told = failure('auth', own(account.reply))
      return account.is === 'hold' ? { ...told, authRefused: true } : told
    }
    const usePipelining = !this.#noPipelining.has(keyOf(target))
    const plan = planFor(target, { ...this.#p, account: account.credentials, usePipelining })
    for (let tries = 0; ; tries++) {
      const dialled = await openSession(this.#p.world, plan)
      if (dialled.ok) return dialled.live
      const { retryInClear, retryWithHelo } = dialled.failure
      if (tries >= 2 || (!retryInClear && !retryWithHelo)) return dialled.failure
      if (retryInClear) plan.plan = { ...plan.plan, tls: 'none' }
      if (retryWithHelo) plan.plan = { ...plan.plan, hello: 'HELO' }
    }
  }
}

const noAccount: CredentialsNow = { is: 'ready', credentials: null }
const keyOf = ({ address, hop, tls, route }: Target): string =>
  `${address} ${hop.port} ${hop.certName} ${tls} ${routeName(route)}`
