// Messages that lie in a mailbox, for tests of what people do with them.
import { prepareOwn } from '#/intake/own.ts'
import type { Operations } from './operations-rig.ts'

/** Into a mailbox that is made when it is not there, octet for octet. Resolves with their keys. */
export async function arrive(
  rig: Operations,
  mailbox: string,
  texts: readonly (string | Uint8Array)[],
): Promise<string[]> {
  const { context } = rig
  const { directory, settings, store } = context
  if (!directory.all().mailboxes.some(({ name }) => name === mailbox)) await rig.run('mailbox.add', { name: mailbox })
  const { id } = directory.all().mailboxes.find(({ name }) => name === mailbox)!
  const keys: string[] = []
  for (const text of texts) {
    const octets = typeof text === 'string' ? Buffer.from(text) : text
    const mail = { from: null, to: [], mailboxes: [id], octets, by: 'test', step: 'sent' }
    const { acceptance } = await prepareOwn({ ...context, settingsNow: settings.now }, mail)
    await store.accept(acceptance!)
    keys.push(acceptance!.key)
  }
  return keys
}
