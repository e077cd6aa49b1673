// Looks at the queue now and then: raises an alarm in the log when it is too deep or too old, and forgets deliveries that
// finished long ago. Started by main; doctor says the same. QU-16
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import type { SettingsNow } from '#/config/settings.ts'
import type { Queue, QueueFigures } from '#/storage/queue.ts'
import type { Instant, World } from '#/world/world.ts'

export type WatchParts = {
  readonly queue: Pick<Queue, 'figures' | 'prune'>
  readonly settingsNow: SettingsNow
  readonly world: Pick<World, 'clock' | 'log'>
}

const lookEveryMs = 60_000
const countEveryMs = 5 * 60_000 // it walks over the whole queue
const sayAgainMs = 3_600_000
const dayMs = 86_400_000
const hourMs = 3_600_000

/** Sentences for the operator; none when all is well. */
export function alarmsOf(
  { waiting, deferred, leased, held, oldestAcceptedAt }: QueueFigures,
  { alarmDepth, alarmOldestMs }: Pick<MailRelaySettings, 'alarmDepth' | 'alarmOldestMs'>,
  now: Instant,
): string[] {
  const depth = waiting + leased + held
  const oldestMs = oldestAcceptedAt === null ? 0 : now - oldestAcceptedAt
  const share = waiting === 0 ? 0 : Math.round((100 * deferred) / waiting)
  return [
    ...(alarmDepth > 0 && depth > alarmDepth
      ? [`${depth} deliveries are in the queue, ${share} % of those that wait were tried before: see queue summary.`]
      : []),
    ...(alarmOldestMs > 0 && oldestMs > alarmOldestMs
      ? [`The oldest mail in the queue is ${Math.floor(oldestMs / hourMs)} hours old: see queue list.`]
      : []),
  ]
}

export function watchQueue({ queue, settingsNow, world }: WatchParts): Disposable {
  let countAt: Instant = Number.NEGATIVE_INFINITY
  const look = async (): Promise<void> => {
    const { mailRelay } = settingsNow()
    const now = world.clock.now()
    await queue.prune(now - mailRelay.keepFinishedDays * dayMs)
    if (now < countAt && countAt - now <= sayAgainMs) return // a clock that was set back silences nothing for long
    const figures = await queue.figures()
    const alarms = alarmsOf(figures, mailRelay, now)
    countAt = now + (alarms.length === 0 ? countEveryMs : sayAgainMs)
    if (alarms.length === 0) return
    world.log.warn('queue.alarm', { problem: alarms.join(' '), ...figures })
  }
  return world.clock.every(lookEveryMs, () => {
    look().catch((error: unknown) => world.log.error('queue.watch', { error }))
  })
}
