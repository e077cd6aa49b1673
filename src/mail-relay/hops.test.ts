// Where routes lead: tables of zones on a scripted DNS server and what becomes of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alternateSchema } from '#/config/relay-tables.ts'
import { defaultSettings } from '#/config/settings.ts'
import { openResolver } from '#/dns/open.ts'
import { startTestServer, zoneOf } from '#/dns/test-server.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { dealt } from './hop-order.ts'
import { findHops, type Hops, type HopsAsked } from './hops.ts'
import type { HopParts, Own } from './hop-types.ts'
import type { RelayRoute } from './routes.ts'

type Given = {
  readonly lines: readonly string[]
  readonly route?: RelayRoute
  readonly domain?: string
  readonly asked?: Partial<HopsAsked>
  readonly settings?: Partial<HopParts['settings']>
  readonly own?: Partial<Own>
}
const mx: RelayRoute = { is: 'mx' }
const nobody: Own = { listeners: [], addresses: [], names: [] }

async function hopsOf({ lines, route = mx, domain = 'a.example', asked, settings, own }: Given): Promise<Hops> {
  await using server = await startTestServer(zoneOf(...lines))
  const all = {
    ...defaultSettings,
    dns: { ...defaultSettings.dns, servers: [server.address], timeoutMs: 200, tries: 1 },
  }
  const random = randomPool()
  const resolver = openResolver({ settingsNow: () => all, world: { clock, random }, systemConfig: '' })
  return await findHops(
    { route, domain, attempt: 0, firstSeenMissingAt: null, now: 1_000_000, ...asked },
    { resolver, random, settings: { ...defaultSettings.mailRelay, ...settings }, own: { ...nobody, ...own } },
  )
}

/** `x.example 192.0.2.1 192.0.2.2, y.example …` or `failed 5.1.2` or `later 4.4.3`. */
function shown(hops: Hops): string {
  if (hops.is !== 'hops')
    return `${hops.is} ${hops.reply.status}${hops.is === 'later' && hops.noSuchName ? ' missing' : ''}`
  return hops.hosts.map(({ name, addresses }) => [name, ...addresses].join(' ')).join(', ')
}

async function table(rows: readonly (readonly [title: string, given: Given, expected: string])[]): Promise<void> {
  for (const [title, given, expected] of rows) assert.equal(shown(await hopsOf(given)), expected, title)
}

const secondLook = { firstSeenMissingAt: 0, now: 300_000 }
const x = 'x.example A 192.0.2.1'
const y = 'y.example A 192.0.2.2'

