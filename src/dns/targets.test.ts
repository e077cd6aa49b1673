// Addresses that a stranger's DNS may not send us to, in all their disguises.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { targetProblem } from './targets.ts'

const closed: readonly [address: string, what: string][] = [
  ['0.0.0.0', 'no address of a host'],
  ['10.1.2.3', 'private'],
  ['100.64.0.1', 'shared by a provider'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['169.254.169.254', 'link-local'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'reserved'],
  ['::', 'no address of a host'],
  ['::1', 'loopback'],
  ['fc00::1', 'private'],
  ['fdff::1', 'private'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::127.0.0.1', 'loopback'],
  ['2002:7f00:1::', 'loopback'],
  ['2002:c0a8:101::5', 'private'],
  ['64:ff9b::7f00:1', 'loopback'],
  ['64:ff9b::10.0.0.1', 'private'],
  ['64:ff9b:1::1', 'private'],
  ['2001:0:7f00:1::', 'a Teredo tunnel'],
  ['2001:db8::5efe:192.168.0.1', 'private'],
  ['2001:db8::200:5efe:10.0.0.1', 'private'],
  ['127.1', 'no address'],
  ['0177.0.0.1', 'no address'],
  ['localhost', 'no address'],
]

test('DNS-01 private, special and disguised addresses are told by value', () => {
  for (const [address, what] of closed) assert.equal(targetProblem(address), what, address)
})

test('DNS-01 public addresses are fine, in every form', () => {
  const fine = ['192.0.2.1', '9.255.255.255', '11.0.0.0', '172.15.0.1', '172.32.0.1', '100.63.0.1', '100.128.0.1']
  const fine6 = [
    '2001:db8::1',
    '::ffff:192.0.2.1',
    '2002:c000:201::1',
    '64:ff9b::192.0.2.1',
    '2001:db8::5efe:192.0.2.1',
  ]
  for (const address of [...fine, ...fine6]) assert.equal(targetProblem(address), null, address)
})
