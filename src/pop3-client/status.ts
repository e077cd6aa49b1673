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
  const { report, stop, begun, expireDays, identities } = outcome
  const { now } = timing
  // What a session said that broke off later counts too; without any, what is known.
  const delay = stop === null ? outcome.loginDelaySeconds : outcome.loginDelaySeconds || before.loginDelaySeconds
  const { at: lastRunAt, words, reason } = report
  const common = { ...before, begun, lastRunAt, words, reason, loginDelaySeconds: delay }
  const seen = stop === null || report.listed > 0
  const facts = seen ? { left: report.left, leftBytes: report.leftBytes, expireDays, identities } : {}
  if (stop !== null) {
    const troubledAt = before.troubledAt ?? now
    return {
      ...common,
      ...facts,
      troubledAt,
      ...afterStop({ ...before, loginDelaySeconds: delay }, account, stop, timing),
    }
  }
  const nextRunAt = now + wait(account.intervalMs, delay, timing)
  const well = { is: 'idle', failures: 0, loginFailures: 0, troubledAt: null, alertedAt: null } as const
  return { ...common, ...facts, ...well, lastGoodAt: now, nextRunAt }
}

type Change = Partial<AccountStatus> & Pick<AccountStatus, 'is' | 'nextRunAt'>

function afterStop(
  before: AccountStatus,
  { intervalMs }: Pick<RemoteAccount, 'intervalMs'>,
  stop: Stop,
  timing: Timing,
): Change {
  const later = (ms: number): number => timing.now + wait(ms, before.loginDelaySeconds, timing)
  const failures = before.failures + 1
  const refused = stop.trouble === 'refused'
  const loginFailures = before.loginFailures + Number(refused)
  const isNews = before.is !== 'stopped' && before.loginFailures < loginTriesMax
  const stopped = { is: 'stopped', failures, loginFailures, ...(isNews && { alertedAt: null }) } as const
  switch (stop.trouble) {
    case 'busy':
    case 'temporary':
    case 'too-soon': // later, quietly
      return { is: 'busy', nextRunAt: later(Math.min(intervalMs, busyAgainMs)) }
    case 'stopped':
      return { is: 'idle', nextRunAt: later(intervalMs) }
    case 'refused':
      if (loginFailures < loginTriesMax) break
      return { ...stopped, nextRunAt: timing.now + slowProbeMs }
    case 'auth':
    case 'permanent':
    case 'sign-in':
    case 'forbidden':
    case 'ourselves':
      return { ...stopped, nextRunAt: Number.MAX_SAFE_INTEGER }
    case null:
      if (stop.reason === 'mailbox' || stop.reason === 'store') break
      return { ...stopped, nextRunAt: Number.MAX_SAFE_INTEGER }
  }
  const doubled = intervalMs * 2 ** Math.min(failures - 1, 20)
  const longest = Math.max(timing.settings.backoffMaxMs, intervalMs)
  return { is: 'failing', failures, loginFailures, nextRunAt: later(Math.min(doubled, longest)) }
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
