// SPF by table: the examples of RFC 7208 and what its rules are about, with DNS as data. The wire is tested in dns.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock } from '#/world/node/clock.ts'
import type { Clock } from '#/world/world.ts'
import { spfNameBytesMax } from './limits.ts'
import type { Answer, MxAnswer } from './resolver.ts'
import { reverseName } from './reverse-name.ts'
import { expand, parseMacros, parseTarget } from './spf-macros.ts'
import { parseSpf } from './spf-record.ts'
import { checkSpf, type SpfAsked, type SpfNames, type SpfResult } from './spf.ts'

type Records = Readonly<Record<string, readonly string[] | 'trouble' | 'silent'>>

const reverse = (address: string, ...names: string[]): Records => ({ [`PTR ${reverseName(address)!}`]: names })

/** RFC 7208 Appendix A */
const rfc: Records = {
  'A example.com': ['192.0.2.10', '192.0.2.11'],
  'A amy.example.com': ['192.0.2.65'],
  'A bob.example.com': ['192.0.2.66'],
  'A mail-a.example.com': ['192.0.2.129'],
  'A mail-b.example.com': ['192.0.2.130'],
  'A mail-c.example.org': ['192.0.2.140'],
  'MX example.com': ['mail-a.example.com', 'mail-b.example.com'],
  'MX example.org': ['mail-c.example.org'],
  ...reverse('192.0.2.10', 'example.com'),
  ...reverse('192.0.2.65', 'amy.example.com'),
  ...reverse('192.0.2.66', 'bob.example.com'),
  ...reverse('192.0.2.129', 'mail-a.example.com'),
  ...reverse('192.0.2.140', 'mail-c.example.org'),
  ...reverse('10.0.0.4', 'bob.example.com'), // a liar
}

function namesOf(records: Records): { resolver: SpfNames; asked: string[] } {
  const asked: string[] = []
  const look = async (key: string): Promise<Answer> => {
    asked.push(key)
    const found = records[key]
    if (found === 'silent') return new Promise(() => undefined)
    if (found === 'trouble') return { is: 'trouble', why: 'SERVFAIL' }
    const known = Object.keys(records).some((one) => one.endsWith(` ${key.split(' ')[1]!}`))
    return found ? { is: 'found', records: found, ttlMs: 0 } : { is: known ? 'no-data' : 'no-such-name' }
  }
  const resolver: SpfNames = {
    txt: (name) => look(`TXT ${name}`),
    addresses: (name, family) => look(`${family === 6 ? 'AAAA' : 'A'} ${name}`),
    oddAddresses: (name, family) => look(`${family === 6 ? 'AAAA' : 'A'} ${name}`),
    ptr: (address) => look(`PTR ${reverseName(address)!}`),
    async mx(name): Promise<MxAnswer> {
      const answer = await look(`MX ${name}`)
      if (answer.is !== 'found') return answer
      return {
        is: 'found',
        hosts: answer.records.map((host) => ({ name: host, preference: 10 })),
        nullMx: false,
        ttlMs: 0,
      }
    },
  }
  return { resolver, asked }
}

const ask = (records: Records, asked: Partial<SpfAsked> = {}) =>
  checkSpf(
    { address: '192.0.2.10', local: 'strong-bad', domain: 'example.com', helo: 'mx.example.org', ...asked },
    { resolver: namesOf(records).resolver, clock },
  )

type Case = readonly [record: string, address: string, expected: SpfResult]

