// Patterns of the access list: what matches, what does not, what is refused with which words, and how the first match decides.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Answer, Resolver } from '#/dns/resolver.ts'
import type { AccessRow } from '#/storage/store.ts'
import { clock } from '#/world/node/clock.ts'
import { compileRules, judgeAccess } from './access-judge.ts'
import { checkEntry, coversIp, coversName, parsePattern, type Pattern } from './access.ts'
import { parseIp } from '#/message/ip.ts'

function pattern(text: string): Pattern {
  const parsed = parsePattern(text)
  assert.ok(parsed.ok, `${text}: ${parsed.ok ? '' : parsed.problem}`)
  return parsed.value
}
function covers(text: string, address: string): boolean {
  const ip = parseIp(address)
  assert.ok(ip, address)
  return coversIp(pattern(text), ip)
}

const addresses: readonly [id: string, pattern: string, inside: readonly string[], outside: readonly string[]][] = [
  ['AC-03', '192.0.2.1', ['192.0.2.1'], ['192.0.2.10', '192.0.2.2', '::c000:201']],
  ['AC-03', '10.0.0.0/8', ['10.0.0.0', '10.255.255.255'], ['11.0.0.0', '9.255.255.255']],
  ['AC-03', '192.0.2.128/25', ['192.0.2.128', '192.0.2.255'], ['192.0.2.127', '192.0.3.0']],
  ['AC-03', '192.0.2.7/32', ['192.0.2.7'], ['192.0.2.6', '192.0.2.8']],
  ['AC-03', '2001:db8::/32', ['2001:db8::1', '2001:db8:ffff::'], ['2001:db9::', '2001:db7:ffff::']],
  ['AC-03', '10.0.0.1-10.0.0.9', ['10.0.0.1', '10.0.0.9'], ['10.0.0.0', '10.0.0.10']],
  ['AC-03', '2001:db8::1 - 2001:db8::9', ['2001:db8::5'], ['2001:db8::a']],
  ['AC-04', '192.168.*', ['192.168.0.1', '192.168.255.255'], ['192.169.0.1', '193.168.0.1', '19.216.8.1']],
  ['AC-04', '10.1.2.*', ['10.1.2.0', '10.1.2.255'], ['10.1.20.1', '10.1.3.0', '110.1.2.1']],
  ['AC-04', '192.168.*.*', ['192.168.4.4'], ['192.167.4.4']],
  ['AC-09', '192.168.1.5', ['::ffff:192.168.1.5', '::FFFF:c0a8:105'], ['::192.168.1.5']],
  ['AC-09', '::ffff:10.0.0.0/104', ['10.1.2.3'], ['11.0.0.0']],
  ['AC-09', 'fe80::1%eth0', ['fe80::1', 'fe80:0:0:0:0:0:0:1%wlan0', 'FE80::0:1'], ['fe80::2']],
]

test('addresses are compared by value', async (t) => {
  for (const [id, text, inside, outside] of addresses)
    await t.test(`${id}: ${text}`, () => {
      for (const address of inside) assert.ok(covers(text, address), address)
      for (const address of outside) assert.ok(!covers(text, address), address)
    })
})

const names: readonly [pattern: string, inside: readonly string[], outside: readonly string[]][] = [
  [
    '*.mydomain.com',
    ['a.mydomain.com', 'a.b.mydomain.com', 'A.MyDomain.COM.'],
    ['mydomain.com', 'evilmydomain.com', 'mydomain.com.evil.example', '.mydomain.com'],
  ],
  [
    'Host.mydomain.com.',
    ['host.mydomain.com', 'HOST.mydomain.com.'],
    ['a.host.mydomain.com', 'host.mydomain.com.evil.example'],
  ],
  ['*.bücher.example', ['a.xn--bcher-kva.example'], ['xn--bcher-kva.example']],
]

test('AC-05: names are compared label by label, without case, as A-labels', () => {
  for (const [text, inside, outside] of names) {
    for (const name of inside) assert.ok(coversName(pattern(text), name), `${text} ${name}`)
    for (const name of outside) assert.ok(!coversName(pattern(text), name), `${text} ${name}`)
  }
})

