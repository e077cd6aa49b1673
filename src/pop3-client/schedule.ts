// When which account is collected: each at its own time, so many at once as the settings say. Used by collector.ts, which
// runs them. Sleeps until the next one is due, and no longer than a minute.
import type { SettingsNow } from '#/config/settings.ts'
import type { Clock, Instant } from '#/world/world.ts'
import type { RemoteAccounts } from './accounts.ts'
import { lookAgainMs } from './limits.ts'
import { runsByItself } from './status.ts'
import type { AccountRow } from './types.ts'

export type ScheduleParts = {
  readonly accounts: Pick<RemoteAccounts, 'all'>
  readonly settingsNow: SettingsNow
  readonly clock: Clock
  readonly isBusy: (row: AccountRow) => boolean
  readonly running: () => number
  /** Must count among `running` when it returns. */
  readonly begin: (row: AccountRow) => void
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

  wake(): void {
    this.#nap?.abort()
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      this.#beginDue()
      this.#nap = new AbortController()
      await this.#parts.clock.sleep(this.#untilNext(), this.#nap.signal).catch(() => undefined)
    }
  }

  /** Who waits longest comes first. */
  #beginDue(): void {
    const { settingsNow, clock, running, begin } = this.#parts
    const { connectionsMax } = settingsNow().pop3Client
    const now = clock.now()
    const due = this.#candidates().filter((row) => isDue(row, now))
    for (const row of due.toSorted((a, b) => a.status.nextRunAt - b.status.nextRunAt))
      if (running() < connectionsMax && !this.#parts.isBusy(row)) begin(row)
  }

  #candidates(): AccountRow[] {
    const { accounts, settingsNow } = this.#parts
    if (!settingsNow().pop3Client.enabled) return []
    return accounts.all().filter(({ settings, status }) => !settings.paused && runsByItself(status))
  }

  #untilNext(): number {
    const now = this.#parts.clock.now()
    const times = this.#candidates().map(({ status }) => status.nextRunAt - now)
    const next = Math.min(lookAgainMs, ...times.filter((ms) => ms > 0))
    return Math.max(next, 10)
  }
}

/** A clock that was set back must not keep an account waiting for as long as it was ahead. PC-05 */
const isDue = ({ status: { nextRunAt, lastRunAt } }: AccountRow, now: Instant): boolean =>
  nextRunAt <= now || (lastRunAt ?? 0) > now
