// Settings, and a whole world in one file.
import { checkEntry } from '#/intake/access.ts'
import type { AppPasswordRow, MailboxId, SettingChange } from '#/storage/store.ts'
import { exportAlternate } from './alternates.ts'
import { exportAccount } from './collect-request.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { relaySelfTest } from './self-test.ts'
import { describeSettings } from './settings.ts'
import { writeWorld, type AppPasswords } from './world-file.ts'

export const showSettings = ({ settings }: Context): Promise<unknown> =>
  Promise.resolve(describeSettings(settings.now()))

/** Newest first. */
export const settingsHistory = ({ store }: Context): Promise<readonly SettingChange[]> => store.settingsHistory()

export async function setSetting(context: Context, request: { name: string; value?: unknown }): Promise<unknown> {
  const { settings, world } = context
  const lines = describeSettings(settings.now())
  if (!lines.some(({ name }) => name === request.name))
    throw new OperationError(`There is no setting ${request.name}; settings show lists all of them`)
  await settings.change(new Map([[request.name, request.value]]), { who: 'command line', at: world.clock.now() })
  const line = describeSettings(settings.now()).find(({ name }) => name === request.name)
  const warning = request.name === 'mailServer.forwarding' ? await relaySelfTest(context) : null
  return warning === null ? line : { ...line, selfTest: warning }
}

/** Gives a setting the value that it had before a change. Undoing is a change too, and can be undone. */
export async function undoSetting(context: Context, request: { n: number }): Promise<unknown> {
  const change = (await settingsHistory(context)).find(({ n }) => n === request.n)
  if (!change) throw new OperationError(`There is no change ${request.n}; settings history numbers them`)
  return setSetting(context, { name: change.name, value: change.before })
}

export async function exportWorld(
  context: Context,
  { hashes, secrets }: { hashes: boolean; secrets: boolean },
): Promise<unknown> {
  const { directory, settings, relay, accounts: remote, secrets: sealing } = context
  const dangerous = (pattern: string): boolean => !checkEntry({ pattern, action: 'allow', confirmed: false }).ok
  const alternates = [...relay.alternates().values()].map((row) => exportAlternate(row, secrets ? sealing : null))
  const routes = relay.routes().map(({ match, routes: ways }) => ({ ...match, routes: ways }))
  const accounts = remote.all().flatMap((row) => {
    const mailbox = directory.mailboxById(row.settings.mailbox)
    return mailbox ? [exportAccount(row.settings, mailbox.name, secrets ? sealing : null)] : []
  })
  const apps = hashes ? await appPasswordsOf(context) : null
  const parts = { changed: settings.changed(), dangerous, alternates, routes, accounts, hashes: apps }
  return { text: writeWorld(directory.all(), parts) }
}

async function appPasswordsOf({ store, directory }: Context): Promise<AppPasswords> {
  const all = new Map<MailboxId, readonly AppPasswordRow[]>()
  for (const { id } of directory.all().mailboxes) all.set(id, await store.appPasswords(id))
  return all
}
