// Deleted messages whose time of grace is over go for good. Called by main, now and then.
import type { SettingsNow } from '#/config/settings.ts'
import type { EntryKey } from '#/storage/entries.ts'
import type { Store, TraceEvent } from '#/storage/store.ts'
import type { Clock } from '#/world/world.ts'

const dayMs = 86_400_000
const atOnce = 500

export type PurgeParts = {
  readonly store: Pick<Store, 'entries'>
  readonly settingsNow: SettingsNow
  readonly clock: Clock
}

/** Resolves with how many. @throws StoreError */
export async function purgeExpired({ store: { entries }, settingsNow, clock }: PurgeParts): Promise<number> {
  const now = clock.now()
  const before = now - settingsNow().mailboxes.messageGraceDays * dayMs
  let purged = 0
  for (;;) {
    const found = await entries.deletedBefore(before, atOnce)
    for (const [mailbox, keys] of Map.groupBy(found, (one) => one.mailbox))
      await entries.purge(
        mailbox,
        keys.map(({ uid }) => uid),
        keys.map((key) => purgedEvent(key, now)),
      )
    purged += found.length
    if (found.length < atOnce) return purged
  }
}

const nobody = { client: null, from: null, to: [], subject: null, messageId: null }

const purgedEvent = ({ message, mailbox }: EntryKey, at: number): TraceEvent => ({
  ...nobody,
  ref: message,
  at,
  step: 'message-purged',
  detail: { mailbox, because: 'its time in Deleted is over' },
})