/** RFC 7208 Appendix A.1 to A.3, and the others of these zones. */
const examples: readonly Case[] = [
  ['v=spf1 +all', '203.0.113.1', 'pass'],
  ['v=spf1 a -all', '192.0.2.10', 'pass'],
  ['v=spf1 a -all', '192.0.2.65', 'fail'],
  ['v=spf1 a:example.org -all', '192.0.2.10', 'fail'], // which has no addresses
  ['v=spf1 mx -all', '192.0.2.129', 'pass'],
  ['v=spf1 mx -all', '192.0.2.10', 'fail'],
  ['v=spf1 mx:example.org -all', '192.0.2.140', 'pass'],
  ['v=spf1 mx mx:example.org -all', '192.0.2.140', 'pass'],
  ['v=spf1 mx/30 mx:example.org/30 -all', '192.0.2.131', 'pass'],
  ['v=spf1 mx/30 mx:example.org/30 -all', '192.0.2.143', 'pass'],
  ['v=spf1 mx/30 mx:example.org/30 -all', '192.0.2.144', 'fail'],
  ['v=spf1 ptr -all', '192.0.2.65', 'pass'],
  ['v=spf1 ptr -all', '192.0.2.140', 'fail'],
  ['v=spf1 ptr -all', '10.0.0.4', 'fail'],
  ['v=spf1 ip4:192.0.2.128/28 -all', '192.0.2.129', 'pass'],
  ['v=spf1 ip4:192.0.2.128/28 -all', '192.0.2.65', 'fail'],
  ['v=spf1 include:example.net -all', '192.0.2.129', 'permerror'], // nothing there to include
]
for (const [record, address, expected] of examples)
  test(`RFC 7208 Appendix A: "${record}" of example.com and ${address}: ${expected}`, async () => {
    assert.equal((await ask({ ...rfc, 'TXT example.com': [record] }, { address })).is, expected)
  })

const zones: Records = {
  ...rfc,
  'TXT pass.example': ['v=spf1 +all'],
  'TXT fail.example': ['v=spf1 -all'],
  'TXT soft.example': ['v=spf1 ~all'],
  'TXT neutral.example': ['v=spf1 ?all'],
  'TXT broken.example': ['v=spf1 oops'],
  'TXT dead.example': 'trouble',
  'TXT other.example': ['google-site-verification=1'],
  'A dead.example': 'trouble',
  'MX dead.example': 'trouble',
  'MX null.example': [],
  'MX many.example': Array.from({ length: 11 }, (_, i) => `m${i}.example`),
  'MX ten.example': Array.from({ length: 10 }, (_, i) => `m${i}.example`),
  'A m9.example': ['192.0.2.10'],
  'AAAA six.example': ['2001:db8::1'],
  'A six.example': ['192.0.2.10'],
  'TXT loop.example': ['v=spf1 include:loop.example -all'],
  'TXT round.example': ['v=spf1 redirect=round.example'],
  'TXT cousin.example': ['v=spf1 exists:%{d}.seen.example -all'],
  'A cousin.example.seen.example': ['127.0.0.2'],
  'A 10.2.0.192.in-addr.seen.example': ['127.0.0.2'],
  'A foo:bar/baz.example.com': ['192.0.2.10'],
  'A macro%percent  space%20url.example.com': ['192.0.2.10'],
  'TXT dot.example': ['v=spf1 exists:%{d}.dotless.example -all'],
  'A dot.example.dotless.example': ['127.0.0.2'],
  'A strong-bad.of.example.com': ['127.0.0.2'],
  'A bad.strong.of.example.com': ['127.0.0.2'],
  'A mx.example.org': ['127.0.0.2'],
  'A example.com.named.example': ['127.0.0.2'],
}
const six = '2001:db8::1'
const nibbles = '20010db8000000000000000000000001'.split('').join('.')

