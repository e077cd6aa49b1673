// What an account is after a run, and when it is collected again. Pure. PC-04, PC-05, PC-39
import type { AccountStatus, RemoteAccount } from '#/config/remote-accounts.ts'
import type { Settings } from '#/config/settings.ts'
import type { Instant } from '#/world/world.ts'
import type { RemoteTrouble } from './box.ts'
import { busyAgainMs, loginTriesMax, restAgainMs, slowProbeMs, slowRunMs } from './limits.ts'
import type { RunReport } from './types.ts'
import type { Stop } from './run-state.ts'

export type Outcome = {
  readonly report: RunReport
  readonly stop: Stop | null
  readonly begun: boolean
  readonly loginDelaySeconds: number
  readonly expireDays: number | null
  readonly identities: AccountStatus['identities']
  readonly unproven: boolean
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
  const { report, stop, begun, expireDays, identities, unproven } = outcome
  const { now } = timing
  // What a session said that broke off later counts too; without any, what is known.
  const delay = stop === null ? outcome.loginDelaySeconds : outcome.loginDelaySeconds || before.loginDelaySeconds
  const { words, reason } = report
  const lastRunAt = Math.min(report.at, now) // a clock that was set back meanwhile makes nothing due. P3C-14
  const isSlow = report.tookMs > slowRunMs
  const common = { ...before, begun, unproven, lastRunAt, words, reason, isSlow, loginDelaySeconds: delay }
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
  const pause = report.skipped.notYet > 0 ? Math.min(restAgainMs, account.intervalMs) : account.intervalMs // PC-22
  const nextRunAt = now + wait(pause, delay, timing)
  const well = { is: 'idle', failures: 0, loginFailures: 0, troubledAt: null, alertedAt: null } as const
  return { ...common, ...facts, ...well, lastGoodAt: now, nextRunAt }
}

type Change = Partial<AccountStatus> & Pick<AccountStatus, 'is' | 'nextRunAt'>

/** What a trouble means. later: quietly. act: nothing helps but that somebody acts. again: ever more rarely. ours: it passes
 *  here, and the server there is no reason to wait. */
type Meaning = 'later' | 'act' | 'again' | 'login' | 'ended' | 'ours'
const meanings: Readonly<Record<RemoteTrouble['is'], Meaning>> = {
  busy: 'later',
  temporary: 'later',
  'too-soon': 'later',
  auth: 'act',
  permanent: 'act',
  'sign-in': 'act',
  forbidden: 'act',
  ourselves: 'act',
  refused: 'login',
  stopped: 'ended',
  unreachable: 'again',
  tls: 'again',
  lost: 'again',
  timeout: 'again',
  garbage: 'again',
}

const meaningOf = ({ trouble, reason }: Stop): Meaning => {
  if (trouble !== null) return meanings[trouble]
  return reason === 'mailbox' || reason === 'store' ? 'ours' : 'act'
}

function afterStop(
  before: AccountStatus,
  { intervalMs }: Pick<RemoteAccount, 'intervalMs'>,
  stop: Stop,
  timing: Timing,
): Change {
  const meaning = meaningOf(stop)
  const after = (ms: number): number => timing.now + wait(ms, before.loginDelaySeconds, timing)
  if (meaning === 'later') return { is: 'busy', nextRunAt: after(Math.min(intervalMs, busyAgainMs)) }
  if (meaning === 'ended') return { is: 'idle', nextRunAt: after(intervalMs) }
  const failures = before.failures + 1
  const loginFailures = before.loginFailures + (meaning === 'login' ? 1 : 0)
  const isNews = before.is !== 'stopped' && before.loginFailures < loginTriesMax
  const stopped = { is: 'stopped', failures, loginFailures, ...(isNews && { alertedAt: null }) } as const
  if (meaning === 'act') return { ...stopped, nextRunAt: Number.MAX_SAFE_INTEGER }
  if (meaning === 'login' && loginFailures >= loginTriesMax) return { ...stopped, nextRunAt: timing.now + slowProbeMs }
  if (meaning === 'ours') return { is: 'failing', failures, loginFailures, nextRunAt: after(intervalMs) }
  const doubled = intervalMs * 2 ** Math.min(failures - 1, 20)
  const longest = Math.max(timing.settings.backoffMaxMs, intervalMs)
  return { is: 'failing', failures, loginFailures, nextRunAt: after(Math.min(doubled, longest)) }
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
