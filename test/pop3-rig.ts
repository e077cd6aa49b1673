// A whole POP3 server on a free port of 127.0.0.1 with a store in a folder of its own: mailbox ann, filled as a test says.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDirectory } from '#/accounts/directory.ts'
import { openLogins } from '#/accounts/logins.ts'
import { setPassword } from '#/accounts/passwords.ts'
import type { Directory } from '#/accounts/types.ts'
import { defaultSettings, type Settings } from '#/config/settings.ts'
import { pop3Server, type Pop3Server } from '#/pop3-server/server.ts'
import { acceptance } from '#/storage/contract.ts'
import { openStore, type OpenOptions } from '#/storage/open.ts'
import type { Store } from '#/storage/store.ts'
import { ensureCertificate, readIdentity } from '#/world/node/certificate.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { nodeNet } from '#/world/node/net.ts'
import type { World } from '#/world/world.ts'

export type Pop3Rig = AsyncDisposable & {
  readonly port: number
  readonly store: Store
  readonly server: Pop3Server
  readonly directory: Directory
  readonly ann: number
  readonly folder: string
  deliver(...texts: string[]): Promise<void>
}

export type Pop3RigOptions = {
  readonly logins?: Partial<Settings['logins']>
  readonly tls?: 'implicit' | 'offered'
  readonly faults?: NonNullable<OpenOptions['faults']>
  /** Further mailboxes and addresses, before the directory is read. */
  readonly prepare?: (store: Store) => Promise<void>
}

export async function pop3Rig(
  changes: Partial<Settings['pop3Server']> = {},
  options: Pop3RigOptions = {},
): Promise<Pop3Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-pop3-'))
  const net = nodeNet(clock)
  const world: World = { clock, random: randomPool(), net, log: silentLog }
  const store = await openStore({
    folder,
    world,
    reserveBytes: () => 0,
    ...(options.faults && { faults: options.faults }),
  })
  const settings = {
    ...defaultSettings,
    pop3Server: { ...defaultSettings.pop3Server, ...changes },
    logins: { ...defaultSettings.logins, ...options.logins },
  }
  const settingsNow = (): Settings => settings
  const { id } = await store.addMailbox('ann', clock.now())
  await setPassword(store, world.random, { id, password: 'ann secret' })
  await store.changeMailbox(id, { pop3: true })
  await options.prepare?.(store)
  const hostname = 'mx.example.org'
  const directory = await openDirectory({ store, settingsNow, hostname, now: () => clock.now() })
  const logins = await openLogins({ directory, store, settingsNow, world })
  const identity = options.tls ? readIdentity(await ensureCertificate(folder, hostname)) : null
  const server = pop3Server({ store, directory, logins, settingsNow, world, identity, hostname })
  const listener = await server.listen({ address: '127.0.0.1', port: 0, implicitTls: options.tls === 'implicit' })
  return {
    port: listener.port,
    store,
    server,
    directory,
    ann: id,
    folder,
    async deliver(...texts) {
      for (const text of texts) await store.accept(await acceptance(store, [id], text))
    },
    async [Symbol.asyncDispose]() {
      const closed = listener.close()
      await server.drain(0)
      await closed
      await store.close()
      net[Symbol.dispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
