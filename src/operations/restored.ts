// That the data came out of a backup, as every room asks for it: until somebody lets it go, what waited then is held and nothing
// is deleted on other servers. Opened once; `restore release` ends it. MB-08, PC-30
import type { Restored } from '#/storage/restoring.ts'
import type { Store } from '#/storage/store.ts'
import { isoTime } from '#/world/node/clock.ts'

export type RestoredHolder = {
  readonly now: () => Restored | null
  /** Why nothing is deleted on other servers; null when it may be. */
  readonly keepsRemote: () => string | null
  /** Durable when it resolves. */
  forget(): Promise<void>
}

/** @throws StoreError when the store cannot be read. */
export async function openRestored({ restoring }: Pick<Store, 'restoring'>): Promise<RestoredHolder> {
  let restored = await restoring.restored()
  return {
    now: () => restored,
    keepsRemote: () =>
      restored === null ? null : `${origin(restored)}: nothing is deleted on other servers before restore release`,
    async forget() {
      await restoring.forgetRestored()
      restored = null
    },
  }
}

/** For example "This is the backup of 2026-01-31 18:00 UTC". */
const origin = ({ backupAt }: Restored): string =>
  `This is the backup of ${isoTime(backupAt).slice(0, 16).replace('T', ' ')} UTC`

/** Sentences for the operator. */
export function adviceOnRestored(restored: Restored | null): string[] {
  if (restored === null) return []
  const { held } = restored
  const waits = held === 0 ? 'Nothing waited in the queue' : `${held} deliveries that waited then are held`
  return [
    `${origin(restored)}. ${waits}, and nothing is deleted on other servers, until netcruiser restore release lets both go.`,
  ]
}
