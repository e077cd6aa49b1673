// Operations on a real store in a folder of its own, as the running server and the command line perform them.
import { openDirectory } from '#/accounts/directory.ts'
import { openLogins } from '#/accounts/logins.ts'
import { openPeople } from '#/accounts/people.ts'
import { openSecrets } from '#/accounts/secrets.ts'
import { openResolver } from '#/dns/open.ts'
import { openRemoteAccounts } from '#/pop3-client/accounts.ts'
import { openRemoteSignIn } from '#/pop3-client/sign-in.ts'
import { pop3Client } from '#/pop3-client/open.ts'
import { openIntake } from '#/intake/open.ts'
import { targetProblem } from '#/dns/targets.ts'
import { openReading } from '#/mailboxes/reading/open.ts'
import { openCredentials } from '#/mail-relay/credentials.ts'
import { openRelayTables } from '#/mail-relay/tables.ts'
import { openJobs } from '#/operations/backup-jobs.ts'
import type { Context } from '#/operations/context.ts'
import { openRestored } from '#/operations/restored.ts'
import { openSettings } from '#/operations/settings.ts'
import { perform } from '#/operations/table.ts'
import { openStore } from '#/storage/open.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { nodeNet } from '#/world/node/net.ts'
import { openSecretKey } from '#/world/node/secret-key.ts'
import { setupFile } from '#/world/node/setup-file.ts'
import type { Store } from '#/storage/store.ts'
import { nodeWeb } from '#/world/node/web.ts'
import type { World } from '#/world/world.ts'
import { dataFolder } from './serve.ts'

export type Operations = AsyncDisposable & {
  readonly store: Store
  readonly context: Context
  /** How often the directory was read. */
  readonly reloads: () => number
  /** Moves the clock. */
  later(ms: number): void
  run(name: string, parameters?: unknown): Promise<unknown>
  /** As the owner of this mailbox asks. */
  as(mailbox: string): (name: string, parameters?: unknown) => Promise<unknown>
}

export async function operationsRig(): Promise<Operations> {
  const folder = dataFolder()
  const net = nodeNet(clock)
  let ahead = 0
  const moved = { ...clock, now: () => clock.now() + ahead }
  const world: World = { clock: moved, random: randomPool(), net, log: silentLog }
  const store = await openStore({ folder: folder.path, world, reserveBytes: () => 0 })
  const settings = await openSettings(store)
  const hostname = 'mx.example.net'
  const directory = await openDirectory({ store, settingsNow: settings.now, hostname, now: () => world.clock.now() })
  const reload = directory.reload.bind(directory)
  let reloads = 0
  directory.reload = () => {
    reloads++
    return reload()
  }
  const resolver = openResolver({ settingsNow: settings.now, world, systemConfig: '' })
  const relay = await openRelayTables(store)
  const secrets = openSecrets(openSecretKey(folder.path, world.random), world.random)
  const localAddresses = () => ['127.0.0.1']
  const web = nodeWeb(targetProblem)
  const credentials = openCredentials({ tables: relay, secrets, clock: moved, web })
  const accounts = await openRemoteAccounts(store)
  const signIn = openRemoteSignIn({ accounts, secrets, clock: moved, web, random: world.random })
  const base = { store, directory, resolver, settingsNow: settings.now, world, hostname }
  const intake = openIntake(base)
  const collector = pop3Client({ ...base, accounts, secrets, web, listening: () => [], localAddresses, intake })
  const collecting = { accounts, collector, signIn, backups: openJobs(moved), restored: await openRestored(store) }
  const shared = { store, directory, settings, resolver, relay, secrets, credentials, localAddresses, world, hostname }
  const logins = await openLogins({ directory, store, settingsNow: settings.now, world })
  const peopleParts = { store, logins, directory, secrets, world, settingsNow: settings.now }
  const people = await openPeople({ ...peopleParts, setupFile: setupFile(folder.path) })
  const context = { reading: openReading(store), ...shared, ...collecting, people, folder: folder.path }
  return {
    store,
    context,
    reloads: () => reloads,
    later: (ms) => void (ahead += ms),
    run: (name, parameters = {}) => perform(context, { name, parameters }),
    as:
      (mailbox) =>
      (name, parameters = {}) => {
        const actor = {
          role: 'owner',
          name: mailbox,
          mailbox,
          scopes: null,
          via: 'session',
          from: '',
          sessionId: null,
        } as const
        return perform({ ...context, actor }, { name, parameters })
      },
    async [Symbol.asyncDispose]() {
      await intake.close()
      await store.close()
      net[Symbol.dispose]()
      folder[Symbol.dispose]()
    },
  }
}
