// What becomes of a delivery that somebody changes by hand: tried at once, held, let go, sent another way, dropped, sent back.
// Pure. Called by operations, which commits it; a delivery that is under way is nobody's to change. QU-11, QU-12
import { cutText } from '#/message/printable.ts'
import { reply, replyText } from '#/message/reply.ts'
import type { DeliveryRow, Fate, Memo, Priority } from '#/storage/queue.ts'
import type { Instant } from '#/world/world.ts'
import type { Told } from './events.ts'
import { endOf } from './retry.ts'
import { ourOutcome } from './walk-words.ts'

/** Due now, however long it would have waited. */
export function triedAtOnce(row: DeliveryRow, now: Instant): Fate {
  const { retryAt: _, laterAt: _later, ...memo } = row.memo
  return { ...row, dueAt: now, memo }
}

export function held(row: DeliveryRow, hold: { by: string; why: string; at: Instant }): Fate {
  const { released: _, ...memo } = countedHold(row.memo, hold.at)
  return { ...row, state: 'held', memo: { ...memo, hold } }
}

/** The time in the hold does not count, and what was to be sent later still is. */
export function released(row: DeliveryRow, now: Instant): Fate {
  const { retryAt: _, ...memo } = countedHold(row.memo, now)
  return { ...row, state: 'waiting', dueAt: Math.max(now, memo.laterAt ?? now), memo: { ...memo, released: true } }
}

/** By this way for one attempt, at once; what is held stays held. */
export function rerouted(row: DeliveryRow, route: string, now: Instant): Fate {
  const fate = triedAtOnce(row, now)
  return { ...fate, memo: { ...fate.memo, onceRoute: route } }
}

/** A shorter life ends when it ends: the last attempt is not left until later. QU-06 */
export function edited(
  row: DeliveryRow,
  changes: { lifetimeMs?: number | undefined; priority?: Priority | undefined },
  now: Instant,
) {
  const { lifetimeMs = row.memo.lifetimeMs, priority = row.priority } = changes
  if (lifetimeMs === undefined) return { ...row, priority } satisfies Fate
  const memo = { ...row.memo, lifetimeMs }
  const end = Math.max(now, endOf(row, lifetimeMs))
  const retryAt = memo.retryAt === undefined ? {} : { retryAt: Math.min(memo.retryAt, end) }
  return { ...row, priority, dueAt: Math.min(row.dueAt, end), memo: { ...memo, ...retryAt } } satisfies Fate
}

/** Nobody is told. */
export const dropped = (row: DeliveryRow): Fate => ({ ...row, state: 'dropped' })

/** Failed, as if it had been refused for good: its sender hears of it as of every failure. */
export function sentBack(row: DeliveryRow, now: Instant): Told {
  const last = row.lastReply === null ? '' : `; the last answer was ${cutText(replyText(row.lastReply), 800)}`
  const said = reply(554, '5.0.0', `Sent back by the administrator of this server${last.replace(/\r\n/g, ' ')}`)
  const fate: Fate = { ...row, state: 'failed', dueAt: now, lastReply: said }
  return {
    row,
    outcome: { ...ourOutcome({ is: 'mx' }, said), kind: 'other' },
    settled: { is: 'failed', expired: false, fate },
  }
}

function countedHold({ hold, ...memo }: Memo, now: Instant): Memo {
  const heldMs = (memo.heldMs ?? 0) + (hold ? Math.max(0, now - hold.at) : 0)
  return heldMs > 0 ? { ...memo, heldMs } : memo
}
