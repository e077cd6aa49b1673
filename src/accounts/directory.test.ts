// Where addresses lead, as tables: a world, then address → who gets it, and why. AD-01 to AD-16
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAddress, parseAddress, type Address } from '#/message/address.ts'
import type { AddressRow } from '#/storage/store.ts'
import { DirectoryIndex } from './directory-index.ts'
import { accountsRig, type Tables } from './test-rig.ts'
import type { Directory } from './types.ts'

function address(text: string): Address {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem}`)
  return parsed.value
}

function leads(directory: Directory, text: string): { to: string; because: string } {
  const found = directory.resolve(address(text))
  const because = found.because.join('; ')
  if (found.is === 'refused') return { to: `${found.reply.code} ${found.reply.status}`, because }
  if (found.is !== 'local') return { to: found.is, because }
  return { to: [...found.mailboxes.map(({ name }) => name), ...found.outside.map(formatAddress)].join(' '), because }
}

type Case = readonly [title: string, address: string, to: string, because?: RegExp]
type World = { readonly name: string; readonly tables: Tables; readonly cases: readonly Case[] }

const people = { ann: {}, bob: {}, cat: {} }
const chain = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`a${i}@example.org`, `a${i + 1}@example.org`]))
const outsiders = (count: number): string[] => Array.from({ length: count }, (_, i) => `u${i}@outside.example`)

const worlds: readonly World[] = [
  {
    name: 'every kind of domain',
    tables: {
      mailboxes: people,
      domains: [
        ['example.org', 'by-name', 'cat'],
        ['one.example', 'one-mailbox', 'bob'],
        ['only.example', 'addresses-only'],
        ['alias.example', 'alias', 'example.org'],
        ['second.example', 'alias', 'alias.example'],
        ['astray.example', 'alias', 'elsewhere.example'],
        ['x.example', 'alias', 'y.example'],
        ['y.example', 'alias', 'x.example'],
        ['lost.example', 'one-mailbox', 'nobody'],
      ],
      addresses: {
        'info@example.org': 'ann',
        'bob@example.org': 'ann',
        'info+x@example.org': 'bob',
        'both@example.org': ['ann', 'bob', 'ann'],
        'sales@example.org': ['ann', 'friend@Outside.example'],
        'temporary@example.org': { targets: ['ann'], expiresAt: 5 },
        'later@example.org': { targets: ['ann'], expiresAt: 8e15 },
        'list-*@example.org': 'ann',
        'list-*-owner@example.org': 'bob',
        'a*@only.example': 'ann',
        'a*bc@only.example': 'bob',
        'info@only.example': 'ann',
        'info@alone.example': 'bob',
      },
    },
    cases: [
      ['AD-01: an alias domain is rewritten first', 'ann@alias.example', 'ann', /alias\.example is another name of ex/],
      ['AD-01: an alias of an alias', 'ann@second.example', 'ann', /second\.example is another name of example\.org/],
      ['AD-01: a mapping of the real domain holds at its alias', 'info@alias.example', 'ann'],
      ['an alias of a domain that is not ours is our mistake', 'ann@astray.example', '451 4.3.5', /elsewhere\.example/],
      ['aliases in a circle are our mistake', 'ann@x.example', '451 4.3.5', /its own alias/],
      ['AD-01: a mapping', 'info@example.org', 'ann', /info@example\.org is mapped to ann/],
      ['AD-01: several targets, each once (AD-09)', 'both@example.org', 'ann bob'],
      ['AD-03: a mapping wins over the mailbox of that name', 'bob@example.org', 'ann', /mapped/],
      ['AD-04: case and trailing dot say nothing', 'INFO@EXAMPLE.ORG.', 'ann'],
      ['AD-01: a mailbox by name', 'ann@example.org', 'ann', /mailbox ann has this name/],
      ['AD-07: a detail is ignored', 'ann+lists@example.org', 'ann', /before the detail/],
      ['AD-07: it begins at the first separator', 'ann+a+b@example.org', 'ann'],
      ['AD-07: a mapping with detail wins', 'info+x@example.org', 'bob'],
      ['AD-07: a mapping without detail holds with one', 'info+y@example.org', 'ann'],
      ['AD-08: quotes that say nothing', '"ann"@example.org', 'ann'],
      ['AD-08: no percent hack', 'x%outside.example@example.org', 'cat', /sends the rest/],
      ['AD-01: a pattern before the catch', 'list-a@example.org', 'ann', /list-\*@/],
      ['AD-01: the pattern with most literal text', 'list-a-owner@example.org', 'bob'],
      ['AD-01: the pattern with most literal text, not the longest', 'axbc@only.example', 'bob'],
      ['AD-01: the domain catch comes last', 'anybody@example.org', 'cat', /example\.org sends the rest to cat/],
      ['AD-02: the catch takes no mailbox, mapping, detail or postmaster', 'postmaster@example.org', 'ann'],
      ['AD-13: names of a domain that is not by name are its own', 'ann@one.example', 'bob'],
      ['AD-13: nor is a mailbox reached by name there', 'ann@only.example', 'ann', /a\*@only\.example/],
      ['AD-13: nor where nothing is mapped', 'bob@only.example', 'unknown', /nobody here is called bob@only/],
      ['AD-14: an outside target beside the own copy', 'sales@example.org', 'ann friend@outside.example'],
      ['AD-16: an address that has expired', 'temporary@example.org', '550 5.1.6', /has expired/],
      ['AD-16: one that has not', 'later@example.org', 'ann'],
      ['a domain that has only addresses', 'info@alone.example', 'bob'],
      ['and nobody else', 'ann@alone.example', 'unknown'],
      ['AD-11: a target that is gone is told', 'ann@lost.example', 'unknown', /mailbox nobody does not exist/],
      ['a domain of others', 'ann@outside.example', 'remote', /not a domain of this server/],
      ['a mailbox at the name of this host', 'ann@mx.example.org', 'ann'],
      ['IN-18: postmaster at any local domain', 'Postmaster@alone.example', 'ann', /mail for the postmaster/],
      ['IN-18: but not of others', 'postmaster@outside.example', 'remote'],
    ],
  },
  {
    name: 'what becomes of the rest of a domain',
    tables: {
      mailboxes: people,
      domains: [
        ['list.example', 'by-name', 'team@list.example'],
        ['out.example', 'by-name', 'Me@Elsewhere.example'],
        ['drop.example', 'by-name', 'discard'],
        ['none.example', 'by-name'],
        ['round.example', 'by-name', 'rest@round.example'],
      ],
      addresses: {
        'team@list.example': ['ann', 'bob', 'far@elsewhere.example'],
        'mixed@list.example': ['cat', 'x@drop.example'],
      },
    },
    cases: [
      ['AD-15: a list', 'any@list.example', 'ann bob far@elsewhere.example', /sends the rest to team@list\.example/],
      ['AD-15: an outside address', 'any@out.example', 'Me@elsewhere.example'],
      ['AD-15: nobody', 'any@drop.example', 'discarded', /drop\.example discards the rest/],
      ['AD-15: a refusal', 'any@none.example', 'unknown'],
      ['AD-15: a mailbox comes before it', 'cat@drop.example', 'cat'],
      ['AD-15, IN-18: the postmaster is never discarded', 'postmaster@drop.example', 'ann'],
      ['AD-15: who else is meant gets it', 'mixed@list.example', 'cat'],
      ['AD-15, AD-10: one that leads back to itself', 'any@round.example', 'unknown', /leads back to itself/],
    ],
  },
  {
    name: 'loops and long chains',
    tables: {
      mailboxes: people,
      domains: [['example.org', 'by-name']],
      addresses: {
        ...chain,
        'a25@example.org': 'ann',
        'loop@example.org': 'loop@example.org',
        'ping@example.org': 'pong@example.org',
        'pong@example.org': 'ping@example.org',
        'list@example.org': ['list@example.org', 'ann', 'bob'],
        'diamond@example.org': ['left@example.org', 'right@example.org'],
        'left@example.org': ['list@example.org'],
        'right@example.org': ['list@example.org', 'cat'],
        'crowd@example.org': outsiders(1000),
        'mob@example.org': outsiders(1001),
        'mobs@example.org': ['ann', 'mob@example.org'],
      },
    },
    cases: [
      ['AD-10: a loop of one', 'loop@example.org', 'unknown', /loop@example\.org leads back to itself/],
      ['AD-10: a loop of two', 'ping@example.org', 'unknown', /ping@example\.org leads back to itself/],
      ['AD-10: a list that contains itself', 'list@example.org', 'ann bob'],
      ['AD-10: two ways to one list', 'diamond@example.org', 'ann bob cat'],
      ['AD-10: a chain of twenty', 'a6@example.org', 'ann'],
      ['AD-10: a longer one', 'a0@example.org', '451 4.3.5', /too many/],
      ['AD-10: a thousand members', 'crowd@example.org', outsiders(1000).join(' ')],
      ['AD-10: one more', 'mob@example.org', '451 4.3.5', /too many/],
      ['AD-10: one more, behind another', 'mobs@example.org', '451 4.3.5', /too many/],
    ],
  },
  {
    name: 'mailboxes that are switched off',
    tables: {
      mailboxes: { ann: { disabled: 'refuse' }, bob: { disabled: 'defer' }, cat: { disabled: 'no-login' }, dan: {} },
      domains: [['example.org', 'by-name']],
      addresses: {
        'two@example.org': ['ann', 'dan'],
        'off@example.org': ['ann', 'bob'],
        'forward@example.org': ['ann', 'ann@outside.example'],
        'postmaster@only.example': 'ann',
        'abuse@only.example': { targets: ['dan'], expiresAt: 5 },
      },
      server: { postmaster: 'ann' },
    },
    cases: [
      ['AD-12: refused', 'ann@example.org', '550 5.2.1', /mailbox ann is switched off/],
      ['AD-12: deferred', 'bob@example.org', '450 4.2.1'],
      ['AD-12: mail but no login', 'cat@example.org', 'cat'],
      ['AD-12: one of several is left out', 'two@example.org', 'dan', /mailbox ann is switched off/],
      ['AD-12: nobody is left, one only waits', 'off@example.org', '450 4.2.1'],
      ['AD-12: the outside target is kept', 'forward@example.org', 'ann@outside.example'],
      [
        'IN-18: postmaster goes to the next that takes mail',
        'postmaster@example.org',
        'cat',
        /switched off|goes to cat/,
      ],
      ['IN-18: also when its mapping leads nowhere', 'postmaster@only.example', 'cat'],
      ['IN-18: abuse too', 'abuse@only.example', 'cat'],
    ],
  },
  {
    name: 'acceptAddresses off',
    tables: {
      mailboxes: people,
      domains: [['example.org', 'by-name']],
      addresses: { 'info@example.org': 'ann', 'l*@example.org': 'ann', 'info@alone.example': 'ann' },
      mailServer: { acceptAddresses: false, plusSeparator: '-' },
    },
    cases: [
      ['D7: no mapping', 'info@example.org', 'unknown'],
      ['D7: no pattern', 'list@example.org', 'unknown'],
      ['D7: no domain by its addresses', 'info@alone.example', 'remote'],
      ['AD-07: another separator', 'ann-x@example.org', 'ann'],
      ['AD-07: the usual one is a part of the name then', 'ann+x@example.org', 'unknown'],
    ],
  },
  {
    name: 'acceptDomains off',
    tables: {
      mailboxes: people,
      domains: [
        ['example.org', 'by-name', 'cat'],
        ['one.example', 'one-mailbox', 'bob'],
        ['alias.example', 'alias', 'example.org'],
      ],
      addresses: { 'info@example.org': 'ann' },
      mailServer: { acceptDomains: false, acceptLocalMailboxes: false },
    },
    cases: [
      ['D7: a mapping is another switch', 'info@example.org', 'ann'],
      ['D7: no mailbox by name', 'bob@example.org', 'unknown'],
      ['D7: no catch', 'anybody@example.org', 'unknown'],
      ['D7: no domain', 'bob@one.example', 'remote'],
      ['D7: no mailbox of this host', 'ann@mx.example.org', 'remote'],
      ['an alias is as local as what it stands for', 'info@alias.example', 'ann'],
    ],
  },
]

for (const { name, tables, cases } of worlds)
  test(`AD-01: where addresses lead: ${name}`, async (t) => {
    await using rig = await accountsRig(tables)
    for (const [title, text, to, because] of cases)
      await t.test(title, () => {
        const found = leads(rig.directory, text)
        assert.equal(found.to, to)
        if (because) assert.match(found.because, because)
      })
  })

test('AD-17, PS-15: a login name is a mailbox, an address or an address with detail; a list is nobody', async () => {
  await using rig = await accountsRig(worlds[0]!.tables)
  const names = [
    'ann',
    'ANN',
    'info@example.org',
    'Ann+x@Example.org',
    'both@example.org',
    'sales@example.org',
    'x y@',
    '',
  ]
  assert.deepEqual(
    names.map((name) => rig.directory.mailbox(name)?.name),
    ['ann', 'ann', 'ann', 'ann', undefined, undefined, undefined, undefined],
  )
})

test('with 100,000 mappings "is this domain ours" and "who is this" search nothing', () => {
  const row = (i: number): AddressRow => ({ address: `u@d${i}.example`, targets: ['ann'], note: '', expiresAt: null })
  const addresses = Array.from({ length: 100_000 }, (_, i) => row(i))
  const index = new DirectoryIndex({ mailboxes: [], domains: [], addresses, access: [] })
  const began = performance.now()
  for (let i = 0; i < 100_000; i++) assert.ok(!index.addressDomains.has(`x${i}.example`))
  assert.ok(index.addressDomains.has('d99999.example') && index.addresses.has('u@d99999.example'))
  assert.ok(performance.now() - began < 1000) // a search would take minutes
})
