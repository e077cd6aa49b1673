// When a delivery is tried again, and when it has been tried for long enough. Pure. RFC 5321 §4.5.4.1, QU-05..07
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import type { DeliveryRow } from '#/storage/queue.ts'
import type { Instant } from '#/world/world.ts'
import { askedWaitMostMs } from './wait-told.ts'

export type Patience = Pick<
  MailRelaySettings,
  | 'retryDelaysMs'
  | 'jitterShare'
  | 'lifetimeMs'
  | 'noticeLifetimeMs'
  | 'sendDelayNotices'
  | 'delayNoticeMs'
  | 'delayRepeatMs'
>
type Tried = Pick<DeliveryRow, 'acceptedAt' | 'attempts' | 'memo'>

/** Attempts that even a clock which jumped does not take away. CLK-01 */
const attemptsSure = 6

/** `random` in [0, 1) spreads what failed together. `attempts` counts those that are over. */
export function delayMs(attempts: number, { retryDelaysMs, jitterShare }: Patience, random: number): number {
  const planned = retryDelaysMs[Math.max(0, attempts - 1)] ?? retryDelaysMs.at(-1)!
  return Math.round(planned * (1 + jitterShare * (2 * random - 1)))
}

export function lifetimeMs({ memo }: Pick<Tried, 'memo'>, patience: Patience): number {
  return memo.lifetimeMs ?? (memo.notice ? patience.noticeLifetimeMs : patience.lifetimeMs)
}

/** When the last attempt is due. Time in holds, and before a deliberately late start, does not count. QU-12 */
export function expiresAt(row: Tried, patience: Patience): Instant {
  return endOf(row, lifetimeMs(row, patience))
}

/** When a life of this length is over. */
export const endOf = ({ acceptedAt, memo }: Pick<Tried, 'acceptedAt' | 'memo'>, lifeMs: number): Instant =>
  (memo.laterAt ?? acceptedAt) + (memo.heldMs ?? 0) + lifeMs

/** Old enough and tried often enough: after a week switched off, or a clock set forward, mail is still tried. What a clock that
 *  was ahead has accepted is old enough when it was tried as often as in a lifetime. QU-06, CLK-01 */
export function isExpired(row: Tried, patience: Patience, now: Instant): boolean {
  const planned = attemptsPlanned(row, patience)
  if (row.acceptedAt > now) return row.attempts >= planned
  return now >= expiresAt(row, patience) && row.attempts >= Math.min(attemptsSure, planned)
}

/** So many fit into a lifetime. */
function attemptsPlanned(row: Tried, patience: Patience): number {
  const waits = patience.retryDelaysMs.map((ms) => ms * (1 + patience.jitterShare))
  let left = lifetimeMs(row, patience)
  for (const [i, wait] of waits.entries()) {
    left -= wait
    if (left < 0) return i + 1
  }
  return waits.length + 1 + Math.floor(left / waits.at(-1)!)
}

/** The last attempt falls on the end of the lifetime, not before it and not much behind it. QU-06 */
export function retryAt(row: Tried, patience: Patience, { now, random }: { now: Instant; random: number }): Instant {
  const next = now + delayMs(row.attempts, patience, random)
  const end = expiresAt(row, patience)
  return now < end ? Math.min(next, end) : next
}

/** Twice the longest that any delivery may have to wait for its next attempt. */
export const longestWait = ({ retryDelaysMs, jitterShare }: Patience): number =>
  2 * Math.max(askedWaitMostMs, ...retryDelaysMs) * (1 + jitterShare)
