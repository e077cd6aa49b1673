// Who is slowed down and who is refused, by a clock that the test moves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultSettings } from '#/config/settings.ts'
import { network, putBounded, Spray, Throttle } from './throttle.ts'

const limits = {
  ...defaultSettings.logins,
  failuresFree: 3,
  delayMs: 1000,
  delayMaxMs: 5000,
  banAfter: 6,
  banMs: 60_000,
}

function throttleAt(entriesMax?: number): {
  throttle: Throttle
  pass: (ms: number) => void
  fail: (key: string, n: number) => void
} {
  let now = 1_000_000
  const throttle = new Throttle(
    () => limits,
    () => now,
    entriesMax,
  )
  const fail = (key: string, n: number): void => {
    for (let i = 0; i < n; i++) throttle.noteFailure(key)
  }
  return { throttle, pass: (ms) => (now += ms), fail }
}

test('AUT-07, IN-24, PS-19: failures slow down, doubling to a ceiling, then refuse for a while', () => {
  const { throttle, pass, fail } = throttleAt()
  const delays = [1, 2, 3, 4, 5].map(() => {
    fail('a', 1)
    return throttle.delayFor('a')
  })
  assert.deepEqual(delays, [0, 0, 1000, 2000, 4000])
  assert.equal(throttle.isBanned('a'), false)
  fail('a', 1)
  assert.equal(throttle.isBanned('a'), true)
  assert.equal(throttle.delayFor('a'), 5000)
  assert.equal(throttle.isBanned('b'), false)
  pass(60_001)
  assert.equal(throttle.isBanned('a'), false)
  pass(limits.windowMs)
  assert.equal(throttle.delayFor('a'), 0)
})

test('IN-24: bans are shown and can be lifted', () => {
  const { throttle, fail } = throttleAt()
  fail('a', 6)
  fail('b', 5)
  assert.deepEqual(throttle.bans(), [{ client: 'a', failures: 6, until: 1_060_000 }])
  assert.deepEqual([throttle.clear('a'), throttle.clear('a')], [true, false])
  assert.deepEqual([throttle.bans(), throttle.delayFor('a')], [[], 0])
})

test('AUT-09: a flood of cheap addresses neither grows the table nor pushes out who is slowed down', () => {
  const { throttle, fail } = throttleAt(100)
  fail('offender', 4)
  fail('banned', 6)
  for (let i = 0; i < 10_000; i++) fail(`cheap ${i}`, 1)
  assert.ok(throttle.size <= 200)
  assert.equal(throttle.delayFor('offender'), 2000)
  assert.equal(throttle.isBanned('banned'), true)
  for (let i = 0; i < 1000; i++) fail(`dear ${i}`, 3)
  assert.ok(throttle.size <= 200)
})

test('AUT-07, AUT-09: many addresses that fail at once slow everybody down, for as long as it lasts, in bounded memory', () => {
  let now = 1_000_000
  const spray = new Spray(
    () => ({ sprayAddresses: 3, sprayWindowMs: 60_000, sprayDelayMs: 4000 }),
    () => now,
  )
  const delays = (clients: readonly string[]): number[] =>
    clients.map((client) => {
      spray.noteFailure(client)
      return spray.delay()
    })
  assert.deepEqual(delays(['a', 'a', 'a', 'b', 'c']), [0, 0, 0, 0, 4000])
  for (let i = 0; i < 10_000; i++) spray.noteFailure(`cheap ${i}`)
  assert.ok(spray.size <= 3)
  now += 59_999
  assert.equal(spray.delay(), 4000)
  now += 1
  assert.equal(spray.delay(), 0)
  assert.deepEqual(delays(['a', 'b']), [0, 0]) // slowly: no spray
  now += 60_000
  assert.deepEqual(delays(['c', 'd', 'e']), [0, 0, 4000])
})

const networks: readonly (readonly [address: string, unit: string])[] = [
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:DB8:0:0:ffff::9', '2001:db8:0:0'],
  ['2001:db8:0:1::1', '2001:db8:0:1'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
]

test('AUT-07: the unit is an IPv4 address or an IPv6 /64', () => {
  for (const [address, unit] of networks) assert.equal(network(address), unit)
})

test('what is remembered makes room by its oldest, not by all', () => {
  const map = new Map<number, string>()
  for (const key of [1, 2, 3, 1, 4]) putBounded(map, 3, { key, value: 'x' })
  assert.deepEqual([...map.keys()], [3, 1, 4])
})
