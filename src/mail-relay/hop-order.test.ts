// In which order addresses are tried: families, rotation, shares, shuffling.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zoneOf } from '#/dns/test-server.ts'
import { dealt } from './hop-order.ts'
import { hopsOf, searching, secondLook, shown, table } from './hops-test-rig.ts'

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
    ['6, but there is none', { lines: both.slice(0, 2), settings: { family: '6' }, asked: secondLook }, 'later 4.4.3'],
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
  const equal = ['x', 'y', 'z'].flatMap((name, i) => [
    `a.example MX 10 ${name}.example`,
    `${name}.example A 192.0.2.${i}`,
  ])
  const zone = zoneOf(...equal, 'a.example MX 5 w.example', 'w.example A 192.0.2.9')
  const rounds = 3000
  const orders = new Map<string, number>()
  await searching(zone, async ({ find }) => {
    for (let i = 0; i < rounds; i++) {
      const order = shown(await find()).replace(/\.example [0-9.]+(?:, )?/g, '')
      orders.set(order, (orders.get(order) ?? 0) + 1)
    }
  })
  assert.deepEqual([...orders.keys()].toSorted(), ['wxyz', 'wxzy', 'wyxz', 'wyzx', 'wzxy', 'wzyx'])
  for (const [order, count] of orders)
    assert.ok(Math.abs(count - rounds / 6) < 6 * Math.sqrt((rounds * 5) / 36), `${order} ${count}`) // six deviations
})

test('DNS-02 what is connected to is the answer that was judged: a name that changes is not asked twice', async () => {
  const zone = zoneOf('a.example A 192.0.2.9')
  const answers = zone.get('A a.example')?.answers ?? []
  zone.set('A a.example', { answers: answers.map((record) => ({ ...record, ttl: 0 }) as typeof record) })
  await searching(zone, async ({ find, server }) => {
    assert.equal(shown(await find()), 'a.example 192.0.2.9')
    assert.equal(server.asked.filter((question) => question === 'A a.example').length, 1)
  })
})
