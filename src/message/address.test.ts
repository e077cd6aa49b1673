// Addresses as clients write them: what is taken, what is refused and in which form they are written again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  addressKey,
  asciiLower,
  decodeUtf8,
  formatAddress,
  formatPath,
  parseAddress,
  parseDomain,
  parsePath,
} from './address.ts'

const octets = (text: string): string => Buffer.from(text).toString('latin1')

// A path, and the address that it is; null for <>.
const taken: readonly [id: string, path: string, address: string | null][] = [
  ['IN-07', '<>', null],
  ['IN-07', '<ann@example.org>', 'ann@example.org'],
  ['IN-07', ' <ann@example.org>', 'ann@example.org'],
  ['AD-08', '<"ann"@example.org>', 'ann@example.org'],
  ['AD-08', '<"a\\nn"@example.org>', 'ann@example.org'],
  ['CMD-20', '<"\\""@example.org>', '"\\""@example.org'],
  ['CMD-20', '<"\\\\"@example.org>', '"\\\\"@example.org'],
  ['CMD-20', '<"a\\@b"@example.org>', '"a@b"@example.org'],
  ['CMD-20', '<"a b"@example.org>', '"a b"@example.org'],
  ['CMD-20', '<"a>b"@example.org>', '"a>b"@example.org'],
  ['CMD-20', '<"a..b"@example.org>', '"a..b"@example.org'],
  ['CMD-20', '<".a"@example.org>', '".a"@example.org'],
  [`CMD-20`, `<${'a'.repeat(64)}@example.org>`, `${'a'.repeat(64)}@example.org`],
  ['CMD-21', '<x@[192.0.2.1]>', 'x@[192.0.2.1]'],
  ['CMD-21', '<x@[IPv6:2001:DB8::5]>', 'x@[ipv6:2001:db8::5]'],
  ['CMD-21', '<x@[IPv6:1:2:3:4:5:6:7:8]>', 'x@[ipv6:1:2:3:4:5:6:7:8]'],
  ['CMD-21', '<x@[IPv6:::ffff:192.0.2.1]>', 'x@[ipv6:::ffff:192.0.2.1]'],
  ['AD-04', '<Ann@EXAMPLE.Org.>', 'Ann@example.org'],
  ['AD-04', octets('<ann@bücher.example>'), 'ann@xn--bcher-kva.example'],
  ['AD-04', octets('<ann@BÜCHER。example>'), 'ann@xn--bcher-kva.example'],
  ['AD-04', '<ann@XN--BCHER-KVA.example>', 'ann@xn--bcher-kva.example'],
  ['RLY-03', '<"x@outside.example"@example.org>', '"x@outside.example"@example.org'],
  ['RLY-05', '<"x%outside.example"@example.org>', 'x%outside.example@example.org'],
  ['RLY-06', '<@example.org:x@outside.example>', 'x@outside.example'],
  ['RLY-06', '<@example.org,@[192.0.2.1]:x@outside.example>', 'x@outside.example'],
  ['RLY-07', '<outside.example!x@example.org>', 'outside.example!x@example.org'],
  ['RLY-09', '<x@localhost>', 'x@localhost'],
  ['RLY-10', '<x@example.org.>', 'x@example.org'],
  ['RLY-15', '<=?utf-8?q?a=40b?=x@example.org>', '=?utf-8?q?a=40b?=x@example.org'],
  ['RLY-16', octets('<x@ＥＸＡＭＰＬＥ.org>'), 'x@example.org'],
  ['RLY-16', octets('<ä\u212A@example.org>'), 'ä\u212A@example.org'],
]
for (const [id, path, wanted] of taken) {
  test(`${id}: ${JSON.stringify(path.slice(0, 60))} is ${wanted?.slice(0, 60) ?? 'the null path'}`, () => {
    const parsed = parsePath(path)
    assert.ok(parsed.ok, JSON.stringify(parsed))
    const { address, bare, rest } = parsed.value
    assert.equal(address && formatAddress(address), wanted)
    assert.deepEqual([bare, rest], [null, ''])
  })
}