test('RO-02..05, DNS-04, DNS-06 the mail exchanger route', () =>
  table([
    [
      'by preference',
      { lines: ['a.example MX 20 y.example', 'a.example MX 10 x.example', x, y] },
      'x.example 192.0.2.1, y.example 192.0.2.2',
    ],
    ['RO-04 implicit MX', { lines: ['a.example A 192.0.2.9'] }, 'a.example 192.0.2.9'],
    ['RO-04 implicit MX of IPv6 alone', { lines: ['a.example AAAA 2001:db8::9'] }, 'a.example 2001:db8::9'],
    ['RO-04 neither MX nor address, once', { lines: ['a.example TXT x'] }, 'later 4.4.4 missing'],
    ['RO-04 neither MX nor address, again', { lines: ['a.example TXT x'], asked: secondLook }, 'failed 5.4.4'],
    ['RO-05 null MX', { lines: ['a.example MX 0 .', 'a.example A 192.0.2.9'] }, 'failed 5.1.10'],
    [
      'RO-05 null MX among others',
      { lines: ['a.example MX 0 .', 'a.example MX 10 x.example', x] },
      'x.example 192.0.2.1',
    ],
    ['RO-03 NXDOMAIN the first time', { lines: [] }, 'later 4.1.2 missing'],
    [
      'RO-03 NXDOMAIN too soon again',
      { lines: [], asked: { firstSeenMissingAt: 0, now: 299_999 } },
      'later 4.1.2 missing',
    ],
    ['RO-03 NXDOMAIN some minutes later', { lines: [], asked: secondLook }, 'failed 5.1.2'],
    [
      'RO-02 SERVFAIL, though an address is there',
      { lines: ['a.example MX SERVFAIL', 'a.example A 192.0.2.9'], asked: secondLook },
      'later 4.4.3',
    ],
    ['RO-02 REFUSED', { lines: ['a.example MX REFUSED'], asked: secondLook }, 'later 4.4.3'],
    ['RO-02 silence', { lines: ['a.example MX silent'], asked: secondLook }, 'later 4.4.3'],
    [
      'DNS-06 cut and no TCP',
      { lines: ['a.example MX truncated', 'a.example MX noTcp'], asked: secondLook },
      'later 4.4.3',
    ],
    [
      'RO-02 no MX, SERVFAIL for the address',
      { lines: ['a.example A SERVFAIL', 'a.example AAAA SERVFAIL'], asked: secondLook },
      'later 4.4.3',
    ],
    [
      'RO-06 an exchanger without address is skipped',
      { lines: ['a.example MX 10 gone.example', 'a.example MX 20 y.example', y] },
      'y.example 192.0.2.2',
    ],
    [
      'RO-06 exchangers that do not exist, no use of the address',
      { lines: ['a.example MX 10 gone.example', 'a.example A 192.0.2.9'], asked: secondLook },
      'failed 5.1.2',
    ],
    [
      'RO-06 one of them in doubt',
      {
        lines: [
          'a.example MX 10 gone.example',
          'a.example MX 20 y.example',
          'y.example A SERVFAIL',
          'y.example AAAA SERVFAIL',
        ],
        asked: secondLook,
      },
      'later 4.4.3',
    ],
    [
      'RO-07 an exchanger written as address',
      { lines: ['a.example MX 10 192.0.2.1', 'a.example A 192.0.2.9'] },
      'failed 5.4.4',
    ],
    [
      'DNS-03 an exchanger that is an alias of nothing',
      { lines: ['a.example MX 10 c.example', 'c.example CNAME x.example'], asked: secondLook },
      'failed 5.4.4',
    ],
    ['an address literal', { lines: [], domain: '[192.0.2.7]' }, '192.0.2.7 192.0.2.7'],
    ['an IPv6 literal', { lines: [], domain: '[ipv6:2001:db8::7]' }, '2001:db8::7 2001:db8::7'],
  ]))

test('D1 the address route asks for no MX', () =>
  table([
    [
      'past the MX',
      { route: { is: 'address' }, lines: ['a.example MX 10 x.example', 'a.example A 192.0.2.9', x] },
      'a.example 192.0.2.9',
    ],
    [
      'RO-02 SERVFAIL',
      { route: { is: 'address' }, lines: ['a.example A SERVFAIL', 'a.example AAAA SERVFAIL'], asked: secondLook },
      'later 4.4.3',
    ],
    ['no such name', { route: { is: 'address' }, lines: [], asked: secondLook }, 'failed 5.1.2'],
    ['a literal', { route: { is: 'address' }, lines: [], domain: '[192.0.2.7]' }, '192.0.2.7 192.0.2.7'],
  ]))

const inside = ['a.example MX 10 in.example', 'in.example A 10.0.0.1', 'in.example AAAA 2002:7f00:1::']

test('DNS-01, RO-07 nobody sends us into a private network, unless the operator wants it', () =>
  table([
    ['private only', { lines: inside }, 'failed 5.4.4'],
    ['private and public', { lines: [...inside, 'in.example A 192.0.2.1'] }, 'in.example 192.0.2.1'],
    ['private, the next is public', { lines: [...inside, 'a.example MX 20 y.example', y] }, 'y.example 192.0.2.2'],
    [
      'private, the next in doubt',
      { lines: [...inside, 'a.example MX 20 y.example', 'y.example A SERVFAIL', 'y.example AAAA SERVFAIL'] },
      'later 4.4.3',
    ],
    ['a private literal', { lines: [], domain: '[127.0.0.1]' }, 'failed 5.4.4'],
    ['a mapped literal', { lines: [], domain: '[ipv6:::ffff:127.0.0.1]' }, 'failed 5.4.4'],
    ['wanted', { lines: inside, settings: { allowPrivateTargets: true, family: '4' } }, 'in.example 10.0.0.1'],
  ]))

