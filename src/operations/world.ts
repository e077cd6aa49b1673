// Settings, and a whole world in one file.
import type { Context } from './context.ts'
import { addAccess, addAddress, addDomain, addMailbox, setMailbox } from './accounts.ts'
import { OperationError } from './errors.ts'
import { describeSettings } from './settings.ts'
import { readWorld, writeWorld } from './world-file.ts'

export const showSettings = ({ settings }: Context): Promise<unknown> =>
  Promise.resolve(describeSettings(settings.now()))
export const settingsHistory = ({ store }: Context): Promise<unknown> => store.settingsHistory()

export async function setSetting(
  { settings, world }: Context,
  request: { name: string; value?: unknown },
): Promise<unknown> {
  const lines = describeSettings(settings.now())
  if (!lines.some(({ name }) => name === request.name))
    throw new OperationError(`There is no setting ${request.name}; settings show lists all of them`)
  await settings.change(new Map([[request.name, request.value]]), { who: 'command line', at: world.clock.now() })
  return describeSettings(settings.now()).find(({ name }) => name === request.name)
}

/** Adds what is missing and changes what is there; removes nothing. May be repeated. */
export async function importWorld(context: Context, request: { text: string }): Promise<unknown> {
  const file = readWorld(request.text)
  const changes = new Map(
    Object.entries(file.settings).flatMap(([section, values]) =>
      Object.entries(values).map(([key, value]): [string, unknown] => [`${section}.${key}`, value]),
    ),
  )
  if (changes.size > 0) await context.settings.change(changes, { who: 'import', at: context.world.clock.now() })
  const known = new Set(context.directory.all().mailboxes.map(({ name }) => name))
  for (const mailbox of file.mailbox)
    await (known.has(mailbox.name.toLowerCase()) ? setMailbox(context, mailbox) : addMailbox(context, mailbox))
  for (const domain of file.domain) await addDomain(context, domain)
  for (const address of file.address) await addAddress(context, { ...address, expiresAt: null })
  const listed = new Set(context.directory.all().access.map(({ pattern }) => pattern))
  for (const access of file.access)
    if (!listed.has(access.pattern)) await addAccess(context, { ...access, expiresAt: null, everyone: false })
  const { mailbox, domain, address, access } = file
  return {
    settings: changes.size,
    mailboxes: mailbox.length,
    domains: domain.length,
    addresses: address.length,
    access: access.length,
  }
}

export const exportWorld = ({ directory, settings }: Context): Promise<unknown> =>
  Promise.resolve({ text: writeWorld(directory.all(), settings.changed()) })
