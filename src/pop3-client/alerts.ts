// A mail into the account's own mailbox when only somebody can help, or when nothing has come for long. One for each time of
// trouble. Called by collector.ts after a run. PC-03, PC-04, PC-39
import type { OwnMail, Prepared } from '#/intake/own.ts'
import { parseAddress } from '#/message/address.ts'
import { composeText } from '#/message/compose.ts'
import { messageKey } from '#/message/key.ts'
import type { Settings } from '#/config/settings.ts'
import type { AccountStatus } from '#/config/remote-accounts.ts'
import type { Store } from '#/storage/store.ts'
import type { Instant, World } from '#/world/world.ts'
import type { AccountRow } from './types.ts'

export type AlertParts = {
  readonly store: Pick<Store, 'accept'>
  readonly world: Pick<World, 'clock' | 'random'>
  readonly prepare: (mail: OwnMail) => Promise<Prepared>
  readonly hostname: string
}

/** Whether somebody must hear of it now. Who has not decided yet what the first run takes knows that already. */
export function isAlertDue(status: AccountStatus, settings: Settings['pop3Client'], now: Instant): boolean {
  const { is, reason, alertedAt, failures, lastGoodAt, troubledAt } = status
  if (reason === 'none' || reason === 'first-run' || alertedAt !== null) return false
  const since = lastGoodAt ?? troubledAt ?? now
  return is === 'stopped' || failures >= settings.alertAfterFailures || now - since >= settings.alertAfterMs
}

/** Resolves when the mail is durable; false when nobody could get it. @throws StoreError */
export async function alertOwner(parts: AlertParts, { settings, status }: AccountRow): Promise<boolean> {
  const { store, world, prepare, hostname } = parts
  const at = world.clock.now()
  const address = parseAddress(`MAILER-DAEMON@${hostname}`)
  if (!address.ok) return false
  const stopped = status.is === 'stopped'
  const composed = composeText({
    from: { name: 'POP3 Client', address: address.value },
    to: [{ name: null, address: address.value }],
    cc: [],
    subject: stopped
      ? `Mail of ${settings.name} is not collected any more`
      : `Mail of ${settings.name} could not be collected`,
    text: `${status.words}.\n\nThe account ${settings.name} (${settings.auth.user} at ${settings.host}) ${stopped ? adviceStopped : adviceFailing}\n`,
    attachments: [],
    at,
    messageId: `<${messageKey(at, world.random.bytes(10))}@${hostname}>`,
  })
  if (!composed.ok) return false
  const { acceptance } = await prepare({
    from: null,
    to: [],
    mailboxes: [settings.mailbox],
    octets: composed.value,
    by: 'the POP3 Client',
    step: 'alert',
  })
  if (acceptance === null) return false
  await store.accept(acceptance)
  return true
}

const adviceStopped = `waits until somebody has acted.
Nothing is lost: what is not collected stays on its server. netcruiser collect status tells more (see FAQ: account-stopped).`
const adviceFailing = `is tried again by itself.
Nothing is lost: what is not collected stays on its server. netcruiser collect log tells what was tried.`