const here = { listeners: [{ address: '::', port: 25 }], addresses: ['192.0.2.1', '2001:db8::1'] }
const ring = [
  'a.example MX 10 w.example',
  'a.example MX 20 x.example',
  'a.example MX 20 y.example',
  'a.example MX 30 z.example',
  'w.example A 192.0.2.8',
  x,
  y,
  'z.example A 192.0.2.3',
]

test('LP-03, LOOP-03 in a list with this server only what is better than it is used', () =>
  table([
    ['a better one is left', { lines: ring, own: here }, 'w.example 192.0.2.8'],
    ['none is left', { lines: ring.slice(1), own: here }, 'failed 5.4.6'],
    [
      'the better one is in doubt',
      { lines: ['w.example A SERVFAIL', 'w.example AAAA SERVFAIL', ...ring], own: here },
      'later 4.4.3',
    ],
    ['implicit MX', { lines: ['a.example A 192.0.2.1'], own: here }, 'failed 5.4.6'],
    [
      'loopback',
      { lines: ['a.example A 127.0.0.1'], own: here, settings: { allowPrivateTargets: true } },
      'failed 5.4.6',
    ],
    ['by IPv6 in other spelling', { lines: ['a.example AAAA 2001:db8:0::1'], own: here }, 'failed 5.4.6'],
    [
      'by name behind NAT',
      { lines: ['a.example MX 10 x.example', x], own: { ...here, addresses: [], names: ['x.example'] } },
      'failed 5.4.6',
    ],
    [
      'another port of this machine is another server',
      { lines: ['a.example A 192.0.2.1'], own: here, settings: { mxPort: 2525 } },
      'a.example 192.0.2.1',
    ],
    [
      'a listener of another address is not there',
      { lines: ['a.example A 192.0.2.1'], own: { ...here, listeners: [{ address: '192.0.2.9', port: 25 }] } },
      'a.example 192.0.2.1',
    ],
  ]))

const smart = (row: object): RelayRoute => ({
  is: 'alternate',
  server: alternateSchema.parse({ name: 'smart', ...row }),
})

test('RO-25, RO-26 the alternate server: looked up as written, and never a reason to send mail back', () =>
  table([
    ['its address', { route: smart({ hosts: ['x.example:587'] }), lines: [x] }, 'x.example 192.0.2.1'],
    [
      'several in their order',
      { route: smart({ hosts: ['y.example:587', '[x.example]'] }), lines: [x, y] },
      'y.example 192.0.2.2, x.example 192.0.2.1',
    ],
    [
      'a numeric one, without DNS',
      { route: smart({ hosts: ['[2001:db8::5]:25', '192.0.2.5:25'] }), lines: [] },
      '2001:db8::5 2001:db8::5, 192.0.2.5 192.0.2.5',
    ],
    [
      'its MX is not asked',
      { route: smart({ hosts: ['b.example'] }), lines: ['b.example MX 10 x.example', 'b.example A 192.0.2.9', x] },
      'b.example 192.0.2.9',
    ],
    [
      'its MX when chosen',
      {
        route: smart({ hosts: ['b.example'], useMx: true }),
        lines: ['b.example MX 10 x.example', 'b.example A 192.0.2.9', x],
      },
      'x.example 192.0.2.1',
    ],
    [
      'brackets mean the host',
      {
        route: smart({ hosts: ['[b.example]'], useMx: true }),
        lines: ['b.example MX 10 x.example', 'b.example A 192.0.2.9', x],
      },
      'b.example 192.0.2.9',
    ],
    [
      'chosen MX, but there is none',
      { route: smart({ hosts: ['b.example'], useMx: true }), lines: ['b.example A 192.0.2.9'] },
      'b.example 192.0.2.9',
    ],
    [
      'private, since the operator named it',
      { route: smart({ hosts: ['in.example:25'] }), lines: ['in.example A 10.0.0.1'] },
      'in.example 10.0.0.1',
    ],
    ['no such name', { route: smart({ hosts: ['gone.example:25'] }), lines: [], asked: secondLook }, 'later 4.4.3'],
    [
      'no such name for its MX',
      { route: smart({ hosts: ['gone.example'], useMx: true }), lines: [], asked: secondLook },
      'later 4.4.3',
    ],
    [
      'one is gone, the other there',
      { route: smart({ hosts: ['gone.example:25', 'x.example:25'] }), lines: [x] },
      'x.example 192.0.2.1',
    ],
    [
      'SERVFAIL',
      { route: smart({ hosts: ['b.example:25'] }), lines: ['b.example A SERVFAIL', 'b.example AAAA SERVFAIL'] },
      'later 4.4.3',
    ],
    ['LP-04 itself', { route: smart({ hosts: ['x.example:25'] }), lines: [x], own: here }, 'later 4.4.6'],
  ]))