const rules: readonly (readonly [what: string, ...Case])[] = [
  ['§4.5: no record', '', '192.0.2.10', 'none'],
  ['§4.5: another version is no record', 'v=spf10 -all', '192.0.2.10', 'none'],
  ['§4.5: the version in other letters', 'V=SpF1 -ALL', '192.0.2.10', 'fail'],
  ['§4.5: nothing but the version', 'v=spf1', '192.0.2.10', 'neutral'],
  ['§4.6.1: blanks between and behind', 'v=spf1  a   -all ', '192.0.2.10', 'pass'],
  ['§4.6: a tab is no blank', 'v=spf1 a\t-all', '192.0.2.10', 'permerror'],
  ['§4.6: a mistake behind what decides', 'v=spf1 a -all oops', '192.0.2.10', 'permerror'],
  ['§4.6: an unknown mechanism', 'v=spf1 moo:example.com -all', '192.0.2.10', 'permerror'],
  ['§4.6: eight-bit octets', 'v=spf1 a:caf\u00c3.example -all', '192.0.2.10', 'permerror'],
  ['§4.6.2: the first match counts', 'v=spf1 -ip4:192.0.2.10 +all', '192.0.2.10', 'fail'],
  ['§4.6.2: softfail', 'v=spf1 ~all', '192.0.2.10', 'softfail'],
  ['§4.6.2: neutral', 'v=spf1 ?all', '192.0.2.10', 'neutral'],
  ['§4.7: nothing matches', 'v=spf1 ip4:10.0.0.1', '192.0.2.10', 'neutral'],
  ['§4.4: DNS in trouble', 'v=spf1 include:dead.example -all', '192.0.2.10', 'temperror'],
  ['§4.4: trouble behind what decides is not seen', 'v=spf1 a a:dead.example -all', '192.0.2.10', 'pass'],
  ['§5: all takes no name', 'v=spf1 -all.', '192.0.2.10', 'permerror'],
  ['§5.1: all with a target', 'v=spf1 -all:foo.example', '192.0.2.10', 'permerror'],
  ['§5.2: an include that passes', 'v=spf1 -include:pass.example +all', '192.0.2.10', 'fail'],
  ['§5.2: an include that fails', 'v=spf1 include:fail.example ~all', '192.0.2.10', 'softfail'],
  ['§5.2: an include that half fails', 'v=spf1 include:soft.example -all', '192.0.2.10', 'fail'],
  ['§5.2: an include that says nothing', 'v=spf1 include:neutral.example -all', '192.0.2.10', 'fail'],
  ['§5.2: an include with a mistake', 'v=spf1 include:broken.example -all', '192.0.2.10', 'permerror'],
  ['§5.2: an include without record', 'v=spf1 include:other.example -all', '192.0.2.10', 'permerror'],
  ['§5.2: an include without name', 'v=spf1 include -all', '192.0.2.10', 'permerror'],
  ['§5.2: an include with a length', 'v=spf1 include:pass.example/24 -all', '192.0.2.10', 'permerror'],
  ['§5.3: a length of the network', 'v=spf1 a:amy.example.com/26 -all', '192.0.2.127', 'pass'],
  ['§5.3: a length of zero', 'v=spf1 a:amy.example.com/0 -all', '203.0.113.1', 'pass'],
  ['§5.3: a length over 32', 'v=spf1 a/33 -all', '192.0.2.10', 'permerror'],
  ['§5.3: a length with a leading zero', 'v=spf1 a/024 -all', '192.0.2.10', 'permerror'],
  ['§5.3: lengths of both families', 'v=spf1 a:six.example/8//64 -all', '2001:db8::9', 'pass'],
  ['§5.3: the length of IPv6 alone', 'v=spf1 a:six.example//127 -all', '2001:db8::9', 'fail'],
  ['§5.3: an empty name', 'v=spf1 a: -all', '192.0.2.10', 'permerror'],
  ['§5.3: a number at the end is no name', 'v=spf1 a:192.0.2.10 -all', '192.0.2.10', 'permerror'],
  ['§5.3: a name of one label', 'v=spf1 a:localhost -all', '192.0.2.10', 'permerror'],
  ['§5.3: a port is no name', 'v=spf1 a:example.com:8080 -all', '192.0.2.10', 'permerror'],
  ['§5.3: a name with a dot at the end', 'v=spf1 a:amy.example.com. -all', '192.0.2.65', 'pass'],
  ['§5.3: a client of IPv6 is asked for by AAAA', 'v=spf1 a:six.example -all', six, 'pass'],
  ['§5.3: AAAA is nothing to a client of IPv4', 'v=spf1 a:six.example -all', '192.0.2.10', 'pass'],
  ['§5.4: trouble', 'v=spf1 mx:dead.example -all', '192.0.2.10', 'temperror'],
  ['§5.4: a domain without exchanger', 'v=spf1 mx:null.example -all', '192.0.2.10', 'fail'],
  ['§5.4: no address of the domain in its place', 'v=spf1 mx:amy.example.com -all', '192.0.2.65', 'fail'],
  ['§4.6.4: ten exchangers', 'v=spf1 mx:ten.example -all', '192.0.2.10', 'pass'],
  ['§4.6.4: eleven exchangers', 'v=spf1 mx:many.example -all', '192.0.2.10', 'permerror'],
  ['§5.5: a name under another one', 'v=spf1 ptr:example.org -all', '192.0.2.140', 'pass'],
  ['§5.5: a name that only ends alike', 'v=spf1 ptr:le.com -all', '192.0.2.10', 'fail'],
  ['§5.5: ptr takes no length', 'v=spf1 ptr:example.com/0 -all', '192.0.2.10', 'permerror'],
  ['§5.6: an address', 'v=spf1 ip4:192.0.2.10 -all', '192.0.2.10', 'pass'],
  ['§5.6: a length of zero', 'v=spf1 ip4:10.0.0.1/0 -all', '192.0.2.10', 'pass'],
  ['§5.6: too short an address', 'v=spf1 ip4:192.0.2 -all', '192.0.2.10', 'permerror'],
  ['§5.6: too long a length', 'v=spf1 ip4:192.0.2.0/33 -all', '192.0.2.10', 'permerror'],
  ['§5.6: an empty network', 'v=spf1 ip4 -all', '192.0.2.10', 'permerror'],
  ['§5.6: IPv6 under ip4', 'v=spf1 ip4:2001:db8::1 -all', six, 'permerror'],
  ['§5.6: IPv4 under ip6', 'v=spf1 ip6:192.0.2.10 -all', '192.0.2.10', 'permerror'],
  ['§5.6: a network of IPv6', 'v=spf1 ip6:2001:DB8::/32 -all', six, 'pass'],
  ['§5.6: a length over 128', 'v=spf1 ip6:2001:db8::/129 -all', six, 'permerror'],
  ['§5.6: a zone is no part of an address', 'v=spf1 ip6:fe80::1%1 -all', six, 'permerror'],
  ['§5: IPv4 in IPv6 is IPv4', 'v=spf1 ip4:192.0.2.10 -all', '::ffff:192.0.2.10', 'pass'],
  ['§5: and no longer IPv6', 'v=spf1 ip6:::ffff:192.0.2.10 -all', '::ffff:192.0.2.10', 'fail'],
  ['§5: and is in no network of IPv6', 'v=spf1 ip6:::/0 -all', '192.0.2.10', 'fail'],
  ['§5.7: something exists', 'v=spf1 exists:amy.example.com -all', '203.0.113.1', 'pass'],
  ['§5.7: exists asks for A, also of IPv6', 'v=spf1 exists:amy.example.com -all', six, 'pass'],
  ['§5.7: nothing exists', 'v=spf1 exists:gone.example.com -all', '192.0.2.10', 'fail'],
  ['§5.7: exists without name', 'v=spf1 exists -all', '192.0.2.10', 'permerror'],
  ['§5.7: trouble', 'v=spf1 exists:dead.example -all', '192.0.2.10', 'temperror'],
  ['§6: an unknown modifier', 'v=spf1 moo=%{d}/x a -all', '192.0.2.10', 'pass'],
  ['§6: an unknown modifier with a broken macro', 'v=spf1 moo=%{q} a -all', '192.0.2.10', 'permerror'],
  ['§6: a modifier takes no qualifier', 'v=spf1 a -redirect=pass.example', '192.0.2.10', 'permerror'],
  ['§6: redirect twice', 'v=spf1 redirect=pass.example redirect=pass.example', '192.0.2.10', 'permerror'],
  ['§6: exp twice', 'v=spf1 a exp=pass.example exp=pass.example', '192.0.2.10', 'permerror'],
  ['§6.1: redirect', 'v=spf1 redirect=fail.example', '192.0.2.10', 'fail'],
  ['§6.1: redirect stands behind all mechanisms', 'v=spf1 redirect=fail.example a', '192.0.2.10', 'pass'],
  ['§6.1: redirect beside all', 'v=spf1 redirect=pass.example -all', '192.0.2.10', 'fail'],
  ['§6.1: redirect to a domain without record', 'v=spf1 redirect=other.example', '192.0.2.10', 'permerror'],
  ['§6.1: redirect to nothing', 'v=spf1 redirect=', '192.0.2.10', 'permerror'],
  ['§6.1: the domain is the other one', 'v=spf1 redirect=cousin.example', '192.0.2.10', 'pass'],
  ['§5.2: the domain is the included one', 'v=spf1 include:cousin.example -all', '192.0.2.10', 'pass'],
  ['§6.2: an explanation is passed over', 'v=spf1 a -all exp=%{ir}.why.example', '192.0.2.65', 'fail'],
  ['§6.2: an explanation with a mistake', 'v=spf1 a -all exp=-', '192.0.2.10', 'permerror'],
  ['§4.6.4: includes in a circle', 'v=spf1 include:loop.example -all', '192.0.2.10', 'permerror'],
  ['§4.6.4: redirects in a circle', 'v=spf1 redirect=round.example', '192.0.2.10', 'permerror'],
  ['§4.6.4: ten terms', `v=spf1${' a:bob.example.com'.repeat(10)} ~all`, '192.0.2.10', 'softfail'],
  ['§4.6.4: eleven terms', `v=spf1${' a:bob.example.com'.repeat(11)} ~all`, '192.0.2.10', 'permerror'],
  ['§4.6.4: the eleventh term behind what decides', `v=spf1 a${' a:bob.example.com'.repeat(11)}`, '192.0.2.10', 'pass'],
  [
    '§4.6.4: ten terms and redirect',
    `v=spf1${' a:bob.example.com'.repeat(10)} redirect=pass.example`,
    '192.0.2.10',
    'permerror',
  ],
  ['§4.6.4: terms without a look-up', `v=spf1${' ip4:10.0.0.1'.repeat(50)} a -all`, '192.0.2.10', 'pass'],
  ['§4.6.4: two names that are not there', 'v=spf1 a:x.example a:y.example a -all', '192.0.2.10', 'pass'],
  [
    '§4.6.4: three names that are not there',
    'v=spf1 a:x.example mx:y.example exists:z.example a -all',
    '192.0.2.10',
    'permerror',
  ],
  ['§7.2: the address', 'v=spf1 exists:%{ir}.%{v}.seen.example -all', '192.0.2.10', 'pass'],
  ['§7.2: the local part', 'v=spf1 exists:%{l}.of.%{o} -all', '192.0.2.10', 'pass'],
  ['§7.3: the local part divided at its hyphen', 'v=spf1 exists:%{lr-}.of.%{d} -all', '192.0.2.10', 'pass'],
  ['§7.2: the name of HELO', 'v=spf1 exists:%{h} -all', '192.0.2.10', 'pass'],
  ['§7.3: the name of the client', 'v=spf1 exists:%{p}.named.example -all', '192.0.2.10', 'pass'],
  ['§7.3: no such name', 'v=spf1 exists:%{p}.named.example -all', '203.0.113.1', 'fail'],
  ['§7.1: zero labels', 'v=spf1 exists:%{d0}.seen.example -all', '192.0.2.10', 'permerror'],
  ['§7.2: a letter for explanations', 'v=spf1 exists:%{c}.seen.example -all', '192.0.2.10', 'permerror'],
  ['§7.1: a percent sign alone', 'v=spf1 exists:%.seen.example -all', '192.0.2.10', 'permerror'],
  ['§7.1: a macro that does not end', 'v=spf1 exists:%{d -all', '192.0.2.10', 'permerror'],
  ['§7.1: a name that is no host name', 'v=spf1 a:foo:bar/baz.example.com -all', '192.0.2.10', 'pass'],
  ['§7.1: percent signs and blanks', 'v=spf1 a:macro%%percent%_%_space%-url.example.com -all', '192.0.2.10', 'pass'],
  ['§7.3: the dot behind a domain is none of it', 'v=spf1 include:dot.example. -all', '192.0.2.10', 'pass'],
  ['§4.8: a label of 64 octets', `v=spf1 a:${'x'.repeat(64)}.example.com a -all`, '192.0.2.10', 'pass'],
  ['§4.8: an empty label', 'v=spf1 a:mail..example.com a -all', '192.0.2.10', 'pass'],
  ['§4.8: a macro that makes no host name', 'v=spf1 exists:a%_b.example.com a -all', '192.0.2.10', 'pass'],
]
for (const [what, record, address, expected] of rules)
  test(`RFC 7208 ${what}: ${expected}`, async () => {
    const own: Records = record === '' ? {} : { 'TXT example.com': ['another text', record] }
    const { is, why } = await ask({ ...zones, ...own }, { address })
    assert.equal(is, expected, why)
    assert.ok(why.length > 0)
  })

