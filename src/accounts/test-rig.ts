// The directory and the judge of passwords over a real store in a folder of its own. For tests of this room and the next.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultSettings, type Settings } from '#/config/settings.ts'
import { openStore } from '#/storage/open.ts'
import type { AddressRow, DomainRow, MailboxChanges, Store } from '#/storage/store.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { openDirectory } from './directory.ts'
import type { Directory } from './types.ts'

/** What a test writes down of a world. Mailboxes without changes take mail and have no password. */
export type Tables = {
  readonly mailboxes?: Readonly<Record<string, MailboxChanges>>
  readonly domains?: readonly (readonly [name: string, mode: DomainRow['mode'], target?: string])[]
  readonly addresses?: Readonly<Record<string, string | readonly string[] | Partial<AddressRow>>>
  readonly mailServer?: Partial<Settings['mailServer']>
  readonly server?: Partial<Settings['server']>
  readonly logins?: Partial<Settings['logins']>
}
export type Rig = AsyncDisposable & {
  readonly store: Store
  readonly directory: Directory
  readonly settingsNow: () => Settings
}
export const hostname = 'mx.example.org'
export const testWorld = { clock, random: randomPool(), log: silentLog }

export async function accountsRig(tables: Tables): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-accounts-'))
  const store = await openStore({ folder, world: testWorld, reserveBytes: () => 0 })
  await fill(store, tables)
  const { mailServer, server, logins } = defaultSettings
  const settings = {
    ...defaultSettings,
    mailServer: { ...mailServer, ...tables.mailServer },
    server: { ...server, ...tables.server },
    logins: { ...logins, ...tables.logins },
  }
  const settingsNow = (): Settings => settings
  const directory = await openDirectory({ store, settingsNow, hostname, now: () => clock.now() })
  return {
    store,
    directory,
    settingsNow,
    async [Symbol.asyncDispose]() {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function fill(store: Store, { mailboxes = {}, domains = [], addresses = {} }: Tables): Promise<void> {
  for (const [name, changes] of Object.entries(mailboxes)) {
    const { id } = await store.addMailbox(name, 1000)
    if (Object.keys(changes).length > 0) await store.changeMailbox(id, changes)
  }
  const rows = Object.entries(addresses).map(([address, given]): AddressRow => {
    const plain = { address, note: '', expiresAt: null, targets: [] }
    if (typeof given === 'string') return { ...plain, targets: [given] }
    return 'length' in given ? { ...plain, targets: given as readonly string[] } : { ...plain, ...(given as object) } // two of three are left
  })
  await Promise.all([
    ...domains.map(([name, mode, target]) => store.putDomain({ name, mode, target: target ?? null })),
    ...rows.map((row) => store.putAddress(row)),
  ])
}