test('RO-25 ports: as written, else by the kind of TLS and account; the certificate must prove the written name', async () => {
  const auth = { kind: 'password', user: 'ann', secret: 's' }
  const rows: readonly [row: object, port: number][] = [
    [{ hosts: ['x.example:2525'] }, 2525],
    [{ hosts: ['x.example'] }, 25],
    [{ hosts: ['x.example'], auth }, 587],
    [{ hosts: ['x.example'], auth, tls: 'implicit' }, 465],
  ]
  for (const [row, port] of rows) {
    const hops = await hopsOf({ route: smart(row), lines: [x] })
    assert.equal(hops.is === 'hops' && hops.hosts[0]?.port, port)
  }
  const route = smart({ hosts: ['b.example'], useMx: true })
  const hops = await hopsOf({ route, lines: ['b.example MX 10 x.example', x] })
  assert.equal(hops.is === 'hops' && hops.hosts[0]?.certName, 'b.example')
})

const both = [
  'a.example A 192.0.2.1',
  'a.example A 192.0.2.2',
  'a.example AAAA 2001:db8::a',
  'a.example AAAA 2001:db8::b',
]

test('RO-08 the family of addresses is chosen, and each attempt starts at another address', () =>
  table([
    ['4', { lines: both, settings: { family: '4' } }, 'a.example 192.0.2.1 192.0.2.2'],
    ['6', { lines: both, settings: { family: '6' } }, 'a.example 2001:db8::a 2001:db8::b'],
    [
      '4 first',
      { lines: both, settings: { family: '4-first' } },
      'a.example 192.0.2.1 192.0.2.2 2001:db8::a 2001:db8::b',
    ],
    [
      '6 first',
      { lines: both, settings: { family: '6-first' } },
      'a.example 2001:db8::a 2001:db8::b 192.0.2.1 192.0.2.2',
    ],
    ['auto without IPv6', { lines: both }, 'a.example 192.0.2.1 192.0.2.2'],
    ['auto, IPv6 is all there is', { lines: both.slice(2) }, 'a.example 2001:db8::a 2001:db8::b'],
    [
      'the second attempt',
      { lines: both, settings: { family: '4-first' }, asked: { attempt: 1 } },
      'a.example 192.0.2.2 2001:db8::a 2001:db8::b 192.0.2.1',
    ],
    ['the sixth', { lines: both, settings: { family: '4' }, asked: { attempt: 5 } }, 'a.example 192.0.2.2 192.0.2.1'],
  ]))

test('RO-08 auto sends by IPv6 only from addresses whose names lead back', async () => {
  const reverse = `5.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`
  const own = { addresses: ['2001:db8::5', 'fe80::1', '192.0.2.77'] }
  const named = [...both, `${reverse} PTR us.example`, 'us.example AAAA 2001:db8::5']
  const lying = [...both, `${reverse} PTR us.example`, 'us.example AAAA 2001:db8::6']
  await table([
    ['they do', { lines: named, own }, 'a.example 192.0.2.1 192.0.2.2 2001:db8::a 2001:db8::b'],
    ['they do not', { lines: lying, own }, 'a.example 192.0.2.1 192.0.2.2'],
    ['there is no name', { lines: both, own }, 'a.example 192.0.2.1 192.0.2.2'],
  ])
})

