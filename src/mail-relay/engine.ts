// The loop of the relay: reads what is due, puts it into groups, lets the lanes start attempts, plans what is left. Opened by
// server.ts. Everything that must survive is in the store; what is here may be lost at any moment.
import { LRUCache } from 'lru-cache'
import type { Lease, DeliveryRow, Queue } from '#/storage/queue.ts'
import { StoreError } from '#/storage/store.ts'
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import type { Instant, World } from '#/world/world.ts'
import { attempt, settleEach, type AttemptParts, type Attempted, type Settling } from './attempt.ts'
import { exchangersFor, groupsOf, turnOf, type Group, type Grouping } from './batches.ts'
import { Lanes } from './lanes.ts'
import { Gate, utcMinuteOfDay } from './gate.ts'
import { destinationsMax, dueMax, hotMax, readyForOneMax, readyMax } from './limits.ts'
import { endedWords, notBegun, takenBack } from './recover.ts'
import { longestWait } from './retry.ts'
import { Sites } from './sites.ts'
import { Together } from './together.ts'
import { isLate, tellUnread } from './unread.ts'

export type EngineParts = Omit<AttemptParts, 'lease' | 'queue' | 'world'> & {
  readonly queue: Queue
  readonly world: Pick<World, 'clock' | 'random' | 'log'>
  readonly settingsNow: () => MailRelaySettings
  readonly grouping: Omit<Grouping, 'recipientsMax' | 'exchangersOf'>
  /** The same text for destinations with the same mail exchangers; DNS is asked. */
  readonly exchangersOf: (destination: string) => Promise<string>
  readonly isLocal: (destination: string) => boolean
  /** Puts what is for a mailbox here by now into it; returns the rest. RO-34 */
  readonly keepLocal: (rows: readonly DeliveryRow[]) => Promise<readonly DeliveryRow[]>
  readonly node: string
  /** By the clock on the wall here; left out: UTC. */
  readonly minuteOfDay?: ((at: Instant) => number) | undefined
}

const refreshMs = 60_000
const fullLaneMs = 1_000
const longestSleepMs = 30_000
const sitesAtOnce = 20
const recoveredAtOnce = 1000
const clockBackMs = 60_000

export class Engine {
  readonly #p: EngineParts
  readonly #attempts: AttemptParts
  readonly #sites = new Sites()
  readonly #lanes = new Lanes<Group>(() => this.#startSome())
  readonly #busy = new Set<string>() // ids of deliveries that are in memory
  /** Where mail for a destination last went. Its memory grows as it fills. */
  readonly #laneOf = new LRUCache<string, string>({ maxSize: destinationsMax, sizeCalculation: () => 1 })
  readonly #hot = new Set<string>() // those of them that were accepted a moment ago
  readonly #running = new Set<Promise<void>>()
  readonly #together = new Set<Together>() // of messages with several groups
  readonly #gate: Gate
  #stopped = true
  #full = false // no more is read until batches have gone
  #leftUnread = false // since the last refresh something was due and not read
  #isTelling = false
  #sleeping: AbortController | null = null
  #sleepsUntil: Instant = 0
  #woken = false // since this turn began: what it has read may be old
  #refreshedAt = Number.NEGATIVE_INFINITY
  #lastNow: Instant = Number.POSITIVE_INFINITY // an earlier run may have planned by a clock that was wrong: CLK-06
  #loop: Promise<void> = Promise.resolve()

  constructor(parts: EngineParts) {
    this.#p = parts
    this.#attempts = { ...parts, lease: () => this.#lease() }
    this.#gate = new Gate({ ...parts, minuteOfDay: parts.minuteOfDay ?? utcMinuteOfDay })
  }

  /** Resolves when what an earlier run left behind is in order again. @throws StoreError */
  async start(): Promise<void> {
    await this.#recover()
    this.#stopped = false
    this.#loop = this.#run()
  }

