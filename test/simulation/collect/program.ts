// The program that is tested, as far as collecting goes: intake, accounts and collector as they are, on simulated doors. One
// for each run; opened by simulation.ts.
import { openDirectory } from '#/accounts/directory.ts'
import type { Settings } from '#/config/settings.ts'
import { openIntake } from '#/intake/open.ts'
import { prepareOwn } from '#/intake/own.ts'
import { openRemoteAccounts, type RemoteAccounts } from '#/pop3-client/accounts.ts'
import type { OpenBox } from '#/pop3-client/box.ts'
import { openCollector } from '#/pop3-client/collector.ts'
import type { Collector } from '#/pop3-client/types.ts'
import type { Store } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import type { Life } from '../life.ts'
import { simulatedNames } from '../names.ts'
import { hostname } from '../scenario.ts'
import type { Time } from '../time.ts'

export type ProgramParts = {
  readonly store: Store
  readonly world: World
  readonly settings: Settings
  readonly time: Time
  readonly life: Life
  readonly openBox: OpenBox
}
export type Program = { readonly collector: Collector; readonly accounts: RemoteAccounts }

export async function startProgram({ store, world, settings, time, life, openBox }: ProgramParts): Promise<Program> {
  const settingsNow = (): Settings => settings
  const directory = await openDirectory({ store, settingsNow, hostname, now: () => world.clock.now() })
  const resolver = simulatedNames({ time, life, zones: [], refused: () => undefined })
  const parts = { store, directory, resolver, settingsNow, world, hostname }
  const accounts = await openRemoteAccounts(store)
  const credentials = { of: () => Promise.resolve(shown) }
  const prepare: Parameters<typeof openCollector>[0]['prepare'] = (mail) => prepareOwn(parts, mail)
  const collector = openCollector({ ...parts, intake: openIntake(parts), accounts, credentials, openBox, prepare })
  collector.start()
  return { collector, accounts }
}

const shown = { is: 'ready', credentials: { user: 'ann', password: 'secret' } } as const