test('AC-04: a pattern of digits, dots and stars is never compared with a name', () => {
  for (const text of ['192.168.*', '10.0.0.0/8', '192.0.2.1'])
    for (const name of ['192.168.evil.example', '10.0.0.1', '192.0.2.1']) assert.ok(!coversName(pattern(text), name))
})

test('AC-03: what is not understood is refused in words', () => {
  const bad = [
    '',
    '192.168',
    '192.168.1',
    '192.*.1.1',
    '192.16*',
    '1.2.3.*.*',
    '256.1.1.1',
    '010.0.0.1',
    '1.2.3.4.5',
    '10.0.0.5/8',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.9-10.0.0.1',
    '10.0.0.1-::1',
    '10.0.0.1-',
    ':::',
    '1::2::3',
    '2001:db8::/129',
    'a*.example',
    '*.*.example',
    'ann@example.org',
    '.example.org',
    'a b',
    '-x.example',
    '<x>',
    '*.',
  ]
  for (const text of bad) {
    const parsed = parsePattern(text)
    assert.ok(!parsed.ok && parsed.problem.length > 10, text)
  }
})

test('AC-02: what lets strangers in needs a confirmation; to deny needs none', () => {
  for (const text of [
    '*',
    '0.0.0.0/0',
    '::/0',
    '*.*.*.*',
    '*.*',
    '0.0.0.0-255.255.255.255',
    '0.0.0.0/1',
    '8.0.0.0/6',
    '2000::/3',
    '*.com',
  ]) {
    assert.ok(!checkEntry({ pattern: text, action: 'allow', confirmed: false }).ok, text)
    assert.ok(checkEntry({ pattern: text, action: 'allow', confirmed: true }).ok, text)
    assert.ok(checkEntry({ pattern: text, action: 'deny', confirmed: false }).ok, text)
  }
  for (const text of ['10.*', '10.0.0.0/8', 'fc00::/7', '192.168.*', '*.mydomain.com'])
    assert.ok(checkEntry({ pattern: text, action: 'allow', confirmed: false }).ok, text)
})

test('AC-03: a network covers exactly the addresses that share its prefix', () => {
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
  const dotted = (n: number): string => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.')
  fc.assert(
    fc.property(u32, u32, fc.integer({ min: 1, max: 32 }), (base, other, prefix) => {
      const mask = (0xffff_ffff << (32 - prefix)) >>> 0
      assert.equal(covers(`${dotted((base & mask) >>> 0)}/${prefix}`, dotted(other)), (base & mask) === (other & mask))
    }),
  )
})

test('any text is a pattern or a problem, never an exception', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof parsePattern(text).ok === 'boolean'))
  fc.assert(fc.property(fc.stringMatching(/^[0-9.:*/-]{0,30}$/), (text) => typeof parsePattern(text).ok === 'boolean'))
})

// --- judging

const client = '192.0.2.1'
let nextId = 1
const row = (pattern: string, more: Partial<AccessRow> = {}): AccessRow => {
  const id = nextId++
  return {
    id,
    position: id,
    pattern,
    action: 'allow',
    note: '',
    expiresAt: null,
    senders: [],
    lastUsedAt: null,
    uses: 0,
    ...more,
  }
}
const deny = { action: 'deny' } as const
const found = (...records: string[]): Answer => ({ is: 'found', records, ttlMs: 1000 })
const trouble: Answer = { is: 'trouble', why: 'no answer in time' }

/** A zone by name; what is missing does not exist. `asked` tells what was looked up. */
function zone(answers: Readonly<Record<string, Answer>>): { resolver: Resolver; asked: string[] } {
  const known = new Map(Object.entries(answers))
  const asked: string[] = []
  const ask = async (name: string): Promise<Answer> => {
    asked.push(name)
    return Promise.resolve(known.get(name) ?? { is: 'no-such-name' })
  }
  return { resolver: { ptr: ask, addresses: ask, confirmedName: () => null }, asked }
}
const judge = (rows: readonly AccessRow[], answers: Readonly<Record<string, Answer>> = {}, address = client) =>
  judgeAccess(address, compileRules(rows), { resolver: zone(answers).resolver, clock })