  /** No attempt begins any more; resolves when those under way are over, or after `ms`. */
  async stop(ms: number): Promise<void> {
    this.#stopped = true
    this.wake()
    this.#track(this.#giveBack(this.#lanes.empty().flatMap(({ rows }) => rows)))
    for (const together of this.#together) together.close()
    const patience = new AbortController()
    const over = this.#idle().then(() => patience.abort())
    await Promise.race([over, this.#p.world.clock.sleep(ms, patience.signal).catch(() => undefined)])
    await this.#gate.leave(this.#p.world.clock.now()).catch(() => undefined) // a store that failed has said so
  }

  async #idle(): Promise<void> {
    await this.#loop
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  get active(): number {
    return this.#lanes.active
  }

  /** A lease for deliveries that are accepted right now, when there is room to begin with them at once. */
  claim(count: number): Lease | null {
    const open = !this.#stopped && this.#gate.isOpen(this.#p.world.clock.now())
    const room = open && this.#hot.size + count <= hotMax
    return room ? this.#lease() : null
  }

  /** Deliveries that were accepted. Leased ones begin now. */
  queued(rows: readonly DeliveryRow[]): void {
    const hot = rows.filter(({ lease }) => lease !== null)
    for (const { id } of hot) this.#hot.add(id)
    for (const row of rows) if (row.state === 'waiting') this.#sites.note(row.destination, row.dueAt)
    if (hot.length > 0) this.#track(this.#take(hot))
    if (hot.length < rows.length) this.wake()
  }

  /** Something changed by hand: look again. */
  wake(changes: { reread?: boolean } = {}): void {
    if (changes.reread) this.#refreshedAt = Number.NEGATIVE_INFINITY
    this.#woken = true
    this.#sleeping?.abort()
  }

  /** Sends what waits now, whatever the time; nothing that is meant for later. Resolves when all of it is due. QU-13 */
  async flush(): Promise<void> {
    const now = this.#p.world.clock.now()
    await this.#p.queue.replan(now, now)
    this.#gate.open(now)
    this.wake({ reread: true })
  }

  #lease(): Lease {
    const { attemptMs, dataBlockMs, dataEndMs } = this.#p.settingsNow()
    const until = this.#p.world.clock.now() + 2 * attemptMs + 10 * dataBlockMs + dataEndMs
    return { node: this.#p.node, until }
  }

  async #recover(): Promise<void> {
    for (;;) {
      const rows = await this.#p.queue.find({ states: ['leased'], limit: recoveredAtOnce })
      if (rows.length === 0) return
      await this.#takeBack(rows, endedWords)
    }
  }

  async #takeBack(rows: readonly DeliveryRow[], uncertain: string): Promise<void> {
    await this.#p.queue.move(takenBack(rows, this.#p.world.clock.now(), uncertain))
  }

  /** What another one leased and did not finish, and all destinations. */
  async #refresh(now: Instant): Promise<void> {
    const { queue } = this.#p
    this.#refreshedAt = now // before the look: who wants another one meanwhile gets it
    const lapsed = (await queue.lapsed(now, recoveredAtOnce)).filter(({ id }) => !this.#busy.has(id))
    if (lapsed.length > 0) await this.#takeBack(lapsed, 'this attempt was not finished in time: it may have arrived')
    this.#sites.refresh(await queue.destinations(destinationsMax))
    for (const group of this.#lanes.all()) await this.#tellMeanwhile(group)
    if (this.#leftUnread && !this.#isTelling) this.#track(this.#tellUnread())
  }

  /** While the loop goes on. */
  async #tellUnread(): Promise<void> {
    this.#isTelling = true
    this.#leftUnread = false
    const { clock, log } = this.#p.world
    const isFree = ({ id }: DeliveryRow): boolean => !this.#busy.has(id)
    const isOver = (): boolean => this.#stopped || !this.#gate.isOpen(clock.now())
    await tellUnread({ ...this.#p, clock, isFree, isOver, tell: (rows, now) => this.#tell(rows, now) })
      .catch((error: unknown) => log.error('queue', { error }))
      .finally(() => (this.#isTelling = false))
  }

  async #tell(rows: readonly DeliveryRow[], now: Instant): Promise<boolean> {
    for (const { id } of rows) this.#busy.add(id)
    try {
      this.#free(await this.#p.notices.tellDelay(rows, now), rows)
      return true
    } catch (error) {
      this.#trouble(error, rows)
      return false
    }
  }

  /** Where a next hop leaves us hanging, what waits for its turn behind others is told of all the same. DL-01 */
  async #tellMeanwhile(group: Group): Promise<void> {
    const { world, settingsNow, notices } = this.#p
    const now = world.clock.now()
    const late = group.rows.filter((row) => isLate(row, settingsNow(), now))
    if (late.length === 0) return
    const { rows, made } = await notices.tellDelay(late, now).catch((error: unknown) => {
      if (isConflict(error)) return { rows: [], made: [] } // its turn has come meanwhile
      throw error
    })
    const told = new Map(rows.map((row) => [row.id, row]))
    group.rows = group.rows.map((row) => told.get(row.id) ?? row)
    this.#free({ rows: made, made: [] }, [])
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#turn()
      } catch (error) {
        this.#p.world.log.error('queue', { error })
        this.#refreshedAt = Number.NEGATIVE_INFINITY
        await this.#sleep(1000)
      }
    }
  }

  async #turn(): Promise<void> {
    const { world, queue, settingsNow } = this.#p
    this.#woken = false
    const now = world.clock.now()
    if (!(await this.#gate.pass(now))) return this.#sleep(await this.#keepOnly(now))
    if (now < this.#lastNow - clockBackMs) await queue.replan(now, now + longestWait(settingsNow()))
    if (now < this.#lastNow - clockBackMs || now - this.#refreshedAt >= refreshMs) await this.#refresh(now)
    this.#lastNow = now
    const due = this.#lanes.ready < readyMax ? this.#sites.take(now, sitesAtOnce) : []
    for (const destination of due)
      if (await this.#isFull(destination, now)) this.#leaveUnread(destination, now)
      else await this.#read(destination, now)
    if (due.length > 0) return
    this.#full = this.#lanes.ready >= readyMax
    this.#leftUnread ||= this.#full
    const next = Math.min(this.#sites.next(), this.#refreshedAt + refreshMs)
    const ms = this.#full ? longestSleepMs : Math.max(1, Math.min(longestSleepMs, next - now))
    await this.#sleep(ms)
  }

  /** The relay is off, and mailboxes here get what is meant for them all the same. SE-01 */
  async #keepOnly(now: Instant): Promise<number> {
    const local = (await this.#p.queue.destinations(destinationsMax)).filter((one) => this.#p.isLocal(one.destination))
    for (const { destination } of local.filter(({ dueAt }) => dueAt <= now)) {
      const due = await this.#p.queue.due(destination, now, dueMax)
      for (const rows of Map.groupBy(due, ({ message }) => message).values()) await this.#p.keepLocal(rows)
    }
    const next = Math.min(...local.map(({ dueAt }) => dueAt).filter((dueAt) => dueAt > now))
    return Math.max(1, Math.min(longestSleepMs, next - now))
  }

  /** What waits for one next hop must not fill the memory that all share. QU-08 */
  async #isFull(destination: string, now: Instant): Promise<boolean> {
    const lane = this.#laneOf.get(destination) ?? (await this.#laneOfOne(destination, now))
    return lane !== undefined && this.#lanes.waiting(lane) >= readyForOneMax
  }

  #leaveUnread(destination: string, now: Instant): void {
    this.#leftUnread = true
    this.#sites.note(destination, now + fullLaneMs)
  }

  /** One delivery tells where a destination's mail goes, before many are read. */
  async #laneOfOne(destination: string, now: Instant): Promise<string | undefined> {
    const rows = await this.#p.queue.due(destination, now, 1)
    const [group] = groupsOf(rows, { ...this.#p.grouping, exchangersOf: (name) => name, recipientsMax: 1 })
    if (group) this.#laneOf.set(destination, group.lane)
    return group?.lane
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#woken || this.#stopped) return
    this.#sleeping = new AbortController()
    this.#sleepsUntil = this.#p.world.clock.now() + ms
    await this.#p.world.clock.sleep(ms, this.#sleeping.signal).catch(() => undefined)
    this.#sleeping = null
  }

  async #read(destination: string, now: Instant): Promise<void> {
    const found = await this.#p.queue.due(destination, now, dueMax)
    if (found.length === dueMax) this.#sites.note(destination, now) // there may be more
    const rows = found.filter(({ id }) => !this.#busy.has(id))
    for (const [message, together] of Map.groupBy(rows, (row) => row.message)) {
      const siblings = together[0]!.siblings > together.length ? await this.#p.queue.ofMessage(message) : together
      const ready = siblings.filter((row) => row.state === 'waiting' && row.dueAt <= now && !this.#busy.has(row.id))
      if (ready.length > 0) await this.#take(ready)
    }
  }

  /** Rows of one message. What is due only because its sender must be told of the delay is told, and waits on. */
  async #take(rows: readonly DeliveryRow[]): Promise<void> {
    for (const { id } of rows) this.#busy.add(id)
    try {
      const now = this.#p.world.clock.now()
      const early = rows.filter(({ memo, lease }) => lease === null && (memo.retryAt ?? 0) > now)
      if (early.length > 0) this.#free(await this.#p.notices.tellDelay(early, now), early)
      const others = without(rows, early)
      const outside = await this.#p.keepLocal(others)
      this.#lookAgain(without(others, outside), now)
      const exchangers = await exchangersFor(outside, this.#p.exchangersOf)
      const recipientsMax = this.#p.settingsNow().recipientsPerMessageMax
      const exchangersOf = (name: string): string => exchangers.get(name) ?? name
      const groups = groupsOf(outside, { ...this.#p.grouping, exchangersOf, recipientsMax })
      if (groups.length > 1) this.#bind(groups)
      for (const group of groups) {
        this.#laneOf.set(group.rows[0]!.destination, group.lane)
        this.#lanes.add(group, { lane: group.lane, ...turnOf(group.rows[0]!) })
      }
      this.#startSome()
    } catch (error) {
      this.#trouble(error, rows)
    }
  }

  /** Groups of one message: their failures are told together. DS-05 */
  #bind(groups: readonly Group[]): void {
    const { clock } = this.#p.world
    const together = new Together(groups.length, { clock, settle: (parts) => this.#track(this.#settle(parts)) })
    this.#together.add(together)
    for (const group of groups) group.together = together
  }

  /** What one of them keeps from being written down keeps none of the others. */
  async #settle(parts: readonly Settling[]): Promise<void> {
    const rows = parts.flatMap((part) => part.rows)
    try {
      this.#free(await settleEach(parts, this.#attempts), rows)
    } catch (error) {
      if (parts.length === 1 || !isConflict(error)) return this.#trouble(error, rows)
      for (const part of parts) await this.#settle([part])
    }
  }

  /** Stored here, or still waiting for a mailbox: whoever must be told of that is told now. */
  #lookAgain(rows: readonly DeliveryRow[], now: Instant): void {
    if (rows.length === 0) return
    this.#forget(rows)
    for (const { destination } of rows) this.#sites.note(destination, now)
    this.wake()
  }

  #startSome(): void {
    const { connectionsMax, perDestinationMax } = this.#p.settingsNow()
    this.#lanes.run({ all: connectionsMax, each: perDestinationMax }, (group) => {
      const work = this.#attempt(group)
      this.#track(work)
      return work
    })
  }

  async #attempt(group: Group): Promise<void> {
    try {
      if (this.#stopped) return await this.#giveBack(group.rows)
      if (group.rows[0]!.lease === null && !this.#gate.isOpen(this.#p.world.clock.now()))
        return this.#free({ rows: group.rows, made: [] }, group.rows)
      const attempted = await attempt(group, this.#attempts)
      this.#free(
        attempted,
        group.rows.filter(({ id }) => !attempted.later?.has(id)),
      )
    } catch (error) {
      this.#trouble(error, group.rows)
    } finally {
      if (group.together?.ended()) this.#together.delete(group.together)
    }
    if (this.#full && this.#lanes.ready < readyMax / 2) this.wake()
  }

  /** Those accepted under a lease whose attempt has not begun: to the next start they are like any others. */
  async #giveBack(rows: readonly DeliveryRow[]): Promise<void> {
    const at = this.#p.world.clock.now()
    const hot = rows.filter(({ lease }) => lease !== null)
    const moves = notBegun(hot, at)
    if (moves.length > 0) await this.#p.queue.move({ at, moves }).catch((error) => this.#trouble(error, hot))
  }

  #free({ rows, made }: Attempted, taken: readonly DeliveryRow[]): void {
    this.#forget(taken)
    this.#lastNow = Math.max(this.#lastNow, this.#p.world.clock.now()) // it was planned by this clock, also while the loop sleeps
    const waiting = [...rows, ...made].filter(({ state }) => state === 'waiting')
    for (const { destination, dueAt } of waiting) this.#sites.note(destination, dueAt)
    // A notice, or a wait that is shorter than the sleep.
    if (waiting.some(({ dueAt }) => dueAt < this.#sleepsUntil)) this.wake()
  }

  #forget(rows: readonly DeliveryRow[]): void {
    for (const { id } of rows) {
      this.#busy.delete(id)
      this.#hot.delete(id)
    }
  }

  /** A row that changed meanwhile is read anew; a store that failed keeps the rows leased until the next start. */
  #trouble(error: unknown, rows: readonly DeliveryRow[]): void {
    this.#forget(rows)
    if (isConflict(error)) return this.wake({ reread: true })
    this.#p.world.log.error('delivery', { message: rows[0]?.message, error })
  }

  #track(work: Promise<void>): void {
    this.#running.add(work)
    void work.finally(() => this.#running.delete(work))
  }
}

const isConflict = (error: unknown): boolean => error instanceof StoreError && error.kind === 'conflict'

function without<T>(items: readonly T[], some: readonly T[]): readonly T[] {
  if (some.length === 0) return items
  const left = new Set(some)
  return items.filter((item) => !left.has(item))
}
