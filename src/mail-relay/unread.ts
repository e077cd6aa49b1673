// Who must hear that their mail waits, though it is not even read: while too much waits in memory, for one next hop or for all,
// the rest is left in the store. Called by the engine, at most once in a refresh. DL-01, QU-08
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import type { DeliveryRow, Queue } from '#/storage/queue.ts'
import type { Clock, Instant } from '#/world/world.ts'
import { delayNoticeAt } from './delays.ts'
import { toldAtOnce, untoldAtOnce } from './limits.ts'
import type { Patience } from './retry.ts'

export type UnreadParts = {
  readonly queue: Pick<Queue, 'untold'>
  readonly clock: Pick<Clock, 'now'>
  readonly settingsNow: () => MailRelaySettings
  /** Not in memory, where it is told of by itself. */
  readonly isFree: (row: DeliveryRow) => boolean
  readonly isOver: () => boolean
  /** Of one message. False when they could not be told of now. */
  readonly tell: (rows: readonly DeliveryRow[], now: Instant) => Promise<boolean>
}

/** Its sender must hear by now that it waits. */
export const isLate = (row: DeliveryRow, patience: Patience, now: Instant): boolean =>
  row.lease === null && (delayNoticeAt(row, patience) ?? Number.POSITIVE_INFINITY) <= now

/** One statement for many, until all are told; ends where none can be told. */
export async function tellUnread({ queue, clock, settingsNow, isFree, isOver, tell }: UnreadParts): Promise<void> {
  for (;;) {
    const settings = settingsNow()
    const { sendDelayNotices, delayNoticeMs: delayMs, delayRepeatMs: repeatMs } = settings
    if (!sendDelayNotices || delayMs === 0 || isOver()) return
    const now = clock.now()
    const found = await queue.untold(now, { delayMs, repeatMs }, untoldAtOnce)
    const late = found.filter((row) => isLate(row, settings, now))
    const messages = [...Map.groupBy(late, ({ message }) => message).values()]
    let count = 0
    for (let at = 0; at < messages.length && !isOver(); at += toldAtOnce) {
      const together = messages.slice(at, at + toldAtOnce).map((rows) => rows.filter(isFree))
      const free = together.filter((rows) => rows.length > 0)
      const told = await Promise.all(free.map((rows) => tell(rows, clock.now())))
      if (told.length > 0 && !told.includes(true)) return
      count += told.length
    }
    if (found.length < untoldAtOnce || count === 0) return
  }
}
