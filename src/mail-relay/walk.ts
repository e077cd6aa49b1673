// One attempt: along the routes of the ladder, the hosts of a route, the addresses of a host, until each recipient has an
// outcome. Called by the engine for a leased batch. Decides who is asked next (D2); what becomes of it decides settle.ts.
import type { DeliveryRow } from '#/storage/queue.ts'
import type { Clock, Instant } from '#/world/world.ts'
import type { Detours } from './detours.ts'
import type { Health } from './health.ts'
import type { Hops, HopsAsked } from './hops.ts'
import type { Hop } from './hop-types.ts'
import { staleMax } from './limits.ts'
import type { Outcome } from './outcome.ts'
import type { RelayRoute, TlsPolicy } from './routes.ts'
import { rungsOf } from './rungs.ts'
import type { Mail, MailResult, SessionFailure } from './session-types.ts'
import type { Batch, Conversations, Target } from './walk-types.ts'
import {
  hostName,
  ourOutcome,
  ourTrouble,
  outOfTime,
  recipientOutcome,
  sessionOutcome,
  softened,
} from './walk-words.ts'

export type WalkParts = {
  readonly clock: Clock
  readonly findHops: (asked: HopsAsked) => Promise<Hops>
  readonly conversations: Conversations
  readonly health: Health
  readonly detours: Detours
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
  /** What broke on our side and ended the attempt. */
  readonly broke?: unknown
}

/** Why a recipient has no final word yet. `unreached`: nobody answered. `no-tls`: not over TLS as it must be. `deferred`: a
 *  host said later. `unwelcome`: a host does not want us; another may. `refused`: it does not want us to send to this one.
 *  `unfit`: the host cannot take such a message; another one of the route may. */
type Why = 'unreached' | 'no-tls' | 'deferred' | 'unwelcome' | 'refused' | 'unfit'
type Left = { readonly outcome: Outcome; readonly why: Why }

/** Never rejects: what a host has taken must not be forgotten for what breaks behind it. */
export async function walk(batch: Batch, parts: WalkParts): Promise<Walked> {
  const walking = new Walk(batch, parts)
  const { outcomes, notes } = walking
  try {
    await walking.run()
    return { outcomes, notes }
  } catch (broke) {
    walking.breakOff()
    return { outcomes, notes, broke }
  }
}

