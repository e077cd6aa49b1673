// One attempt: along the routes of the ladder, the hosts of a route, the addresses of a host, until each recipient has an
// outcome. Called by the engine for a leased batch. Decides who is asked next (D2); what becomes of it decides settle.ts.
import type { DeliveryRow } from '#/storage/queue.ts'
import type { Clock, Instant } from '#/world/world.ts'
import type { Health } from './health.ts'
import type { Hops, HopsAsked } from './hops.ts'
import type { Hop } from './hop-types.ts'
import { staleMax } from './limits.ts'
import type { Outcome } from './outcome.ts'
import type { RelayRoute, TlsPolicy } from './routes.ts'
import { rungsOf } from './rungs.ts'
import type { Mail, MailResult, SessionFailure } from './session-types.ts'
import type { Batch, Conversations, Target } from './walk-types.ts'
import { hostName, ourOutcome, outOfTime, recipientOutcome, sessionOutcome, softened } from './walk-words.ts'

export type WalkParts = {
  readonly clock: Clock
  readonly findHops: (asked: HopsAsked) => Promise<Hops>
  readonly conversations: Conversations
  readonly health: Health
  readonly tlsFor: (domain: string) => TlsPolicy
  /** The message for these recipients. */
  readonly mail: (rows: readonly DeliveryRow[]) => Mail
  readonly attemptMs: number
  readonly routeTriesMax: number
}
export type Walked = {
  /** By the id of the row: one for each. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** What was tried besides, in words, for the trace. */
  readonly notes: readonly string[]
}

/** Why a recipient has no final word yet. `unreached`: nobody answered. `no-tls`: not over TLS as it must be. `deferred`: a
 *  host said later. `unwelcome`: a host does not want us; another may. `refused`: it does not want us to send to this one. */
type Why = 'unreached' | 'no-tls' | 'deferred' | 'unwelcome' | 'refused'
type Left = { readonly outcome: Outcome; readonly why: Why }

export async function walk(batch: Batch, parts: WalkParts): Promise<Walked> {
  const walking = new Walk(batch, parts)
  await walking.run()
  return { outcomes: walking.outcomes, notes: walking.notes }
}

class Walk {
  readonly outcomes = new Map<string, Outcome>()
  readonly notes: string[] = []
  readonly #batch: Batch
  readonly #parts: WalkParts
  readonly #startedAt: Instant
  readonly #left = new Map<string, Left>()
  #betterIsDown = false // a better host of this route could not be asked: OUT-17

  constructor(batch: Batch, parts: WalkParts) {
    this.#batch = batch
    this.#parts = parts
    this.#startedAt = parts.clock.now()
  }