const refused: readonly [id: string, path: string][] = [
  ['IN-07', 'ann@example.org'],
  ['IN-07', '  <ann@example.org>'],
  ['IN-07', '<ann@example.org'],
  ['IN-07', ''],
  ['CMD-20', '<""@example.org>'],
  ['CMD-20', '<"a@example.org>'],
  ['CMD-20', '<"a\\'],
  ['CMD-20', '<"a\\>'],
  ['CMD-20', '<"a"b@example.org>'],
  ['CMD-20', '<"a"'],
  ['CMD-20', '<a"b"@example.org>'],
  ['CMD-20', '<.a@example.org>'],
  ['CMD-20', '<a.@example.org>'],
  ['CMD-20', '<a..b@example.org>'],
  ['CMD-20', `<${'a'.repeat(65)}@example.org>`],
  ['CMD-20', octets(`<${'ä'.repeat(33)}@example.org>`)],
  ['CMD-20', `<a@${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.example>`],
  ['CMD-20', `<a@${'a'.repeat(64)}.example>`],
  ['CMD-20', `<${'a'.repeat(1001)}>`],
  ['CMD-21', '<x@[999.1.1.1]>'],
  ['CMD-21', '<x@[192.0.2]>'],
  ['CMD-21', '<x@[192.0.2.010]>'],
  ['CMD-21', '<x@[192.0.2.1>'],
  ['CMD-21', '<x@[IPv6:1::2::3]>'],
  ['CMD-21', '<x@[IPv6:1:2:3:4:5:6:7:8:9]>'],
  ['CMD-21', '<x@[IPv6:12345::]>'],
  ['CMD-21', '<x@[IPv6:1::2:3:4:5:6:7:8:9]>'],
  ['CMD-21', '<x@[2001:db8::5]>'],
  ['CMD-21', '<x@[]>'],
  ['RLY-04', '<x@outside.example@example.org>'],
  ['RLY-04', '<x@outside.example@[192.0.2.1]>'],
  ['RLY-06', '<@example.org>'],
  ['RLY-06', '<@example.org,:x@outside.example>'],
  ['RLY-06', '<@-:x@outside.example>'],
  ['RLY-06', '<@example.org:>'],
  ['RLY-08', '<x@192.0.2.1>'],
  ['RLY-08', '<x@#3405803781>'],
  ['RLY-08', '<x@2130706433>'],
  ['RLY-11', '<x@>'],
  ['RLY-11', '<@>'],
  ['RLY-11', '<x@.>'],
  ['RLY-11', '<x@example..org>'],
  ['RLY-12', '<x@outside.example:25>'],
  ['RLY-12', '<x:y@example.org>'],
  ['RLY-12', '<x@outside.example;y@example.org>'],
  ['RLY-12', '<x@outside.example,y@example.org>'],
  ['RLY-13', '<x@outside.example\0@example.org>'],
  ['RLY-13', '<x\t@example.org>'],
  ['RLY-13', '<"x\0"@example.org>'],
  ['RLY-13', '<"x\\\x07"@example.org>'],
  ['RLY-13', '<"x\x7f"@example.org>'],
  ['RLY-14', '<x@outside.example(@example.org)>'],
  ['RLY-14', '<x(@example.org)@outside.example>'],
  ['RLY-16', '<\xff@example.org>'],
  ['RLY-16', '<\xc0\xaf@example.org>'],
  ['RLY-16', octets('<x@\u202Eexample.org>')],
  ['RLY-16', octets('<x@１２７.0.0.1>')],
  ['RLY-16', octets('<x＠outside.example>')],
]
for (const [id, path] of refused) {
  test(`${id}: ${JSON.stringify(path.slice(0, 60))} is no path`, () => {
    const parsed = parsePath(path)
    // The last row has no ASCII @: whoever reads it must not see one.
    assert.ok(!parsed.ok && parsed.problem.length > 10, JSON.stringify(parsed))
  })
}

test('IN-18: a local part alone is told apart from an address', () => {
  const parsed = parsePath('<Postmaster> X')
  assert.deepEqual(parsed, { ok: true, value: { address: null, bare: 'Postmaster', rest: ' X', utf8: false } })
})

test('an address without brackets needs its domain', () => {
  assert.equal(parseAddress('ann').ok, false)
  for (const text of ['', '"a\\', '"a']) assert.equal(parseAddress(text).ok, false)
  assert.equal(parseAddress('ann@example.org').ok, true)
  assert.equal(parseDomain('').ok, false)
})

test('AD-04, RLY-16: only A to Z is folded, and a path is written in brackets', () => {
  assert.equal(asciiLower('AZaz\u212Aİ'), 'azaz\u212Aİ')
  assert.equal(asciiLower('az'), 'az')
  const parsed = parseAddress('Ann@Example.ORG')
  assert.ok(parsed.ok)
  assert.equal(addressKey(parsed.value), 'ann@example.org')
  assert.equal(formatPath(parsed.value), '<Ann@example.org>')
  assert.equal(formatPath(null), '<>')
  assert.equal(decodeUtf8('\xe4'), null)
})

const domain = fc.constantFrom('example.org', '[192.0.2.1]', 'bücher.example', 'EXAMPLE.org', '[IPv6:::1]')
const printable = fc.string({
  unit: fc.constantFrom(...Array.from('ab.@>"\\<,: ä!')),
  minLength: 1,
  maxLength: 20,
  size: 'max',
})

test('CMD-20: any quoted name keeps its meaning when it is parsed, written and parsed again', () => {
  fc.assert(
    fc.property(printable, domain, (local, at) => {
      const quoted = `"${local.replace(/["\\]/g, '\\$&')}"`
      const first = parsePath(octets(`<${quoted}@${at}>`))
      assert.ok(first.ok && first.value.address !== null)
      assert.equal(first.value.address.local, local)
      const again = parsePath(octets(formatPath(first.value.address)))
      assert.ok(again.ok)
      assert.deepEqual(again.value.address, first.value.address)
    }),
    { numRuns: 1000 },
  )
})

test('CMD-20: whatever is taken is written in a form that is taken again, and nothing throws', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '"',
    '\\',
    '@',
    ',',
    ':',
    '.',
    '[',
    ']',
    'a',
    '1',
    'IPv6:',
    '::',
    '\xc3\xa4',
    '\0',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 24, size: 'max' }), (pieces) => {
      const parsed = parsePath(`<${pieces.join('')}>`)
      if (!parsed.ok || parsed.value.address === null) return
      const again = parsePath(octets(formatPath(parsed.value.address)))
      assert.deepEqual(again.ok && again.value.address, parsed.value.address)
    }),
    { numRuns: 3000 },
  )
})

for (const unit of ['a', '"', '\\', '@', '.', '[', '@a,', 'a.', '\xc3\xa4', '<', ':', '"a"'])
  test(`CMD-21: 256 KiB of ${JSON.stringify(unit)} is judged at once`, () => {
    const long = unit.repeat(262_144 / unit.length)
    const startedAt = performance.now()
    for (const text of [`<${long}>`, `<${long}`, `<x@${long}>`, `<x@[${long}]>`, `<"${long}"@example.org>`])
      parsePath(text)
    for (const text of [long, `x@${long}`]) parseAddress(text)
    parseDomain(long)
    assert.ok(performance.now() - startedAt < 1000)
  })
