// The resolver against a scripted DNS server on loopback: the four kinds of answer, and what liars may not achieve.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import packet, { type Answer as Record } from 'dns-packet'
import { defaultSettings, type Settings } from '#/config/settings.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { openResolver } from './open.ts'
import { validName } from './packet.ts'
import { reverseName } from './reverse-name.ts'
import { parseServer, systemServers } from './servers.ts'
import { startTestServer, zoneOf, type Scripted, type TestServer } from './test-server.ts'

const a = (name: string, data: string, ttl = 60): Record => ({ type: 'A', name, data, ttl })
const cname = (name: string, data: string): Record => ({ type: 'CNAME', name, data, ttl: 60 })
const ptr = (name: string, data: string): Record => ({ type: 'PTR', name, data, ttl: 60 })
const chain = (length: number): Record[] => [
  ...Array.from({ length }, (_, i) => cname(`c${i}.example`, `c${i + 1}.example`)),
  a(`c${length}.example`, '192.0.2.1'),
]

function resolverOf(servers: readonly (TestServer | string)[], dns: Partial<Settings['dns']> = {}) {
  const addresses = servers.map((server) => (typeof server === 'string' ? server : server.address))
  const settings = {
    ...defaultSettings,
    dns: { ...defaultSettings.dns, servers: addresses, timeoutMs: 200, tries: 1, ...dns },
  }
  return openResolver({ settingsNow: () => settings, world: { clock, random: randomPool() }, systemConfig: '' })
}

const kinds: readonly [title: string, name: string, script: Scripted | undefined, expected: object][] = [
  ['an address is found', 'a.example', { answers: [a('a.example', '192.0.2.1')] }, { records: ['192.0.2.1'] }],
  [
    'a name of other case is the same',
    'b.example',
    { answers: [a('B.Example', '192.0.2.1')] },
    { records: ['192.0.2.1'] },
  ],
  ['NXDOMAIN: no such name', 'none.example', undefined, { is: 'no-such-name' }],
  ['an empty answer: no data', 'empty.example', {}, { is: 'no-data' }],
  ['SERVFAIL is trouble', 'fail.example', { rcode: 'SERVFAIL' }, { is: 'trouble' }],
  ['REFUSED is trouble', 'refused.example', { rcode: 'REFUSED' }, { is: 'trouble' }],
  ['silence is trouble', 'silent.example', { silent: true }, { is: 'trouble' }],
  [
    'a cut answer is fetched by TCP',
    'big.example',
    { truncated: true, answers: [a('big.example', '192.0.2.1')] },
    { records: ['192.0.2.1'] },
  ],
  [
    'a server without EDNS0 is asked again without',
    'old.example',
    { noEdns: true, answers: [a('old.example', '192.0.2.1')] },
    { records: ['192.0.2.1'] },
  ],
  ['DNS-03: eight aliases are followed', 'c0.example', { answers: chain(8) }, { records: ['192.0.2.1'] }],
  [
    'DNS-07: records of other names are ignored',
    'v.example',
    { answers: [a('w.example', '192.0.2.66')] },
    { is: 'no-data' },
  ],
  [
    'DNS-07: what comes before the answer with another id is ignored',
    'g.example',
    { answers: [a('g.example', '192.0.2.1')], before: forged },
    { records: ['192.0.2.1'] },
  ],
  [
    'garbage before the answer is ignored',
    'h.example',
    { answers: [a('h.example', '192.0.2.1')], before: () => Buffer.from('garbage') },
    { records: ['192.0.2.1'] },
  ],
  [
    'DNS-08: an answer of a thousand records is cut',
    'many.example',
    {
      truncated: true,
      answers: Array.from({ length: 1000 }, (_, i) => a('many.example', `192.0.${i >> 8}.${i & 255}`)),
    },
    { length: 100 },
  ],
]

function forged(query: packet.Packet): Buffer {
  const { questions = [], id = 0 } = query
  const answers = questions.map(({ name }) => a(name, '192.0.2.66'))
  return packet.encode({ type: 'response', id: id ^ 1, questions, answers })
}

