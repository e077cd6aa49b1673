// Runs an operation on a data folder whose server does not run. Called by call.ts.
import { openLogins } from '#/accounts/logins.ts'
import { openDirectory } from '#/accounts/directory.ts'
import { openPeople } from '#/accounts/people.ts'
import { openSecrets } from '#/accounts/secrets.ts'
import { openIntake } from '#/intake/open.ts'
import { openReading } from '#/mailboxes/reading/open.ts'
import { collectMarks } from '#/message/marks.ts'
import { openResolver } from '#/dns/open.ts'
import { targetProblem } from '#/dns/targets.ts'
import { openCredentials } from '#/mail-relay/credentials.ts'
import { openRelayTables } from '#/mail-relay/tables.ts'
import { openRemoteAccounts } from '#/pop3-client/accounts.ts'
import { openRemoteSignIn } from '#/pop3-client/sign-in.ts'
import { pop3Client } from '#/pop3-client/open.ts'
import { hostnameOf, systemDns } from '#/main.ts'
import type { Call } from '#/operations/control-lines.ts'
import { openJobs } from '#/operations/backup-jobs.ts'
import { openRestored } from '#/operations/restored.ts'
import { openSettings } from '#/operations/settings.ts'
import { perform } from '#/operations/table.ts'
import { openStore } from '#/storage/open.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { localAddresses } from '#/world/node/interfaces.ts'
import { nodeLog } from '#/world/node/log.ts'
import { nodeNet } from '#/world/node/net.ts'
import { openSecretKey } from '#/world/node/secret-key.ts'
import { setupFile } from '#/world/node/setup-file.ts'
import { nodeWeb } from '#/world/node/web.ts'
import type { World } from '#/world/world.ts'
import { onStop, type Watch } from './watch.ts'

/** @throws OperationError or StoreError with a sentence for the operator. */
export async function offline(folder: string, asked: Call, watch: Watch): Promise<unknown> {
  using net = nodeNet(clock)
  const world: World = { clock, random: randomPool(), net, log: nodeLog({ level: 'warn', to: 'stderr' }) }
  const store = await openStore({ folder, world, reserveBytes: () => 0 })
  const closers: (() => Promise<void>)[] = []
  try {
    const settings = await openSettings(store)
    const settingsNow = settings.now
    const hostname = hostnameOf(settingsNow().server.hostname)
    const directory = await openDirectory({ store, settingsNow, hostname, now: () => clock.now() })
    const resolver = openResolver({ settingsNow, world, systemConfig: systemDns() })
    const logins = await openLogins({ directory, store, settingsNow, world })
    const relay = await openRelayTables(store)
    const secret = openSecretKey(folder, world.random)
    const secrets = openSecrets(secret, world.random)
    const web = nodeWeb((address) => (settingsNow().pop3Client.allowPrivateTargets ? null : targetProblem(address)))
    const credentials = openCredentials({ tables: relay, secrets, clock, web })
    const accounts = await openRemoteAccounts(store)
    const base = { store, directory, resolver, settingsNow, world, hostname, collectMark: collectMarks(secret) }
    const intake = openIntake(base)
    closers.push(() => intake.close())
    const restored = await openRestored(store)
    const { keepsRemote } = restored
    const remote = { accounts, secrets, web, listening: () => [], localAddresses, keepsRemote }
    const collector = pop3Client({ ...base, ...remote, intake })
    const people = await openPeople({
      store,
      logins,
      directory,
      secrets,
      world,
      settingsNow,
      setupFile: setupFile(folder),
    })
    const shared = {
      store,
      directory,
      settings,
      resolver,
      relay,
      reading: openReading(store),
      secrets,
      credentials,
      accounts,
      signIn: openRemoteSignIn({ accounts, secrets, clock, web, random: world.random }),
      collector,
      answering: intake.answering,
      localAddresses,
      backups: openJobs(clock),
      restored,
      world,
      hostname,
      folder,
      logins,
      people,
    }
    const { onShare } = watch
    onStop(watch, (by) => perform(shared, by))
    return await perform(onShare ? { ...shared, onShare } : shared, asked)
  } finally {
    for (const close of closers) await close()
    await store.close()
  }
}