const cases: readonly [
  title: string,
  rows: readonly AccessRow[],
  answers: Readonly<Record<string, Answer>>,
  expected: 'allow' | 'deny' | 'unknown',
][] = [
  ['AC-02: an empty list is nobody', [], {}, 'deny'],
  ['AC-03: the first match wins: deny before allow', [row('192.0.2.1', deny), row('192.0.2.*')], {}, 'deny'],
  ['AC-03: the first match wins: allow before deny', [row('192.0.2.1'), row('192.0.2.*', deny)], {}, 'allow'],
  [
    'AC-03: position decides, not the order of rows',
    [row('192.0.2.*', { position: 900 }), row('*', { ...deny, position: 800 })],
    {},
    'deny',
  ],
  ['AC-03: an expired entry takes no part', [row('192.0.2.1', { expiresAt: 1 })], {}, 'deny'],
  ['AC-03: an entry that expires later does', [row('192.0.2.1', { expiresAt: 9e15 })], {}, 'allow'],
  ['AC-06: a reverse name alone is nothing', [row('*.my.example')], { [client]: found('pc.my.example') }, 'deny'],
  [
    'AC-06: a reverse name that leads elsewhere is nothing',
    [row('*.my.example')],
    { [client]: found('pc.my.example'), 'pc.my.example': found('192.0.2.2') },
    'deny',
  ],
  [
    'AC-06, IN-28: a reverse name confirmed forward counts',
    [row('*.my.example')],
    { [client]: found('x.example', 'pc.my.example'), 'pc.my.example': found('192.0.2.9', client) },
    'allow',
  ],
  [
    'AC-07: a plain name is looked up forward, without any reverse name',
    [row('dyn.example')],
    { 'dyn.example': found(client) },
    'allow',
  ],
  [
    'AC-07: a plain name that leads elsewhere is no match',
    [row('dyn.example')],
    { [client]: found('dyn.example'), 'dyn.example': found('192.0.2.2') },
    'deny',
  ],
  ['AC-08: a reverse look-up in trouble: try again', [row('*.my.example')], { [client]: trouble }, 'unknown'],
  ['AC-08: a forward look-up in trouble: try again', [row('dyn.example')], { 'dyn.example': trouble }, 'unknown'],
  [
    'AC-08, IN-27: a deny entry in trouble before an allow: try again',
    [row('dyn.example', deny), row('192.0.2.1')],
    { 'dyn.example': trouble },
    'unknown',
  ],
  [
    'AC-08: trouble that could not change anything is no trouble',
    [row('dyn.example'), row('192.0.2.1')],
    { 'dyn.example': trouble },
    'allow',
  ],
  ['AC-08: no such name is no match', [row('dyn.example')], {}, 'deny'],
  [
    'AC-08: one confirmed name among failing ones counts',
    [row('*.my.example')],
    { [client]: found('a.my.example', 'b.my.example'), 'a.my.example': trouble, 'b.my.example': found(client) },
    'allow',
  ],
  [
    'AC-08: only ten reverse names are followed',
    [row('*.my.example')],
    { [client]: found(...Array.from({ length: 11 }, (_, i) => `h${i}.my.example`)), 'h10.my.example': found(client) },
    'deny',
  ],
]

test('the access list decides', async (t) => {
  for (const [title, rows, answers, expected] of cases)
    await t.test(title, async () => assert.equal((await judge(rows, answers)).is, expected))
})

test('AC-06: the answer names the rule and the method', async () => {
  const rule = row('*.my.example', { senders: ['@my.example'] })
  const result = await judge([rule], { [client]: found('pc.my.example'), 'pc.my.example': found(client) })
  const method = 'reverse name pc.my.example, confirmed forward'
  assert.deepEqual(result, { is: 'allow', rule: rule.id, method, senders: ['@my.example'] })
})

test('AC-08: DNS is not asked when no name could decide', () => {
  const { resolver, asked } = zone({})
  for (const rows of [[], [row('192.0.2.1'), row('dyn.example')], [row('dyn.example', deny)]])
    assert.ok(!(judgeAccess(client, compileRules(rows), { resolver, clock }) instanceof Promise))
  assert.deepEqual(asked, [])
})