test('RFC 7208 §4.5: two records are a mistake, whatever stands in them', async () => {
  assert.equal((await ask({ 'TXT example.com': ['v=spf1 +all', 'v=spf1 +all'] })).is, 'permerror')
})

for (const domain of ['example', '[192.0.2.10]', 'a..example', `${'x'.repeat(64)}.example`, 'gone.example'])
  test(`RFC 7208 §4.3: ${domain.slice(0, 12)} has no record`, async () => {
    assert.equal((await ask({ 'TXT example': ['v=spf1 +all'] }, { domain })).is, 'none')
  })

test('RFC 7208 §5.5: trouble with a reverse name is no match and nothing worse', async () => {
  const record = ['v=spf1 ptr ~all']
  const broken: Records = { 'TXT example.com': record, 'PTR 10.2.0.192.in-addr.arpa': 'trouble' }
  assert.equal((await ask(broken)).is, 'softfail')
  const half = { ...rfc, ...reverse('192.0.2.10', 'down.example', 'example.com'), 'A down.example': 'trouble' as const }
  assert.equal((await ask({ ...half, 'TXT example.com': record })).is, 'pass')
})

test('RFC 7208 §5.5: of many reverse names the first ten are looked at', async () => {
  const many = Array.from({ length: 11 }, (_, i) => (i < 10 ? `x${i}.example` : 'example.com'))
  const zone = { ...rfc, ...reverse('192.0.2.10', ...many), 'TXT example.com': ['v=spf1 ptr -all'] }
  assert.equal((await ask(zone)).is, 'fail')
})

