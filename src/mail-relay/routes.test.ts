// Which ladder a recipient gets: the ticks, the exceptions and their order, and what is held.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultSettings } from '#/config/settings.ts'
import { parseHost } from '#/config/host-name.ts'
import { alternateSchema, routeSchema, type RouteRow } from '#/config/relay-tables.ts'
import { parseAddress, type Address } from '#/message/address.ts'
import { describeLadder, ladderFor, tlsFor, type Ladder, type RouteRules } from './routes.ts'

const address = (text: string): Address => {
  const parsed = parseAddress(text)
  assert.ok(parsed.ok)
  return parsed.value
}
const smart = alternateSchema.parse({ name: 'smart', hosts: ['smart.example:587'] })
const other = alternateSchema.parse({ name: 'other', hosts: ['other.example'], tls: 'implicit' })
const alternates = new Map([smart, other].map((row) => [row.name, row]))

function rules(settings: Partial<RouteRules['settings']> = {}, rows: readonly object[] = []): RouteRules {
  return {
    settings: { ...defaultSettings.mailRelay, ...settings },
    rows: rows.map((row) => routeSchema.parse(row)),
    alternates,
  }
}
const mail = (to = 'bob@far.example', from: string | null = 'ann@here.example', allowedBy = 'access rule 3') => ({
  to: address(to),
  from: from === null ? null : address(from),
  allowedBy,
})
const names = (ladder: Ladder): string =>
  ladder.is === 'routes'
    ? ladder.routes.map((route) => (route.is === 'alternate' ? route.server.name : route.is)).join(' ')
    : ladder.is

const ticks: readonly [mx: boolean, address: boolean, alternate: string, expected: string, words: string][] = [
  [true, false, '', 'mx', "first the mail exchanger of the recipient's domain"],
  [false, true, '', 'address', "first the address of the recipient's domain"],
  [false, false, 'smart', 'smart', 'first the alternate server smart.example:587'],
  [
    true,
    true,
    'other',
    'mx address other',
    "first the mail exchanger of the recipient's domain, then the address of the recipient's domain, then the alternate server other.example:465",
  ],
  [true, false, 'gone', 'mx', "first the mail exchanger of the recipient's domain"],
  [false, false, '', 'unusable', 'kept until a route can be used'],
  [false, false, 'gone', 'unusable', 'kept until a route can be used'],
]

test('RO-32, RO-33 the ladder has the ticked routes in order; with none that can be used the mail is held', () => {
  for (const [mx, address, alternate, expected, words] of ticks) {
    const ladder = ladderFor(mail(), rules({ mx, address, alternate }))
    assert.equal(names(ladder), expected)
    assert.equal(describeLadder(ladder), words)
  }
})

/** From the least to the most specific: each beats all above it, in whatever order they stand. */
const matches: readonly RouteRow['match'][] = [
  { client: 'access rule 3' },
  { sender: '*.example' },
  { sender: 'here.example' },
  { sender: 'ann@here.example' },
  { sender: 'ann@here.example', client: 'access rule 3' },
  { recipient: '*.example' },
  { recipient: '*.far.example' },
  { recipient: 'deep.far.example' },
  { recipient: 'deep.far.example', sender: 'here.example' },
  { recipient: 'bob@deep.far.example' },
]

test('RO-32 the most specific exception wins, wherever it stands in the list', () => {
  for (const count of matches.keys()) {
    const rows = matches.slice(0, count + 1).map((match, i) => ({ match, routes: i === count ? ['fail'] : ['hold'] }))
    for (const order of [rows, rows.toReversed()])
      assert.equal(
        names(ladderFor(mail('Bob@deep.far.example'), rules({}, order))),
        'fail',
        JSON.stringify(matches[count]),
      )
  }
})

test('RO-32 among exceptions that are equally specific the first wins', () => {
  const rows = ['hold', 'fail'].map((route) => ({ match: { recipient: 'far.example' }, routes: [route] }))
  assert.equal(names(ladderFor(mail(), rules({}, rows))), 'hold')
})

const elsewhere: readonly [match: RouteRow['match'], ...given: Parameters<typeof mail>][] = [
  [{ recipient: '*.far.example' }, 'bob@far.example'],
  [{ recipient: '*.far.example' }, 'bob@notfar.example'],
  [{ recipient: 'far.example' }, 'bob@sub.far.example'],
  [{ recipient: 'bob@far.example' }, 'rob@far.example'],
  [{ sender: 'here.example' }, 'bob@far.example', null],
  [{ sender: '<>' }, 'bob@far.example', 'ann@here.example'],
  [{ client: 'ann' }, 'bob@far.example', 'ann@here.example', 'user annette'],
  [{ recipient: 'far.example', sender: 'here.example' }, 'bob@far.example', 'ann@there.example'],
]