class Walk {
  readonly outcomes = new Map<string, Outcome>()
  readonly notes: string[] = []
  readonly #batch: Batch
  readonly #parts: WalkParts
  readonly #startedAt: Instant
  readonly #left = new Map<string, Left>()
  #betterIsDown = false // a better host of this route could not be asked: OUT-17
  #refusedHere = new Set<string>() // on this route, for what we are: its other hosts are not asked

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
      this.#refusedHere.clear()
      if (route.is === 'alternate') this.#learn(rows)
      if (rows.length > 0) await this.#along(route, rows)
    }
    for (const [id, { outcome }] of this.#left) if (!this.outcomes.has(id)) this.outcomes.set(id, outcome)
  }

  /** A bug of ours, or our disk, must never bounce mail. */
  breakOff(): void {
    const rows = this.#batch.rows.filter(({ id }) => !this.outcomes.has(id))
    this.#finish(rows, ourTrouble(this.#batch.routes[0]!))
  }

  /** D1, D2: the address only where nobody answered, the alternate server not where a host said "later". */
  #mayTake(route: RelayRoute, id: string): boolean {
    if (this.outcomes.has(id)) return false
    const why = this.#left.get(id)?.why
    if (why === undefined || why === 'unreached') return true
    return route.is === 'alternate' && why !== 'deferred' && why !== 'unfit'
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
        const open = rows.filter(({ id }) => !this.outcomes.has(id) && !this.#refusedHere.has(id))
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
    const down = health.trouble(placeOf(target), clock.now())
    if (down) {
      this.notes.push(`${hostName(target)}: has just been called in vain`)
      return this.#notReached(rows, { ...sessionOutcome(target, unanswered), reply: down })
    }
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
    this.#answered(target)
    return rows.filter((row, i) => {
      const heard = result.outcomes[i]!
      if (heard.again) return true
      const said = recipientOutcome(target, heard, result)
      const outcome = this.#mustWait(row, said) ? softened(said) : said
      if (said.reply.code >= 500 && !said.fromRemote) this.#unfit(row, target, outcome)
      else if (said.reply.code >= 500 && said.kind === 'about-us') this.#refused(row, target, outcome)
      else this.#finish([row], outcome)
      return false
    })
  }

  #mustWait({ memo }: DeliveryRow, { reply }: Outcome): boolean {
    const tries = memo.routeTries ?? 0
    return this.#betterIsDown && reply.code >= 500 && tries < this.#parts.routeTriesMax - 1
  }

  /** The host was not brought to take mail: the next one is asked. RO-10, RO-11 */
  #notTaken(rows: readonly DeliveryRow[], target: Target, end: SessionFailure): void {
    const outcome = sessionOutcome(target, end)
    const { reply, stage, fromRemote, hold } = outcome
    this.notes.push(`${hostName(target)}: ${reply.code} ${reply.lines.join(' ')}`)
    if (!fromRemote && (stage === 'connect' || stage === 'greeting')) {
      this.#unanswered(rows[0]!, target, outcome)
      return this.#notReached(rows, outcome)
    }
    this.#answered(target)
    if (hold !== null || end.loop) return this.#finish(rows, outcome)
    const soft = this.#betterIsDown || target.route.is === 'alternate' // RO-26
    if (stage !== 'starttls' && fromRemote && reply.code >= 500)
      return this.#leave(rows, soft ? softened(outcome) : outcome, 'unwelcome')
    this.#betterIsDown = true
    this.#leave(rows, outcome, stage === 'starttls' ? 'no-tls' : fromRemote ? 'deferred' : 'unreached')
  }

  #notReached(rows: readonly DeliveryRow[], outcome: Outcome): void {
    this.#betterIsDown = true
    this.#leave(rows, outcome, 'unreached')
  }

  #refused(row: DeliveryRow, target: Target, outcome: Outcome): void {
    this.notes.push(`${hostName(target)}: ${outcome.reply.code} ${outcome.reply.lines.join(' ')}`)
    this.#refusedHere.add(row.id)
    this.#leave([row], outcome, 'refused')
  }

  /** By what it offers: nothing was sent to find out. RO-22 */
  #unfit(row: DeliveryRow, target: Target, outcome: Outcome): void {
    this.notes.push(`${hostName(target)}: ${outcome.reply.code} ${outcome.reply.lines.join(' ')}`)
    this.#leave([row], outcome, 'unfit')
  }

  #answered(target: Target): void {
    this.#parts.health.worked(placeOf(target))
    if (target.route.is !== 'alternate') this.#parts.detours.reached(this.#parts.clock.now())
  }

  #unanswered({ destination }: DeliveryRow, target: Target, { reply, stage }: Outcome): void {
    const now = this.#parts.clock.now()
    this.#parts.health.failed(placeOf(target), reply, now)
    if (target.route.is !== 'alternate' && stage === 'connect') this.#parts.detours.unreached(destination, now)
  }

  /** Those whose turn at the alternate server comes because of what we are: for a while it is their first. RO-16 */
  #learn(rows: readonly DeliveryRow[]): void {
    for (const { id, destination } of rows) {
      const { outcome } = this.#left.get(id) ?? {}
      if (outcome?.kind === 'about-us') this.#parts.detours.refused(destination, outcome.reply, this.#parts.clock.now())
    }
  }

  /** An answer is worth more than silence: it is what the sender hears of, and it keeps mail on its route. But a "never"
   *  that others might not have said, had they been asked, is none yet. RO-11 */
  #leave(rows: readonly DeliveryRow[], outcome: Outcome, why: Why): void {
    for (const { id } of rows) {
      const before = this.#left.get(id)
      if (before?.why === 'deferred' && why !== 'refused') continue
      if (why !== 'unreached' || before === undefined || before.why === 'unreached')
        this.#left.set(id, { outcome, why })
      else if (before.outcome.reply.code >= 500) this.#left.set(id, { ...before, outcome: softened(before.outcome) })
    }
  }

  #finish(rows: readonly DeliveryRow[], outcome: Outcome): void {
    for (const { id } of rows) this.outcomes.set(id, outcome)
  }
}

/** What Health knows a host by. */
const placeOf = ({ address, hop }: Target): string => `${address} ${hop.port}`

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
