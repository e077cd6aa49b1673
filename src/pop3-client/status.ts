// What an account is after a run, and when it is collected again. Pure. PC-04, PC-05, PC-39
import type { AccountStatus, RemoteAccount } from '#/config/remote-accounts.ts'
import type { Settings } from '#/config/settings.ts'
import type { Instant } from '#/world/world.ts'
import { busyAgainMs, loginTriesMax, slowProbeMs } from './limits.ts'
import type { RunReport } from './types.ts'
import type { Stop } from './run-state.ts'

export type Outcome = {
  readonly report: RunReport
  readonly stop: Stop | null
  readonly begun: boolean
  readonly loginDelaySeconds: number
  readonly expireDays: number | null
  readonly identities: AccountStatus['identities']
}
export type Timing = {
  readonly now: Instant
  readonly settings: Settings['pop3Client']
  /** From 0 up to 1. */
  readonly chance: number
}

export function statusAfter(
  before: AccountStatus,
  account: Pick<RemoteAccount, 'intervalMs'>,
  outcome: Outcome,
  timing: Timing,
): AccountStatus {
  const { report, stop, begun, loginDelaySeconds, expireDays, identities } = outcome
  const { now } = timing
  const common = { ...before, begun, lastRunAt: report.at, words: report.words, reason: report.reason }
  const seen = stop === null || report.listed > 0
  const facts = seen
    ? { left: report.left, leftBytes: report.leftBytes, loginDelaySeconds, expireDays, identities }
    : {}
  if (stop === null) {
    const nextRunAt = now + wait(account.intervalMs, loginDelaySeconds, timing)
    return {
      ...common,
      ...facts,
      is: 'idle',
      lastGoodAt: now,
      failures: 0,
      loginFailures: 0,
      alertedAt: null,
      nextRunAt,
    }
  }
  return { ...common, ...facts, ...afterStop(before, account, stop, timing) }
}

type Change = Pick<AccountStatus, 'is' | 'failures' | 'loginFailures' | 'nextRunAt'>

function afterStop(
  before: AccountStatus,
  { intervalMs }: Pick<RemoteAccount, 'intervalMs'>,
  stop: Stop,
  timing: Timing,
): Change {
  const { now } = timing
  const [failures, loginFailures] = [before.failures + 1, before.loginFailures]
  switch (stop.trouble) {
    case 'busy':
    case 'temporary':
    case 'too-soon': // later, quietly
      return {
        is: 'busy',
        failures: before.failures,
        loginFailures,
        nextRunAt: now + wait(Math.min(intervalMs, busyAgainMs), before.loginDelaySeconds, timing),
      }
    case 'stopped':
      return {
        is: 'idle',
        failures: before.failures,
        loginFailures,
        nextRunAt: now + wait(intervalMs, before.loginDelaySeconds, timing),
      }
    case 'refused':
      if (loginFailures + 1 < loginTriesMax) break
      return { is: 'stopped', failures, loginFailures: loginFailures + 1, nextRunAt: now + slowProbeMs }
    case 'auth':
    case 'permanent':
    case 'sign-in':
    case 'forbidden':
    case 'ourselves':
      return { is: 'stopped', failures, loginFailures: loginFailures + 1, nextRunAt: Number.MAX_SAFE_INTEGER }
    case null:
      if (stop.reason === 'mailbox' || stop.reason === 'store') break
      return { is: 'stopped', failures, loginFailures, nextRunAt: Number.MAX_SAFE_INTEGER }
  }
  const longer = Math.min(
    intervalMs * 2 ** Math.min(failures - 1, 20),
    Math.max(timing.settings.backoffMaxMs, intervalMs),
  )
  return {
    is: 'failing',
    failures,
    loginFailures: stop.trouble === 'refused' ? loginFailures + 1 : loginFailures,
    nextRunAt: now + wait(longer, before.loginDelaySeconds, timing),
  }
}

/** Not all at once, and never sooner than the server allows. */
function wait(ms: number, loginDelaySeconds: number, { settings, chance }: Timing): number {
  const jittered = ms * (1 + settings.jitterShare * (2 * chance - 1))
  return Math.round(Math.max(jittered, loginDelaySeconds * 1000))
}

/** Whether it is collected at its next time by itself. A stopped account is only where logins were refused without a reason:
 *  slowly, in case the server was wrong. */
export const runsByItself = ({ is, nextRunAt }: AccountStatus): boolean =>
  is !== 'stopped' || nextRunAt < Number.MAX_SAFE_INTEGER
