// A search for hops on a scripted DNS server, for tests. Never part of the running program.
import assert from 'node:assert/strict'
import { defaultSettings } from '#/config/settings.ts'
import { openResolver } from '#/dns/open.ts'
import { startTestServer, zoneOf, type TestServer, type Zone } from '#/dns/test-server.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import type { HopParts, Own } from './hop-types.ts'
import { findHops, type Hops, type HopsAsked } from './hops.ts'
import type { RelayRoute } from './routes.ts'

export type Search = {
  readonly route?: RelayRoute
  readonly domain?: string
  readonly asked?: Partial<HopsAsked>
  readonly settings?: Partial<HopParts['settings']>
  readonly own?: Partial<Own>
}
export type Searching = { readonly server: TestServer; readonly find: (search?: Search) => Promise<Hops> }

/** Many searches on one server. */
export async function searching<T>(zone: Zone, work: (searching: Searching) => Promise<T>): Promise<T> {
  await using server = await startTestServer(zone)
  const dns = { ...defaultSettings.dns, servers: [server.address], timeoutMs: 200, tries: 1 }
  const all = { ...defaultSettings, dns }
  const random = randomPool()
  const resolver = openResolver({ settingsNow: () => all, world: { clock, random }, systemConfig: '' })
  const find = ({ route = { is: 'mx' }, domain = 'a.example', asked, settings, own }: Search = {}): Promise<Hops> =>
    findHops(
      { route, domain, attempt: 0, firstSeenMissingAt: null, now: 1_000_000, ...asked },
      {
        resolver,
        random,
        settings: { ...defaultSettings.mailRelay, ...settings },
        own: { listeners: [], addresses: [], names: [], ...own },
      },
    )
  return await work({ server, find })
}

export type Given = Search & { readonly lines: readonly string[] }

export const hopsOf = ({ lines, ...search }: Given): Promise<Hops> =>
  searching(zoneOf(...lines), ({ find }) => find(search))

/** `x.example 192.0.2.1 192.0.2.2, y.example …` or `failed 5.1.2` or `later 4.4.3`. */
export function shown(hops: Hops): string {
  if (hops.is !== 'hops')
    return `${hops.is} ${hops.reply.status}${hops.is === 'later' && hops.noSuchName ? ' missing' : ''}`
  return hops.hosts.map(({ name, addresses }) => [name, ...addresses].join(' ')).join(', ')
}

export async function table(
  rows: readonly (readonly [title: string, given: Given, expected: string])[],
): Promise<void> {
  for (const [title, given, expected] of rows) assert.equal(shown(await hopsOf(given)), expected, title)
}

/** Minutes after the first "no such name". */
export const secondLook = { firstSeenMissingAt: 0, now: 300_000 }