test('an exception that does not match in every part leaves the default', () => {
  for (const [match, ...given] of elsewhere)
    assert.equal(
      names(ladderFor(mail(...given), rules({}, [{ match, routes: ['fail'] }]))),
      'mx',
      JSON.stringify(match),
    )
})

test('notices have the sender <>, users match by name', () => {
  const rows = [
    { match: { sender: '<>' }, routes: ['hold'] },
    { match: { client: 'Ann' }, routes: ['fail'] },
  ]
  assert.equal(names(ladderFor(mail('bob@far.example', null), rules({}, rows))), 'hold')
  assert.equal(names(ladderFor(mail('bob@far.example', 'ann@here.example', 'user ann'), rules({}, rows))), 'fail')
})

test('RO-29 two accounts on one server are chosen by the sender', () => {
  const rows = [
    { match: { sender: 'here.example' }, routes: ['alternate:smart'] },
    { match: { sender: 'there.example' }, routes: ['alternate:other', 'mx'] },
  ]
  assert.equal(names(ladderFor(mail(), rules({}, rows))), 'smart')
  const ladder = ladderFor(mail('bob@far.example', 'ann@there.example'), rules({}, rows))
  assert.equal(names(ladder), 'other mx')
  assert.equal(ladder.because, 'the exception for mail from there.example')
})

test('QU-12 a hold rule for sender or recipient holds whatever the routes are', () => {
  const holdRules = ['from:ann@here.example', 'to:*.slow.example']
  const rows = [{ match: { recipient: 'bob@far.example' }, routes: ['mx'] }]
  assert.equal(names(ladderFor(mail(), rules({ holdRules }, rows))), 'hold')
  assert.equal(names(ladderFor(mail('x@a.slow.example', 'x@y.example'), rules({ holdRules }))), 'hold')
  assert.equal(names(ladderFor(mail('x@slow.example', 'x@y.example'), rules({ holdRules }))), 'mx')
})

test('QU-12 what was released by hand is held by no rule again', () => {
  const rows = [
    { match: { recipient: 'far.example' }, routes: ['hold'] },
    { match: { sender: 'ann@here.example' }, routes: ['address'] },
  ]
  const all = rules({ holdRules: ['to:far.example'] }, rows)
  assert.equal(names(ladderFor(mail(), all)), 'hold')
  assert.equal(names(ladderFor({ ...mail(), released: true }, all)), 'address')
})

test('QU-11 a route chosen by hand counts more than every rule, and must be there', () => {
  const all = rules({ holdRules: ['to:far.example'] })
  assert.equal(names(ladderFor({ ...mail(), onceRoute: 'alternate:other' }, all)), 'other')
  assert.equal(names(ladderFor({ ...mail(), onceRoute: 'address' }, all)), 'address')
  assert.equal(names(ladderFor({ ...mail(), onceRoute: 'alternate:gone' }, all)), 'unusable')
})

test('RO-13 the strictest TLS rule for a domain wins', () => {
  const settings = {
    ...defaultSettings.mailRelay,
    tls: 'none' as const,
    tlsRequiredFor: ['*.bank.example', 'a.example'],
  }
  assert.equal(tlsFor('x.bank.example', settings), 'required')
  assert.equal(tlsFor('bank.example', settings), 'none')
  assert.equal(tlsFor('a.example', { ...settings, tlsVerifiedFor: ['a.example'] }), 'verified')
})

test('rows with a mistake are refused', () => {
  const routes = ['mx']
  const wrong = [
    { match: {}, routes },
    { match: { recipient: 'a*.example' }, routes },
    { match: { recipient: 'x@*.example' }, routes },
    { match: { recipient: 'far.example' }, routes: ['mx', 'hold'] },
    { match: { recipient: 'far.example' }, routes: ['smart'] },
    { match: { recipient: 'far.example' }, routes: [] },
  ]
  for (const row of wrong) assert.equal(routeSchema.safeParse(row).success, false, JSON.stringify(row))
})

test('RO-25 a host of an alternate server has a port or not, in brackets or not', () => {
  assert.deepEqual(parseHost('Smart.example'), { host: 'smart.example', port: null, exact: false })
  assert.deepEqual(parseHost('smart.example:587'), { host: 'smart.example', port: 587, exact: true })
  assert.deepEqual(parseHost('[smart.example]'), { host: 'smart.example', port: null, exact: true })
  assert.deepEqual(parseHost('[2001:db8::1]:25'), { host: '2001:db8::1', port: 25, exact: true })
  for (const text of ['', 'a b', 'a:0', 'a:65536', '2001:db8::1', 'a\r\n'])
    assert.equal(parseHost(text), null, JSON.stringify(text))
})
