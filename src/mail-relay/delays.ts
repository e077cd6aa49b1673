// When a sender is told that mail still waits. Pure. DL-01..03
import type { DeliveryRow } from '#/storage/queue.ts'
import type { Instant } from '#/world/world.ts'
import { lifetimeMs, type Patience } from './retry.ts'

/** Null: never (again). */
export function delayNoticeAt(row: DeliveryRow, patience: Patience): Instant | null {
  const { sendDelayNotices, delayNoticeMs, delayRepeatMs } = patience
  if (!sendDelayNotices || delayNoticeMs === 0 || !wantsDelayNotice(row)) return null
  if (delayNoticeMs >= lifetimeMs(row, patience)) return null // the failure notice comes first
  const told = row.memo.delayNoticeAt
  if (told !== undefined) return delayRepeatMs === 0 ? null : told + delayRepeatMs
  return row.acceptedAt + (row.memo.heldMs ?? 0) + delayNoticeMs
}

/** Nobody is told of a notice, of what waits on purpose, or of what asked not to be told. DL-02, RFC 3461 §4.1 */
export function wantsDelayNotice({ from, memo, rcpt, priority }: DeliveryRow): boolean {
  if (from === null || memo.notice || memo.hold || memo.laterAt !== undefined || memo.owner !== undefined) return false
  if (rcpt.notify === null) return priority === 0 // bulk mail hears of failures only
  return rcpt.notify !== 'NEVER' && rcpt.notify.includes('DELAY')
}
