// The POP3 Client at work: which account is collected when, one session a remote mailbox at a time, so many at once, none
// waiting for another. Opened by main, and by the command line on a stopped server. PC-05, PC-39
import type { AccountStatus, RemoteAccount } from '#/config/remote-accounts.ts'
import type { OwnMail, Prepared } from '#/intake/own.ts'
import type { AccountId } from '#/storage/collected.ts'
import { alertOwner, isAlertDue } from './alerts.ts'
import type { RemoteAccounts } from './accounts.ts'
import { adopt, forgetAll, markAll } from './adopt.ts'
import { browse } from './browse.ts'
import { act, type HandParts } from './by-hand.ts'
import { Exclusive, remoteOf } from './exclusive.ts'
import { Places } from './places.ts'
import { keepingAll } from './keeping.ts'
import { dayMs, progressMs, underWayAloneMax, underWayBytesMax, underWayMax } from './limits.ts'
import { Run, type Finished, type RunParts } from './run.ts'
import { Schedule, type Going } from './schedule.ts'
import { statusAfter } from './status.ts'
import { testAccount } from './test-account.ts'
import {
  CollectError,
  type AccountRow,
  type Collector,
  type Progress,
  type RemoteAction,
  type RunReport,
} from './types.ts'

export type CollectorParts = Omit<RunParts, 'share'> & {
  readonly accounts: RemoteAccounts
  readonly prepare: (mail: OwnMail) => Promise<Prepared>
  readonly hostname: string
  /** Why nothing may be deleted on other servers for now, in words; null when it may be. PC-30 */
  readonly keepsRemote?: () => string | null
  /** Told how many accounts are collected, whenever that changes. */
  readonly onBusy?: (accounts: number) => void
}

type Running = Going & {
  readonly run: Run
  readonly done: Promise<RunReport>
  readonly listeners: Set<(progress: Progress) => void>
  /** It was ended while it waits for its turn: nothing of it is waited for any longer. */
  readonly giveUp: () => void
}

/** An account whose id is null is not saved. */
type Visitor = { readonly id: AccountId | null; readonly settings: RemoteAccount }

const deletes: ReadonlySet<RemoteAction> = new Set(['delete', 'fetch-delete'])

export const openCollector = (parts: CollectorParts): Collector => new PopCollector(parts)

class PopCollector implements Collector {
  readonly #parts: CollectorParts
  readonly #running = new Map<AccountId, Running>()
  readonly #visits = new Map<Promise<unknown>, Visitor & Going & { readonly off: AbortController }>()
  readonly #exclusive = new Exclusive()
  readonly #places: Places
  readonly #schedule: Schedule
  readonly #totals = { collected: 0, removed: 0 }

