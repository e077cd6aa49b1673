// What follows for mail that waits when somebody changes where mail goes, or when senders hear of a delay: it does not wait for
// its next attempt to notice. Called by the gate, on a stopped server too. RO-27, RO-34, DL-03
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import type { Context } from './context.ts'

/** Acts after which mail that waits may find another way. RO-34 */
const changesWays = /^(?:settings|route|alternate|domain|address)\.(?!list|show|export|history|explain)/
/** Those of them that may mend what the relay holds mail for, whatever else they change. */
const mends = /^(?:route|alternate)\./

/** `before`: the settings of the relay as they were. @throws StoreError */
export async function followWays(context: Context, act: string, before: MailRelaySettings): Promise<void> {
  if (!changesWays.test(act)) return
  const { store, settings, world, outgoing } = context
  const { mailRelay } = settings.now()
  const now = world.clock.now()
  const isChanged = mailRelay !== before && JSON.stringify(mailRelay) !== JSON.stringify(before)
  if (isChanged || mends.test(act)) await store.queue.retryHeld(now)
  const { sendDelayNotices, delayNoticeMs: delayMs, delayRepeatMs: repeatMs } = mailRelay
  const isSooner = delaysOf(mailRelay) !== delaysOf(before) && sendDelayNotices && delayMs > 0
  if (isSooner) await store.queue.tellSooner(now, { delayMs, repeatMs })
  outgoing?.wake({ fresh: true })
}

const delaysOf = ({ sendDelayNotices, delayNoticeMs, delayRepeatMs }: MailRelaySettings): string =>
  [sendDelayNotices, delayNoticeMs, delayRepeatMs].join(' ')
