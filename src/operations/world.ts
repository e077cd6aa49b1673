// Settings, and a whole world in one file.
import { checkEntry } from '#/intake/access.ts'
import type { AppPasswordRow, MailboxId, SettingChange } from '#/storage/store.ts'
import { exportAlternate } from './alternates.ts'
import { exportAccount } from './collect-request.ts'
import { whoIs } from './audit.ts'
import type { Context } from './context.ts'
import { NotAllowed, OperationError } from './errors.ts'
import { relaySelfTest } from './self-test.ts'
import { describeSettings, type SettingLine } from './settings.ts'
import { writeWorld, type AppPasswords } from './world-file.ts'

export const showSettings = ({ settings }: Context): Promise<SettingLine[]> =>
  Promise.resolve(describeSettings(settings.now()))

/** Newest first. */
export const settingsHistory = ({ store }: Context): Promise<readonly SettingChange[]> => store.settingsHistory()

type Changed = { readonly lines: readonly SettingLine[]; readonly selfTest: string | null }
type ShownChange = SettingLine & { readonly selfTest?: string }

export async function setSetting(
  context: Context,
  { name, value }: { name: string; value?: unknown },
): Promise<ShownChange> {
  const { lines, selfTest } = await changeSettings(context, { changes: [{ name, value }] })
  return selfTest === null ? lines[0]! : { ...lines[0]!, selfTest } // one was changed
}

type Wanted = { readonly changes: readonly { readonly name: string; readonly value?: unknown }[] }

/** All of them or none. Without a value one goes back to its default. */
export async function changeSettings(context: Context, { changes }: Wanted): Promise<Changed> {
  const { settings, world } = context
  const known = new Set(describeSettings(settings.now()).map(({ name }) => name))
  const unknown = changes.find(({ name }) => !known.has(name))
  if (unknown) throw new OperationError(`There is no setting ${unknown.name}; settings show lists all of them`)
  const values = new Map(changes.map(({ name, value }) => [name, value]))
  await settings.change(values, { who: whoIs(context.actor), at: world.clock.now() })
  return {
    lines: describeSettings(settings.now()).filter(({ name }) => values.has(name)),
    selfTest: values.has('mailServer.forwarding') ? await relaySelfTest(context) : null,
  }
}

/** Gives a setting the value that it had before a change. Undoing is a change too, and can be undone. */
export async function undoSetting(context: Context, request: { n: number }): Promise<ShownChange> {
  const change = (await settingsHistory(context)).find(({ n }) => n === request.n)
  if (!change) throw new OperationError(`There is no change ${request.n}; settings history numbers them`)
  return setSetting(context, { name: change.name, value: change.before })
}

export async function exportWorld(
  context: Context,
  { hashes, secrets }: { hashes: boolean; secrets: boolean },
): Promise<{ text: string }> {
  const { actor, directory, settings, relay, accounts: remote, secrets: sealing } = context
  if ((hashes || secrets) && actor && actor.via !== 'socket')
    throw new NotAllowed('Passwords, open or hashed, are exported by the command line only: netcruiser settings export')
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
