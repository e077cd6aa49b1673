// The parts of Send E-Mail that decide something: how typed addresses part, what an answer quotes, when later is, which
// recipients share a way.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { bareAddress, nameIn, splitAddresses, withDomain, withName } from './addresses.ts'
import { answerTo, noFields } from './quote.ts'
import { hindrance, roomFor } from './ready.ts'
import { localMoment, localText, usualTimes } from './when.ts'
import { stopsOf } from './will.ts'
import type { Preview, Recipient } from './writing.svelte.ts'

const typed: readonly [string, readonly string[]][] = [
  ['a@b.example, c@d.example;e@f.example\ng@h.example', ['a@b.example', 'c@d.example', 'e@f.example', 'g@h.example']],
  ['"Last, First" <a@b.example>, c@d.example', ['"Last, First" <a@b.example>', 'c@d.example']],
  ['First Last <a@b.example>;', ['First Last <a@b.example>']],
  ['  ,, ; ', []],
  ['a@b.example (home, work)', ['a@b.example (home, work)']],
]
for (const [text, found] of typed)
  test(`typed ${JSON.stringify(text)} is ${found.length} addresses`, () =>
    assert.deepEqual(splitAddresses(text), found))

test('a name goes round an address and comes off again, whatever it holds', () => {
  for (const name of ['Ann', 'Ann "the" Other', 'Other, Ann', '']) {
    const text = withName(name, 'ann@a.example')
    assert.equal(bareAddress(text), 'ann@a.example')
    assert.equal(nameIn(text).replace(/\\/g, ''), name)
  }
  assert.equal(withDomain('Anna <anna@exmaple.org>', 'example.org'), 'Anna <anna@example.org>')
})

const person = (name: string, address: string) => ({ name, address })
const message = {
  subject: 'Boat',
  from: [person('Jens, J', 'jens@far.example')],
  to: [person('', 'Ann@here.example'), person('', 'cy@far.example')],
  cc: [person('', 'jens@far.example'), person('', 'dan@far.example')],
  replyTo: [],
  messageId: '<3@far.example>',
  fields: [{ name: 'References', text: '<1@a> <2@b>', raw: '' }],
  text: 'one\n> two\n',
}
const words = { wrote: (name: string) => `${name} wrote:`, forwarded: 'Forwarded', fields: [['From', 'x']] as const }
const own = ['info@here.example', 'ann@here.example']

test('an answer goes to the sender, from the address that was written to, quoted, in its thread', () => {
  assert.deepEqual(answerTo(message, 'reply', { own, words }), {
    ...noFields,
    from: 'Ann@here.example',
    to: ['"Jens, J" <jens@far.example>'],
    subject: 'Re: Boat',
    text: '\n\nJens, J wrote:\n> one\n>> two\n',
    references: ['<1@a>', '<2@b>', '<3@far.example>'],
  })
})

test('an answer to all leaves out oneself and who gets it already; one is not answered twice in the subject', () => {
  const all = answerTo({ ...message, subject: 'AW: Boat' }, 'all', { own, words })
  assert.deepEqual([all.cc, all.subject], [['cy@far.example', 'dan@far.example'], 'AW: Boat'])
  const reply = answerTo({ ...message, replyTo: [person('', 'list@far.example')] }, 'reply', { own, words })
  assert.deepEqual(reply.to, ['list@far.example'])
})

test('what is sent on names nobody and begins no thread', () => {
  const { to, text, references, subject } = answerTo(message, 'forward', { own, words })
  assert.deepEqual([to, references, subject], [[], [], 'Fwd: Boat'])
  assert.match(text, /Forwarded[^]*From: x\n\none/)
})

test('usual times lie ahead, at eight, and read back as they are written', () => {
  for (const now of [new Date(2026, 10, 30, 7), new Date(2026, 11, 31, 23, 59), new Date(2027, 1, 27)].map(Number)) {
    const [hour, tomorrow, monday] = usualTimes(now)
    assert.ok(hour >= now + 3_600_000 && tomorrow > now && monday > now)
    assert.deepEqual([new Date(tomorrow).getHours(), new Date(monday).getDay()], [8, 1])
    assert.equal(localMoment(localText(tomorrow)), tomorrow)
  }
  assert.equal(localMoment(''), null)
})

const recipient = (address: string, more: Partial<Recipient> = {}): Recipient => ({
  text: address,
  address,
  is: 'remote',
  mailboxes: [],
  ways: [{ is: 'mx', server: null }],
  host: 'mx.far.example',
  problem: null,
  waits: null,
  suggestion: null,
  ...more,
})
const preview: Preview = {
  recipients: [],
  sender: null,
  warnings: [],
  sizeBytes: 100_000,
  limit: { bytesMax: 1_000_000, by: null },
  undoMs: 0,
  paused: false,
}

test('recipients that share a way stand together: here first, problems last', () => {
  const stops = stopsOf([
    recipient('x@far.example', { problem: 'no' }),
    recipient('b@far.example'),
    recipient('C@far.example'),
    recipient('ann@here.example', { is: 'local', mailboxes: ['ann'] }),
    recipient('bob@here.example', { is: 'local', mailboxes: ['bob'] }),
  ])
  assert.deepEqual(
    stops.map(({ is, whom }) => [is, whom]),
    [
      ['here', ['ann@here.example', 'bob@here.example']],
      ['out', ['b@far.example', 'c@far.example']],
      ['problem', ['x@far.example']],
    ],
  )
})

test('SE-05, SE-06 what hinders is named: nobody, a wrong address, the sender, a file on its way, the size', () => {
  const fields = { ...noFields, to: ['a@b.example'] }
  const ready = { preview, wrong: [], fields, bringing: [] }
  assert.equal(hindrance(ready), null)
  assert.equal(hindrance({ ...ready, fields: noFields }), 'whyNobody')
  assert.equal(hindrance({ ...ready, wrong: [recipient('x')] }), 'whyAddress')
  assert.equal(hindrance({ ...ready, preview: { ...preview, sender: 'no' } }), 'whySender')
  assert.equal(hindrance({ ...ready, preview: { ...preview, sizeBytes: 2_000_000 } }), 'whySize')
  const room = roomFor(preview)
  assert.ok(room > 600_000 && 100_000 + (room * 78) / 57 <= 1_000_000)
})
