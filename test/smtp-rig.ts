// A whole mail server on a free port of 127.0.0.1 with a store in a folder of its own: mailboxes ann and bob at
// example.org. For tests of the conversation; everything in it is the real thing but DNS, which answers nothing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDirectory } from '#/accounts/directory.ts'
import { openLogins } from '#/accounts/logins.ts'
import { setPassword } from '#/accounts/passwords.ts'
import { defaultSettings, type Settings } from '#/config/settings.ts'
import type { Resolver } from '#/dns/resolver.ts'
import { openIntake } from '#/intake/open.ts'
import type { Client } from '#/intake/types.ts'
import { mailServer, type MailServer } from '#/mail-server/server.ts'
import { openStore } from '#/storage/open.ts'
import type { Store } from '#/storage/store.ts'
import { ensureCertificate, readIdentity } from '#/world/node/certificate.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { nodeNet } from '#/world/node/net.ts'
import type { World } from '#/world/world.ts'

export type RigOptions = {
  readonly mailServer?: Partial<Settings['mailServer']>
  readonly listener?: Client['listener']
  readonly tls?: boolean
  /** Further rows, before the directory is read. */
  readonly prepare?: (store: Store) => Promise<void>
}
export type Rig = AsyncDisposable & {
  readonly port: number
  readonly server: MailServer
  readonly store: Store
  /** Reads the directory anew after a change of the store. */
  reload(): Promise<void>
  /** How many messages lie in ann's and bob's mailboxes. */
  stored(): Promise<{ ann: number; bob: number }>
}

export async function smtpRig(options: RigOptions = {}): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-smtp-'))
  const net = nodeNet(clock)
  const world: World = { clock, random: randomPool(), net, log: silentLog }
  const store = await openStore({ folder, world, reserveBytes: () => 0 })
  const settings = { ...defaultSettings, mailServer: { ...defaultSettings.mailServer, ...options.mailServer } }
  const settingsNow = (): Settings => settings
  const hostname = 'mx.example.org'
  const ids = { ann: 0, bob: 0 }
  for (const name of ['ann', 'bob'] as const) {
    const { id } = await store.addMailbox(name, clock.now())
    await setPassword(store, world.random, { id, password: `${name} secret` })
    ids[name] = id
  }
  await store.putDomain({ name: 'example.org', mode: 'by-name', target: null })
  await options.prepare?.(store)
  const directory = await openDirectory({ store, settingsNow, hostname, now: () => clock.now() })
  const logins = await openLogins({ directory, store, settingsNow, world })
  const nothing = (): ReturnType<Resolver['ptr']> => Promise.resolve({ is: 'no-such-name' })
  const resolver: Resolver = { ptr: nothing, addresses: nothing, confirmedName: () => null }
  const intake = openIntake({ store, directory, resolver, settingsNow, world, hostname })
  const identity = options.tls ? readIdentity(await ensureCertificate(folder, hostname)) : null
  const server = mailServer({ intake, logins, directory, settingsNow, world, identity, hostname })
  const listener = await server.listen({ address: '127.0.0.1', port: 0, listener: options.listener ?? 'smtp' })
  return {
    port: listener.port,
    server,
    store,
    reload: () => directory.reload(),
    async stored() {
      const [ann, bob] = await Promise.all([store.mailboxState(ids.ann), store.mailboxState(ids.bob)])
      return { ann: ann.messages, bob: bob.messages }
    },
    async [Symbol.asyncDispose]() {
      const closed = listener.close()
      await server.drain(0)
      await closed
      await intake.close()
      await store.close()
      net[Symbol.dispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