  constructor(parts: CollectorParts) {
    this.#parts = parts
    const { accounts, settingsNow, world } = parts
    this.#places = new Places(() => settingsNow().pop3Client.connectionsMax)
    this.#schedule = new Schedule({
      accounts,
      settingsNow,
      clock: world.clock,
      isBusy: ({ id, settings }) => this.#running.has(id) || this.#exclusive.isHeld(remoteOf(settings)),
      sessions: () => this.#exclusive.size, // who waits for a mailbox takes no place from others
      going: this.#running,
      visits: () => this.#visits.values(),
      begin: (row, isPatient) =>
        void this.#begin(row, isPatient).done.catch((error: unknown) => world.log.error('collecting', { error })),
      end: (id) => void this.cancel(id),
    })
  }

  run(id: AccountId, options: { readonly onProgress?: (progress: Progress) => void } = {}): Promise<RunReport> {
    const running = this.#running.get(id) ?? this.#begin(this.#row(id), true)
    running.isPatient = running.isAwaited = true
    if (options.onProgress) running.listeners.add(options.onProgress)
    return running.done
  }

  #begin(row: AccountRow, isPatient: boolean): Running {
    const listeners: Running['listeners'] = new Set()
    let toldAt = 0
    const { world } = this.#parts
    const tell = (): void => {
      const now = world.clock.now()
      if (listeners.size === 0 || (now - toldAt < progressMs && now >= toldAt)) return
      toldAt = now
      for (const listener of listeners) listener(run.progress())
    }
    const share: RunParts['share'] = () => {
      const among = Math.max(1, this.#running.size)
      const count = Math.max(underWayMax / among, underWayAloneMax / among ** 2)
      return { count, bytes: underWayBytesMax / among }
    }
    const run = new Run({ ...this.#parts, share }, this.#keepsRemote() === null ? row : keepingAll(row), tell)
    const givenUp = Promise.withResolvers<void>()
    let going: Promise<Finished> | null = null
    const go = (): Promise<Finished> => (going ??= run.go()) // when its turn comes, or without one
    const work = async (): Promise<RunReport> => {
      try {
        const finished = await Promise.race([this.#session(row.settings, go), givenUp.promise.then(go)])
        await this.#after(row.id, finished).catch((error: unknown) => this.#notNoted(row, error))
        for (const listener of listeners) listener(run.progress())
        return finished.report
      } finally {
        this.#running.delete(row.id)
        this.#parts.onBusy?.(this.#running.size)
        this.#schedule.wake()
      }
    }
    // It holds its mailbox from now on, and its session begins when it stands among those that run.
    const giveUp = (): void => void (going ?? givenUp.resolve()) // one that has begun ends by itself
    const since = world.clock.now()
    const begun: Running = { run, done: work(), listeners, since, isPatient, isAwaited: false, giveUp }
    this.#running.set(row.id, begun)
    this.#parts.onBusy?.(this.#running.size)
    return begun
  }

  async #after(id: AccountId, { report, state, loginDelaySeconds, expireDays }: Finished): Promise<void> {
    this.#totals.collected += report.fetched
    this.#totals.removed += report.removed
    const { accounts, settingsNow, store, world } = this.#parts
    const row = accounts.byId(id)
    if (!row) return // removed meanwhile
    const settings = settingsNow().pop3Client
    const now = world.clock.now()
    const { stop, begun, identities, unproven } = state
    const outcome = { report, stop, begun, loginDelaySeconds, expireDays, identities, unproven }
    const [byte = 0] = world.random.bytes(1)
    const status = statusAfter(row.status, row.settings, outcome, { now, settings, chance: byte / 256 })
    await this.#alert({ ...row, status })
    await store.collected.addRun(
      id,
      { at: report.at, report: JSON.stringify(report) },
      now - settings.keepRunsDays * dayMs,
    )
    if (stop) world.log.warn('collect', { account: row.settings.name, problem: stop.words })
  }

  /** A disk that fails keeps no history: who asked for the run hears of it all the same. PC-23 */
  #notNoted({ settings }: AccountRow, error: unknown): void {
    this.#parts.world.log.error('collecting', { account: settings.name, error })
  }

  /** Also when the mail cannot be written, the status is. */
  async #alert(row: AccountRow): Promise<void> {
    const { accounts, settingsNow, world } = this.#parts
    let status: AccountStatus = row.status
    const now = world.clock.now()
    try {
      if (isAlertDue(status, settingsNow().pop3Client, now) && (await alertOwner(this.#parts, row)))
        status = { ...status, alertedAt: now }
    } catch (error) {
      world.log.error('collect.alert', { account: row.settings.name, error })
    }
    await accounts.setStatus(row.id, status)
  }

  cancel(id: AccountId): boolean {
    const running = this.#running.get(id)
    running?.run.cancel()
    running?.giveUp()
    return running !== undefined
  }

  async end(id: AccountId): Promise<boolean> {
    const done = this.#running.get(id)?.done
    this.cancel(id)
    await done?.catch(() => undefined) // whoever began it hears of what went wrong
    return done !== undefined
  }

  interrupt(id: AccountId): boolean {
    const visits = [...this.#visits.values()].filter((one) => one.id === id)
    for (const { off } of visits) off.abort()
    return this.cancel(id) || visits.length > 0
  }

  progress = (): Progress[] => Array.from(this.#running.values(), ({ run }) => run.progress())
  totals = (): { collected: number; removed: number } => ({ ...this.#totals })
  test: Collector['test'] = (settings) => this.#alone({ id: null, settings }, () => testAccount(this.#parts, settings))
  browse: Collector['browse'] = (id, page) => this.#visit(id, (parts, row) => browse(parts, row, page))
  act: Collector['act'] = (id, uids, action) => {
    const why = this.#keepsRemote()
    if (why !== null && deletes.has(action)) return Promise.reject(new CollectError(why))
    return this.#visit(id, (parts, row) => act(parts, row, { uids, action }))
  }
  markAll: Collector['markAll'] = (id) => this.#visit(id, markAll)
  adopt: Collector['adopt'] = (id, how) => this.#visit(id, how === 'none' ? forgetAll : adopt)

  #visit<T>(id: AccountId, work: (parts: HandParts, row: AccountRow) => Promise<T>): Promise<T> {
    const row = this.#row(id)
    return this.#alone(row, (signal) => work({ ...this.#parts, signal }, row))
  }

  #alone<T>({ id, settings }: Visitor, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const remote = remoteOf(settings)
    if (this.#exclusive.isHeld(remote)) {
      const { name, mailbox } = this.#holder(remote) ?? settings
      const words = `${name} is at work: wait, or end that with collect cancel ${name}`
      const isTheirs = mailbox !== settings.mailbox // whose account it is, is nobody else's business
      return Promise.reject(new CollectError(isTheirs ? 'Another account of that mailbox is at work: wait' : words))
    }
    const off = new AbortController()
    const visit = this.#session(settings, () => work(off.signal)).finally(() => {
      this.#visits.delete(visit)
      this.#schedule.wake()
    })
    const since = this.#parts.world.clock.now()
    this.#visits.set(visit, { id, settings, off, since, isPatient: true, isAwaited: true })
    return visit
  }

  /** Which account is in that mailbox, or waits to be. */
  #holder(remote: string): RemoteAccount | undefined {
    const running = [...this.#running.values()].map(({ run }) => run.settings)
    const all = [...running, ...Array.from(this.#visits.values(), ({ settings }) => settings)]
    return all.find((settings) => remoteOf(settings) === remote)
  }

  #session<T>(settings: AccountRow['settings'], work: () => Promise<T>): Promise<T> {
    return this.#exclusive.run(remoteOf(settings), () => this.#places.use(work))
  }

  #keepsRemote = (): string | null => this.#parts.keepsRemote?.() ?? null

  #row(id: AccountId): AccountRow {
    const row = this.#parts.accounts.byId(id)
    if (!row) throw new CollectError('There is no such remote account')
    return row
  }

  wake(): void {
    this.#schedule.wake()
  }

  start(): void {
    this.#schedule.start()
  }

  async drain(ms: number): Promise<void> {
    this.#schedule.stop()
    const all = [...this.#running.values()]
    for (const { run } of all) run.cancel() // within a moment each is over: what it has kept is kept
    const late = this.#parts.world.clock.sleep(ms)
    await Promise.race([Promise.allSettled([...all.map(({ done }) => done), ...this.#visits.keys()]), late])
  }
}
