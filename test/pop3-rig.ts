// A whole POP3 server on a free port of 127.0.0.1 with a store in a folder of its own: mailbox ann, filled as a test says.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDirectory } from '#/accounts/directory.ts'
import { openLogins } from '#/accounts/logins.ts'
import { setPassword } from '#/accounts/passwords.ts'
import { defaultSettings, type Settings } from '#/config/settings.ts'
import { pop3Server } from '#/pop3-server/server.ts'
import { acceptance } from '#/storage/contract.ts'
import { openStore } from '#/storage/open.ts'
import type { Store } from '#/storage/store.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { nodeNet } from '#/world/node/net.ts'
import type { World } from '#/world/world.ts'

export type Pop3Rig = AsyncDisposable & {
  readonly port: number
  readonly store: Store
  readonly ann: number
  readonly folder: string
  deliver(...texts: string[]): Promise<void>
}

export async function pop3Rig(changes: Partial<Settings['pop3Server']> = {}): Promise<Pop3Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-pop3-'))
  const net = nodeNet(clock)
  const world: World = { clock, random: randomPool(), net, log: silentLog }
  const store = await openStore({ folder, world, reserveBytes: () => 0 })
  const settings = { ...defaultSettings, pop3Server: { ...defaultSettings.pop3Server, ...changes } }
  const settingsNow = (): Settings => settings
  const { id } = await store.addMailbox('ann', clock.now())
  await setPassword(store, world.random, { id, password: 'ann secret' })
  await store.changeMailbox(id, { pop3: true })
  const hostname = 'mx.example.org'
  const directory = await openDirectory({ store, settingsNow, hostname, now: () => clock.now() })
  const logins = await openLogins({ directory, store, settingsNow, world })
  const server = pop3Server({ store, logins, settingsNow, world, identity: null, hostname })
  const listener = await server.listen({ address: '127.0.0.1', port: 0, implicitTls: false })
  return {
    port: listener.port,
    store,
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
