// When which account is collected: each at its own time, so many at once as the settings say, and slow ones never in all
// places. Used by collector.ts, which runs them. Sleeps until the next one is due, and no longer than a minute. PC-05
import type { SettingsNow } from '#/config/settings.ts'
import type { AccountId } from '#/storage/collected.ts'
import type { Clock, Instant } from '#/world/world.ts'
import type { RemoteAccounts } from './accounts.ts'
import { lookAgainMs, slowRunMs, slowShare } from './limits.ts'
import { runsByItself } from './status.ts'
import type { AccountRow } from './types.ts'

export type Going = {
  since: Instant
  /** It may take its time: it has one of the places for slow ones. */
  isPatient: boolean
  /** Somebody has asked for it, and waits. */
  isAwaited: boolean
}
export type ScheduleParts = {
  readonly accounts: Pick<RemoteAccounts, 'all'>
  readonly settingsNow: SettingsNow
  readonly clock: Clock
  /** Somebody is in its mailbox, or waits to be. */
  readonly isBusy: (row: AccountRow) => boolean
  /** Sessions that there are, or that wait for nothing but a place. */
  readonly sessions: () => number
  readonly going: ReadonlyMap<AccountId, Going>
  /** Sessions by hand that are no runs: nobody knows how long they take, and nobody ends them. */
  readonly visits: () => Iterable<Going>
  /** It is busy, and counts among `sessions` and `going`, when this returns. */
  readonly begin: (row: AccountRow, isPatient: boolean) => void
  /** Ends a run that goes on at its next time. */
  readonly end: (id: AccountId) => void
}

export class Schedule {
  readonly #parts: ScheduleParts
  #nap: AbortController | null = null
  #stopped = false

  constructor(parts: ScheduleParts) {
    this.#parts = parts
  }

  start(): void {
    void this.#loop()
  }

  stop(): void {
    this.#stopped = true
    this.wake()
  }

  /** A run is over, or accounts have changed. */
  wake(): void {
    this.#nap?.abort()
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      const rows = this.#candidates()
      this.#beginDue(rows)
      this.#nap = new AbortController()
      await this.#parts.clock.sleep(this.#untilNext(rows), this.#nap.signal).catch(() => undefined)
    }
  }

  /** Who waits longest comes first. */
  #beginDue(rows: readonly AccountRow[]): void {
    const { settingsNow, clock, sessions, isBusy, begin } = this.#parts
    const { connectionsMax } = settingsNow().pop3Client
    const now = clock.now()
    const due = rows.filter((row) => isDue(row, now))
    for (const row of due.toSorted((a, b) => a.status.nextRunAt - b.status.nextRunAt)) {
      if (isBusy(row)) continue // perhaps with another account of the same mailbox, begun just now
      if (sessions() >= connectionsMax) return this.#makeRoom(connectionsMax)
      const { isSlow } = row.status // so it is known after a restart, too
      if (!isSlow || this.#patient() < slowMax(connectionsMax)) begin(row, isSlow)
    }
  }

  /** Somebody is due and finds no place: who has one for a quick run and takes long gets one for slow ones, or ends. */
  #makeRoom(connectionsMax: number): void {
    const { going, end } = this.#parts
    const isLong = (run: Going): boolean => this.#hasLastedMs(run) > slowRunMs
    // Who is awaited has a place even where slow ones have theirs: then one of them gives way.
    const tooMany = this.#all().filter((run) => run.isPatient && isLong(run)).length - slowMax(connectionsMax)
    const long = [...going].filter(([, run]) => isLong(run))
    const [patient, others] = [long.filter(([, run]) => run.isPatient), long.filter(([, run]) => !run.isPatient)]
    for (const [id] of patient.filter(([, run]) => !run.isAwaited).slice(0, Math.max(0, tooMany))) end(id)
    for (const [id, run] of others)
      if (this.#patient() < slowMax(connectionsMax)) run.isPatient = true
      else end(id)
  }

  /** As far as it is known: a clock that is set back while it runs makes it begin anew. */
  #hasLastedMs(run: Going): number {
    const now = this.#parts.clock.now()
    run.since = Math.min(run.since, now)
    return now - run.since
  }

  #all(): Going[] {
    return [...this.#parts.going.values(), ...this.#parts.visits()]
  }

  #patient(): number {
    return this.#all().filter(({ isPatient }) => isPatient).length
  }

  #candidates(): AccountRow[] {
    const { accounts, settingsNow } = this.#parts
    if (!settingsNow().pop3Client.enabled) return []
    return accounts.all().filter(({ settings, status }) => !settings.paused && runsByItself(status))
  }

  #untilNext(rows: readonly AccountRow[]): number {
    const now = this.#parts.clock.now()
    const times = [...rows.map(({ status }) => status.nextRunAt - now), ...this.#untilRoom()]
    const next = Math.min(lookAgainMs, ...times.filter((ms) => ms > 0))
    return Math.max(next, 10)
  }

  /** Where all places are taken: until a run has lasted long enough for #makeRoom. */
  #untilRoom(): number[] {
    const { settingsNow, sessions } = this.#parts
    if (sessions() < settingsNow().pop3Client.connectionsMax) return []
    return this.#all().map((run) => slowRunMs + 1 - this.#hasLastedMs(run))
  }
}

const slowMax = (connectionsMax: number): number => Math.max(1, Math.floor(connectionsMax * slowShare))

/** A clock that was set back must not keep an account waiting for as long as it was ahead. PC-05 */
const isDue = ({ status: { nextRunAt, lastRunAt } }: AccountRow, now: Instant): boolean =>
  nextRunAt <= now || (lastRunAt ?? 0) > now