test('DNS-06: found, no such name, no data and trouble are four different answers', async (t) => {
  const zone = new Map(
    kinds.flatMap(([, name, script]) => (script ? [[`A ${name}`, script]] : [])) as [string, Scripted][],
  )
  await using server = await startTestServer(zone)
  const resolver = resolverOf([server])
  for (const [title, name, , expected] of kinds)
    await t.test(title, async () => {
      const answer = await resolver.addresses(name, 4)
      if ('length' in expected) assert.equal(answer.is === 'found' && answer.records.length, expected.length)
      else assert.partialDeepStrictEqual(answer, expected)
    })
  assert.deepEqual(server.overTcp.toSorted(), ['A big.example', 'A many.example'])
})

test('DNS-03: a chain of nine aliases and a circle are trouble, not "no"', async () => {
  const circle = [cname('x.example', 'y.example'), cname('y.example', 'x.example')]
  await using server = await startTestServer(
    new Map([
      ['A c0.example', { answers: chain(9) }],
      ['A x.example', { answers: circle }],
    ]),
  )
  const resolver = resolverOf([server])
  assert.equal((await resolver.addresses('c0.example', 4)).is, 'trouble')
  assert.equal((await resolver.addresses('x.example', 4)).is, 'trouble')
})

test('HDR-02, DNS-11: reverse names that are no host names never come out', async () => {
  const name = '1.2.0.192.in-addr.arpa'
  const names = [
    'good.example',
    'Upper.Example',
    'bad name.example',
    'x\r\ninjected.example',
    '<script>.example',
    '1.2.3.4',
  ]
  await using server = await startTestServer(
    new Map([[`PTR ${name}`, { answers: names.map((data) => ptr(name, data)) }]]),
  )
  const answer = await resolverOf([server]).ptr('192.0.2.1')
  assert.deepEqual(answer.is === 'found' && answer.records, ['good.example', 'upper.example'])
})

test('answers, also "no" and trouble, are remembered; equal questions at once are one query', async () => {
  const zone = new Map<string, Scripted>([
    ['A a.example', { answers: [a('a.example', '192.0.2.1')] }],
    ['A f.example', { rcode: 'SERVFAIL' }],
  ])
  await using server = await startTestServer(zone)
  const resolver = resolverOf([server])
  for (const name of ['a.example', 'none.example', 'f.example']) {
    await Promise.all(Array.from({ length: 20 }, () => resolver.addresses(name, 4)))
    await resolver.addresses(name, 4)
  }
  assert.deepEqual(server.asked, ['A a.example', 'A none.example', 'A f.example'])
})

test('DNS-02: an answer with TTL 0 is not remembered', async () => {
  await using server = await startTestServer(new Map([['A z.example', { answers: [a('z.example', '192.0.2.1', 0)] }]]))
  const resolver = resolverOf([server])
  await resolver.addresses('z.example', 4)
  await resolver.addresses('z.example', 4)
  assert.equal(server.asked.length, 2)
})

test('DNS-13: the next server answers when the first fails or is not there', async () => {
  await using broken = await startTestServer(new Map([['A a.example', { rcode: 'SERVFAIL' }]]))
  await using fine = await startTestServer(new Map([['A a.example', { answers: [a('a.example', '192.0.2.1')] }]]))
  assert.equal((await resolverOf([broken, '127.0.0.1:1', fine]).addresses('a.example', 4)).is, 'found')
})

test('both families: what is found counts, trouble in one half leaves the rest open', async () => {
  const zone = new Map<string, Scripted>([
    ['A a.example', { answers: [a('a.example', '192.0.2.1')] }],
    ['AAAA a.example', { rcode: 'SERVFAIL' }],
    ['A b.example', {}],
    ['AAAA b.example', { rcode: 'SERVFAIL' }],
  ])
  await using server = await startTestServer(zone)
  const resolver = resolverOf([server])
  assert.equal((await resolver.addresses('a.example')).is, 'found')
  assert.equal((await resolver.addresses('b.example')).is, 'trouble')
  assert.equal((await resolver.addresses('none.example')).is, 'no-such-name')
})