test('RO-09, DNS-05 an attempt has at most so many addresses, fairly dealt, and the walk over exchangers ends', async () => {
  const hosts = [['a', 'b', 'c', 'd', 'e'], ['f'], ['g', 'h', 'i']].map((addresses) => ({ addresses }))
  assert.deepEqual(
    dealt(hosts, 5).map(({ addresses }) => addresses.join('')),
    ['ab', 'f', 'gh'],
  )
  assert.deepEqual(
    dealt(hosts, 2).map(({ addresses }) => addresses.join('')),
    ['a', 'f'],
  )
  assert.deepEqual(dealt([], 5), [])
  const lines = Array.from({ length: 90 }, (_, i) => [
    `a.example MX ${i} m${i}.example`,
    `m${i}.example A 192.0.2.${i}`,
  ]).flat()
  const hops = await hopsOf({ lines: [...lines, 'a.example MX truncated'] })
  assert.deepEqual(
    hops.is === 'hops' && hops.hosts.map(({ name }) => name),
    Array.from({ length: 10 }, (_, i) => `m${i}.example`),
  )
})

test('RO-06, OUT-18 exchangers of equal preference share the load', async () => {
  await using server = await startTestServer(
    zoneOf(
      ...['x', 'y', 'z'].flatMap((name, i) => [`a.example MX 10 ${name}.example`, `${name}.example A 192.0.2.${i}`]),
      'a.example MX 5 w.example',
      'w.example A 192.0.2.9',
    ),
  )
  const all = { ...defaultSettings, dns: { ...defaultSettings.dns, servers: [server.address] } }
  const random = randomPool()
  const resolver = openResolver({ settingsNow: () => all, world: { clock, random }, systemConfig: '' })
  const orders = new Map<string, number>()
  const rounds = 3000
  for (let i = 0; i < rounds; i++) {
    const hops = await findHops(
      { route: mx, domain: 'a.example', attempt: 0, firstSeenMissingAt: null, now: 0 },
      { resolver, random, settings: defaultSettings.mailRelay, own: nobody },
    )
    const order = hops.is === 'hops' ? hops.hosts.map(({ name }) => name[0]).join('') : ''
    orders.set(order, (orders.get(order) ?? 0) + 1)
  }
  assert.deepEqual([...orders.keys()].toSorted(), ['wxyz', 'wxzy', 'wyxz', 'wyzx', 'wzxy', 'wzyx'])
  for (const [order, count] of orders)
    assert.ok(Math.abs(count - rounds / 6) < 6 * Math.sqrt((rounds * 5) / 36), `${order} ${count}`)
})

test('DNS-02 what is connected to is the answer that was judged: a name that changes is not asked twice', async () => {
  const zone = zoneOf('a.example A 192.0.2.9')
  const script = zone.get('A a.example')!
  zone.set('A a.example', { answers: (script.answers ?? []).map((record) => ({ ...record, ttl: 0 }) as typeof record) })
  await using server = await startTestServer(zone)
  const all = { ...defaultSettings, dns: { ...defaultSettings.dns, servers: [server.address] } }
  const random = randomPool()
  const resolver = openResolver({ settingsNow: () => all, world: { clock, random }, systemConfig: '' })
  const hops = await findHops(
    { route: mx, domain: 'a.example', attempt: 0, firstSeenMissingAt: null, now: 0 },
    { resolver, random, settings: defaultSettings.mailRelay, own: nobody },
  )
  assert.deepEqual(hops.is === 'hops' && hops.hosts[0]?.addresses, ['192.0.2.9'])
  assert.equal(server.asked.filter((question) => question === 'A a.example').length, 1)
})