/** RFC 7208 §7.4 */
const expansions: readonly (readonly [macro: string, expected: string])[] = [
  ['%{s}', 'strong-bad@email.example.com'],
  ['%{o}', 'email.example.com'],
  ['%{d}', 'email.example.com'],
  ['%{d4}', 'email.example.com'],
  ['%{d3}', 'email.example.com'],
  ['%{d2}', 'example.com'],
  ['%{d1}', 'com'],
  ['%{dr}', 'com.example.email'],
  ['%{d2r}', 'example.email'],
  ['%{l}', 'strong-bad'],
  ['%{l-}', 'strong.bad'],
  ['%{lr}', 'strong-bad'],
  ['%{lr-}', 'bad.strong'],
  ['%{l1r-}', 'strong'],
  ['%{ir}.%{v}._spf.%{d2}', '3.2.0.192.in-addr._spf.example.com'],
  ['%{lr-}.lp._spf.%{d2}', 'bad.strong.lp._spf.example.com'],
  ['%{lr-}.lp.%{ir}.%{v}._spf.%{d2}', 'bad.strong.lp.3.2.0.192.in-addr._spf.example.com'],
  ['%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}', '3.2.0.192.in-addr.strong.lp._spf.example.com'],
  ['%{d2}.trusted-domains.example.net', 'example.com.trusted-domains.example.net'],
  ['%{S}', 'strong-bad%40email.example.com'],
  ['a%%b%_c%-d', 'a%b c%20d'],
]
const values = {
  s: 'strong-bad@email.example.com',
  l: 'strong-bad',
  o: 'email.example.com',
  d: 'email.example.com',
  i: '192.0.2.3',
  p: 'unknown',
  h: 'mx.example.org',
  v: 'in-addr',
}
for (const [macro, expected] of expansions)
  test(`RFC 7208 §7.4: ${macro} is ${expected}`, () => {
    assert.equal(expand(parseMacros(macro)!, values), expected)
  })