test('RFC 7208 §3.3: strings of a text are joined with nothing between, octets stay octets, and long ones come by TCP', async () => {
  const long = 'x'.repeat(250)
  const zone = zoneOf('a.example TXT v=spf1 ip4:192.0.2.|1 -all', 'a.example TXT other', 'b.example A 192.0.2.1')
  zone.set('TXT big.example', {
    truncated: true,
    answers: [{ type: 'TXT', name: 'big.example', data: Array(20).fill(Buffer.from(long, 'latin1')), ttl: 60 }],
  })
  await using server = await startTestServer(zone)
  const resolver = resolverOf([server])
  const texts = async (name: string) => {
    const answer = await resolver.txt(name)
    return answer.is === 'found' ? answer.records : answer.is
  }
  assert.deepEqual(await texts('a.example'), ['v=spf1 ip4:192.0.2.1 -all', 'other'])
  assert.deepEqual(await texts('big.example'), [long.repeat(20)])
  assert.deepEqual([await texts('b.example'), await texts('c.example')], ['no-data', 'no-such-name'])
})

test('the reverse name of an address', () => {
  assert.equal(reverseName('192.0.2.1'), '1.2.0.192.in-addr.arpa')
  assert.equal(reverseName('::ffff:192.0.2.1'), '1.2.0.192.in-addr.arpa')
  const v6 = `1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`
  assert.equal(reverseName('2001:db8::1'), v6)
  assert.equal(reverseName('2001:DB8:0:0::0:1%eth0'), v6)
  assert.equal(reverseName('nonsense'), null)
})

test('RFC 2181 §11: what is no host name is asked for, and found', async () => {
  await using server = await startTestServer(
    new Map([['A ann+list=x y._spf.example', { answers: [a('ann+list=x y._spf.example', '127.0.0.2')] }]]),
  )
  assert.equal((await resolverOf([server]).oddAddresses('Ann+List=x y._spf.example.', 4)).is, 'found')
  for (const name of ['', 'a..b', `${'a'.repeat(64)}.example`, 'a\r\nb.example', '1.2.3.4'])
    assert.equal((await resolverOf([server]).oddAddresses(name, 4)).is, 'no-such-name')
  assert.equal(server.asked.length, 1)
})

test('names: what is no host name is refused before it reaches a header', () => {
  const bad = [
    '',
    '.',
    'a..b',
    'a b',
    'a\r\nb',
    '<a>',
    '-a.example',
    `${'a'.repeat(64)}.example`,
    'a.'.repeat(127) + 'example',
    '1.2.3.4',
  ]
  for (const name of bad) assert.equal(validName(name), null, name)
  assert.equal(validName('A.Example.'), 'a.example')
})

test('servers are written as address or address and port; resolv.conf is understood', () => {
  assert.deepEqual(parseServer('192.0.2.1'), { address: '192.0.2.1', port: 53 })
  assert.deepEqual(parseServer('192.0.2.1:5353'), { address: '192.0.2.1', port: 5353 })
  assert.deepEqual(parseServer('2001:db8::1'), { address: '2001:db8::1', port: 53 })
  assert.deepEqual(parseServer('[2001:db8::1]:5353'), { address: '2001:db8::1', port: 5353 })
  for (const text of ['', 'dns.example', '192.0.2.1:0', '192.0.2.1:99999', '192.0.2'])
    assert.equal(parseServer(text), null)
  assert.deepEqual(systemServers('# x\nnameserver 192.0.2.1\n nameserver\t2001:db8::1 # y\nsearch a\n'), [
    '192.0.2.1',
    '2001:db8::1',
  ])
  assert.deepEqual(systemServers(''), ['127.0.0.1'])
})

test('IN-20: a reverse name is known when both look-ups were made before and agree; the question itself asks nobody', async () => {
  const reverse = reverseName('192.0.2.1')!
  const zone = new Map<string, Scripted>([
    [`PTR ${reverse}`, { answers: [ptr(reverse, 'liar.example'), ptr(reverse, 'true.example')] }],
    ['A liar.example', { answers: [a('liar.example', '192.0.2.9')] }],
    ['A true.example', { answers: [a('true.example', '192.0.2.1')] }],
  ])
  await using server = await startTestServer(zone)
  const resolver = resolverOf([server])
  assert.equal(resolver.confirmedName('192.0.2.1'), null)
  await resolver.ptr('192.0.2.1')
  await resolver.addresses('liar.example', 4)
  assert.equal(resolver.confirmedName('192.0.2.1'), null)
  assert.equal(server.asked.length, 2)
  await resolver.addresses('true.example', 4)
  const names = ['192.0.2.1', '::ffff:192.0.2.1', '192.0.2.9'].map((address) => resolver.confirmedName(address))
  assert.deepEqual(names, ['true.example', 'true.example', null])
})
