// A mail of this program to the postmaster's mailbox, at most one of a subject a day: its key is made of both, so that a restart
// finds it in the trace and sends none twice.
import { createHash } from 'node:crypto'
import { prepareOwn } from '#/intake/own.ts'
import { ownerOf } from '#/mail-relay/server.ts'
import { composeText } from '#/message/compose.ts'
import { messageKey } from '#/message/key.ts'
import type { Context } from './context.ts'
import { addressOf } from './send.ts'

const dayMs = 86_400_000

/** False: it was told today, or there is nobody to tell. */
export async function tellPostmaster(
  context: Context,
  { subject, text, by }: { subject: string; text: string; by: string },
): Promise<boolean> {
  const { store, settings, directory, resolver, world, hostname } = context
  const at = world.clock.now()
  const key = messageKey(at - (at % dayMs), createHash('sha256').update(subject).digest())
  const mailbox = ownerOf({ directory, settingsNow: settings.now }, null)
  if (mailbox === null || (await store.trace({ ref: key, limit: 1 })).length > 0) return false
  const address = addressOf(context, 'postmaster')
  const composed = composeText({
    from: { name: 'NetCruiser Mail', address },
    to: [{ name: null, address }],
    cc: [],
    subject,
    text,
    attachments: [],
    at,
    messageId: `<${key}@${hostname}>`,
  })
  if (!composed.ok) throw new Error(composed.problem)
  const intake = { store, directory, resolver, settingsNow: settings.now, world, hostname }
  const mail = { key, from: null, to: [], mailboxes: [mailbox], octets: composed.value, by, step: 'alert' }
  const { acceptance } = await prepareOwn(intake, mail)
  if (acceptance === null) return false
  await store.accept(acceptance)
  return true
}
