// Rewritten senders: there and back, over two forwarders, and none that a stranger made. AD-14
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatAddress, parseAddress, type Address, type ReversePath } from './address.ts'
import { restoreSender, rewriteSender } from './srs.ts'

const address = (text: string): Address => {
  const parsed = parseAddress(text)
  assert.ok(parsed.ok, text)
  return parsed.value
}
const dayMs = 86_400_000
const key = { secret: Buffer.from('k'), now: 20_000 * dayMs }
const ours = address('x@our.example').domain
const rewrite = (from: string): Address => {
  const path = rewriteSender(address(from), ours, key)
  assert.ok(path)
  return path
}
const restored = (path: ReversePath, more: { now?: number; secret?: Buffer } = {}): string => {
  assert.ok(path)
  const parsed = restoreSender(path, { ...key, ...more, ageDaysMax: 21 })
  return parsed.ok ? formatAddress(parsed.value) : parsed.problem
}
const forged = 'This rewritten sender was not made here'

test('AD-14: a sender becomes an address of ours that tells day, domain and name', () => {
  assert.match(formatAddress(rewrite('ann@far.example')), /^SRS0=[0-9a-z]{5}=h0=far\.example=ann@our\.example$/)
})

const senders = [
  'ann@far.example',
  'a=b+c-d@far.example',
  '"a b"@far.example',
  'a@[192.0.2.1]',
  'jörg@far.example',
  'Ann@far.example',
]
for (const sender of senders)
  test(`AD-14: ${sender} is found again behind its rewritten form, parsed from a command`, () => {
    assert.equal(restored(address(formatAddress(rewrite(sender)))), sender)
  })

test('AD-14: letters in another case change the name only, not the proof', () => {
  const { local, domain } = rewrite('ann@far.example')
  assert.equal(restored({ local: local.toUpperCase(), domain }), 'ANN@far.example')
  assert.equal(restored({ local: local.toLowerCase(), domain }), 'ann@far.example')
})

test('AD-14: no sender, our own sender, one too long for the form and one that only looks rewritten stay as they are', () => {
  assert.equal(rewriteSender(null, ours, key), null)
  for (const odd of ['SRS1=x=abc@far.example', 'SRS1=x=one.example=abc@far.example'])
    assert.deepEqual(rewrite(odd), address(odd))
  assert.deepEqual(rewrite('ann@our.example'), address('ann@our.example'))
  const long = address(`${'a'.repeat(40)}@sub.far.example`)
  assert.deepEqual(rewriteSender(long, ours, key), long)
})

test('AD-14: a third forwarder keeps the first: the bounce goes from each straight to the first', () => {
  const first = rewriteSender(address('ann@far.example'), address('x@one.example').domain, key)
  assert.ok(first)
  const second = rewriteSender(first, address('x@two.example').domain, key)
  assert.ok(second)
  assert.match(formatAddress(second), /^SRS1=[0-9a-z]{5}=one\.example==[0-9a-z]{5}=h0=far\.example=ann@two\.example$/)
  const third = rewriteSender(second, ours, { ...key, secret: Buffer.from('other') })
  assert.equal(third?.local.slice(10), second.local.slice(10))
  assert.equal(restored(third, { secret: Buffer.from('other') }), formatAddress(first))
  assert.equal(restored(second), formatAddress(first))
  assert.equal(restored(first), 'ann@far.example')
})

const ages: readonly [days: number, says: string][] = [
  [0, 'ann@far.example'],
  [21, 'ann@far.example'],
  [22, 'This rewritten sender is too old'],
  [-1, 'This rewritten sender is too old'],
  [1024, 'ann@far.example'], // the stamp begins again
]
for (const [days, says] of ages)
  test(`AD-14: after ${days} days the bounce is for "${says}"`, () => {
    assert.equal(restored(rewrite('ann@far.example'), { now: key.now + days * dayMs }), says)
  })

test('AD-14: the stamp of a day near its end is still known after it began again', () => {
  const now = 1023 * dayMs
  const path = rewriteSender(address('ann@far.example'), ours, { ...key, now })
  assert.equal(restored(path, { now: now + 5 * dayMs }), 'ann@far.example')
})

const forgeries = [
  'ann',
  'SRS0',
  'SRS0=',
  'SRS0==h0=far.example=ann',
  'SRS0=00000=h0=far.example=ann',
  'SRS1=00000=a==b',
  'SRS2=a=b=c=d',
  'SRS0=ü=h0=a.example=b',
]
for (const local of forgeries)
  test(`RLY-16: ${local} is not restored`, () => {
    assert.equal(restoreSender({ local, domain: ours }, { ...key, ageDaysMax: 21 }).ok, false)
  })

test('AD-14: another key, another domain, another name or a later day makes it a forgery', () => {
  const { local, domain } = rewrite('ann@far.example')
  assert.equal(restored({ local, domain }, { secret: Buffer.from('other') }), forged)
  for (const [from, to] of [
    ['far', 'fax'],
    ['ann', 'bob'],
    ['=h0=', '=h1='],
    ['SRS0', 'SRS1'],
  ] as const)
    assert.equal(restored({ local: local.replace(from, to), domain }), forged)
})

test('AD-14: whatever stands in the address, restoring gives an address or a problem', () => {
  const unit = fc.constantFrom('SRS0', 'SRS1', '=', 'h0', 'a', '.', '@', '"', ' ', '\r', 'é', '00000')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12, size: 'max' }), (local) => {
      assert.equal(restoreSender({ local, domain: ours }, { ...key, ageDaysMax: 21 }).ok, false)
      const path = rewriteSender({ local: local || 'a', domain: address('x@far.example').domain }, ours, key)
      assert.ok(path && Buffer.byteLength(path.local) <= 64)
    }),
    { numRuns: 2000 },
  )
})
