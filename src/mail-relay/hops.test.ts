// Where routes lead: tables of zones on a scripted DNS server and what becomes of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alternateSchema } from '#/config/relay-tables.ts'
import { hopsOf, secondLook, table } from './hops-test-rig.ts'
import type { RelayRoute } from './routes.ts'

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