test('RFC 7208 §7.3: IPv6 is written as half-octets, and a name too long loses its first labels', async () => {
  const zone: Records = { 'TXT example.com': ['v=spf1 exists:%{ir}.%{v}.e.example -all'] }
  const { resolver, asked } = namesOf(zone)
  await checkSpf({ address: six, local: 'a', domain: 'example.com', helo: '' }, { resolver, clock })
  assert.equal(asked[1], `A ${nibbles.split('.').toReversed().join('.')}.ip6.e.example`)
  const long = expand(parseTarget(`${'%{d}.'.repeat(10_000)}example`)!, values)
  assert.ok(long.length <= spfNameBytesMax && long.length > 200)
  assert.ok(long.startsWith('com.') || long.startsWith('example.') || long.startsWith('email.'))
})

test('DNS-09: a check asks a bounded number of questions, whatever the record says', async () => {
  const hosts = (n: number) => Array.from({ length: 10 }, (_, i) => `h${n}x${i}.example`)
  const domains = Array.from({ length: 30 }, (_, n) => `d${n}.example`)
  const zone: Records = {
    'TXT example.com': [`v=spf1 ${domains.map((name) => `mx:${name}`).join(' ')} -all`],
    ...Object.fromEntries(domains.map((name, n) => [`MX ${name}`, hosts(n)])),
  }
  const { resolver, asked } = namesOf(zone)
  const answer = await checkSpf(
    { address: '192.0.2.10', local: 'a', domain: 'example.com', helo: '' },
    { resolver, clock },
  )
  assert.equal(answer.is, 'permerror')
  assert.equal(asked.length, 1 + 10 * 11)
})

test('DNS-09: a check ends after 20 s, and asks nothing more', async () => {
  let waited = 0
  const hurried: Clock = { ...clock, sleep: async (ms) => void (waited = ms) }
  const { resolver, asked } = namesOf({ 'TXT example.com': 'silent' })
  const answer = await checkSpf(
    { address: '192.0.2.10', local: 'a', domain: 'example.com', helo: '' },
    { resolver, clock: hurried },
  )
  assert.deepEqual([answer.is, answer.why, waited], ['temperror', 'DNS took too long', 20_000])
  assert.equal(asked.length, 1)
})

test('DNS-09: 64 KB of text are no record', () => {
  assert.equal(parseSpf(`v=spf1 ${'a '.repeat(32_000)}`).ok, false)
})
