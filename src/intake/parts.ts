// What intake is made of: handed in once by main, passed along inside this room.
import type { Directory } from '#/accounts/types.ts'
import type { SettingsNow } from '#/config/settings.ts'
import type { Resolver } from '#/dns/resolver.ts'
import type { MailboxId, Store } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import type { Outbound } from './types.ts'

export type IntakeParts = {
  readonly store: Store
  readonly directory: Directory
  readonly resolver: Resolver
  readonly settingsNow: SettingsNow
  readonly world: World
  /** Absent where no relay runs: mail for others waits. */
  readonly outbound?: Outbound
  /** What a message carries that was collected into this mailbox, so that it is known when it comes back. LP-06 */
  readonly collectMark?: (mailbox: MailboxId) => string
  /** The name in Received fields, and our authserv-id. */
  readonly hostname: string
}

/** How an exception is told to the log. */
export const errorText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)