  async run(): Promise<void> {
    const { routes, rows: all } = this.#batch
    for (const route of rungsOf(routes, all[0]!.memo)) {
      const rows = all.filter(({ id }) => this.#mayTake(route, id))
      this.#betterIsDown = false
      if (rows.length > 0) await this.#along(route, rows)
    }
    for (const [id, { outcome }] of this.#left) this.outcomes.set(id, outcome)
  }

  /** D1, D2: the address only where nobody answered, the alternate server not where a host said "later". */
  #mayTake(route: RelayRoute, id: string): boolean {
    if (this.outcomes.has(id)) return false
    const why = this.#left.get(id)?.why
    if (why === undefined || why === 'unreached') return true
    return route.is === 'alternate' && why !== 'deferred'
  }

  async #along(route: RelayRoute, rows: readonly DeliveryRow[]): Promise<void> {
    const first = rows[0]!
    const hops = await this.#parts.findHops({
      route,
      domain: first.destination,
      attempt: Math.max(0, first.attempts - 1),
      firstSeenMissingAt: first.memo.missingSince ?? null,
      now: this.#parts.clock.now(),
    })
    if (hops.is === 'hops') {
      this.notes.push(...hops.skipped)
      return this.#hosts(rows, inOrder(hops.hosts, first), route)
    }
    const kind = hops.is === 'failed' ? 'recipient' : 'other'
    this.#finish(rows, { ...ourOutcome(route, hops.reply), kind, missing: hops.is === 'later' && hops.noSuchName })
  }

  async #hosts(rows: readonly DeliveryRow[], hosts: readonly Hop[], route: RelayRoute): Promise<void> {
    for (const hop of hosts)
      for (const address of hop.addresses) {
        const open = rows.filter(({ id }) => !this.outcomes.has(id) && this.#left.get(id)?.why !== 'refused')
        if (open.length === 0) return
        if (this.#parts.clock.now() - this.#startedAt > this.#parts.attemptMs)
          return this.#finish(open, outOfTime(route))
        const domain = open[0]!.destination
        const tls = route.is === 'alternate' ? route.server.tls : this.#parts.tlsFor(domain)
        await this.#ask(open, { hop, address, route, tls })
      }
  }

  /** One host at one address: a transaction, and at once another for recipients that were too many for it. QU-09 */
  async #ask(rows: readonly DeliveryRow[], target: Target): Promise<void> {
    const { health, clock } = this.#parts
    const down = health.trouble(`${target.address} ${target.hop.port}`, clock.now())
    if (down) return this.#notReached(rows, { ...sessionOutcome(target, unanswered), reply: down })
    let open = rows
    while (open.length > 0) {
      const said = await this.#transaction(open, target)
      if ('is' in said) return this.#notTaken(open, target, said)
      const again = this.#heard(open, target, said)
      if (again.length === open.length) return this.#finish(again, outOfTime(target.route)) // no progress
      open = again
    }
  }

  async #transaction(rows: readonly DeliveryRow[], target: Target): Promise<MailResult | SessionFailure> {
    for (let tries = 1; ; tries++) {
      const conversation = await this.#parts.conversations.open(target)
      if ('is' in conversation) return conversation
      const said = await conversation.deliver(this.#parts.mail(rows))
      conversation.release()
      if ('is' in said || !said.stale || tries >= staleMax) return said
    }
  }

  /** Returns those to be sent at once in another transaction. */
  #heard(rows: readonly DeliveryRow[], target: Target, result: MailResult): DeliveryRow[] {
    this.#parts.health.worked(`${target.address} ${target.hop.port}`)
    return rows.filter((row, i) => {
      const heard = result.outcomes[i]!
      if (heard.again) return true
      const outcome = recipientOutcome(target, heard, result)
      if (outcome.reply.code >= 500 && outcome.kind === 'about-us') this.#leave([row], outcome, 'refused')
      else this.#finish([row], this.#mustWait(row, outcome) ? softened(outcome) : outcome)
      return false
    })
  }

  #mustWait({ memo }: DeliveryRow, { reply, fromRemote }: Outcome): boolean {
    const tries = memo.routeTries ?? 0
    return this.#betterIsDown && fromRemote && reply.code >= 500 && tries < this.#parts.routeTriesMax - 1
  }

  /** The host was not brought to take mail: the next one is asked. RO-10, RO-11 */
  #notTaken(rows: readonly DeliveryRow[], target: Target, end: SessionFailure): void {
    const outcome = sessionOutcome(target, end)
    const { reply, stage, fromRemote, hold } = outcome
    this.notes.push(`${hostName(target)}: ${reply.code} ${reply.lines.join(' ')}`)
    if (!fromRemote && (stage === 'connect' || stage === 'greeting')) {
      this.#parts.health.failed(`${target.address} ${target.hop.port}`, reply, this.#parts.clock.now())
      return this.#notReached(rows, outcome)
    }
    this.#parts.health.worked(`${target.address} ${target.hop.port}`)
    if (hold !== null || end.loop) return this.#finish(rows, outcome)
    if (stage === 'starttls') return this.#leave(rows, outcome, 'no-tls')
    if (!fromRemote) return this.#notReached(rows, outcome)
    if (reply.code >= 500) return this.#leave(rows, this.#betterIsDown ? softened(outcome) : outcome, 'unwelcome')
    this.#betterIsDown = true
    this.#leave(rows, outcome, 'deferred')
  }

  #notReached(rows: readonly DeliveryRow[], outcome: Outcome): void {
    this.#betterIsDown = true
    this.#leave(rows, outcome, 'unreached')
  }

  /** An answer is worth more than silence: it is what the sender hears of, and it keeps mail on its route. */
  #leave(rows: readonly DeliveryRow[], outcome: Outcome, why: Why): void {
    for (const { id } of rows) {
      const before = this.#left.get(id)?.why
      if (why === 'unreached' && before !== undefined && before !== 'unreached') continue
      if (before === 'deferred' && why !== 'refused') continue
      this.#left.set(id, { outcome, why })
    }
  }

  #finish(rows: readonly DeliveryRow[], outcome: Outcome): void {
    for (const { id } of rows) this.outcomes.set(id, outcome)
  }
}

const unanswered: SessionFailure = {
  is: 'failed',
  stage: 'connect',
  reply: { code: 451, status: '4.4.1', lines: ['No answer'] },
  fromRemote: false,
  retryInClear: false,
  retryWithHelo: false,
  authRefused: false,
  loop: false,
}

/** Where an uncertain message went before comes first. RO-17 */
function inOrder(hosts: readonly Hop[], { memo }: DeliveryRow): readonly Hop[] {
  const last = hosts.findIndex(({ name }) => memo.uncertain?.host.startsWith(`${name} [`))
  return last <= 0 ? hosts : [hosts[last]!, ...hosts.slice(0, last), ...hosts.slice(last + 1)]
}
