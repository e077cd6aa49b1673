// Settings, and a whole world in one file.
import { checkEntry } from '#/intake/access.ts'
import { exportAlternate } from './alternates.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { relaySelfTest } from './self-test.ts'
import { describeSettings } from './settings.ts'
import { writeWorld } from './world-file.ts'

export const showSettings = ({ settings }: Context): Promise<unknown> =>
  Promise.resolve(describeSettings(settings.now()))

type Change = {
  readonly number: number
  readonly at: number
  readonly by: string
  readonly name: string
  readonly before: unknown
  readonly after: unknown
}

/** Newest first; number 1 is the newest change. */
export async function settingsHistory({ store }: Context): Promise<readonly Change[]> {
  return (await store.settingsHistory()).map((row, i) => ({ number: i + 1, ...row }))
}

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
export async function undoSetting(context: Context, request: { number: number }): Promise<unknown> {
  const change = (await settingsHistory(context)).find(({ number }) => number === request.number)
  if (!change) throw new OperationError(`There is no change ${request.number}; settings history numbers them`)
  return setSetting(context, { name: change.name, value: change.before })
}

export function exportWorld(
  { directory, settings, relay, secrets: sealing }: Context,
  { hashes, secrets }: { hashes: boolean; secrets: boolean },
): Promise<unknown> {
  const dangerous = (pattern: string): boolean => !checkEntry({ pattern, action: 'allow', confirmed: false }).ok
  const alternates = [...relay.alternates().values()].map((row) => exportAlternate(row, secrets ? sealing : null))
  const routes = relay.routes().map(({ match, routes }) => ({ ...match, routes }))
  const parts = { changed: settings.changed(), dangerous, alternates, routes, hashes }
  return Promise.resolve({ text: writeWorld(directory.all(), parts) })
}
