// Messages from programs without an envelope: lists of addresses, Bcc, missing fields, line ends. SE-02, SE-03
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatAddress, parseAddress, type Address } from './address.ts'
import { parseAddressList } from './address-list.ts'
import { prepareSubmission, type Submission } from './submission.ts'
import { fieldsNamed, parseEntity, readByPython } from './test-parser.ts'

const address = (text: string): Address => {
  const parsed = parseAddress(text)
  assert.ok(parsed.ok, text)
  return parsed.value
}
const own = address('root@host.example')
const octets = (text: string): Buffer => Buffer.from(text, 'utf8')

const lists: readonly [value: string, addresses: string, problems: number][] = [
  ['', '', 0],
  ['ann@a.example', 'ann@a.example', 0],
  ['Ann <ann@a.example>, bob@b.example', 'ann@a.example bob@b.example', 0],
  ['"Doe, Ann" <ann@a.example>', 'ann@a.example', 0],
  ['"a \\" <x@y.example>, " <ann@a.example>', 'ann@a.example', 0],
  ['ann@a.example (Ann (the (first), <eve@e.example>))', 'ann@a.example', 0],
  ['(only a comment)', '', 0],
  ['undisclosed-recipients:;', '', 0],
  ['Team: ann@a.example, Bob <bob@b.example>; , carl@c.example', 'ann@a.example bob@b.example carl@c.example', 0],
  ['A:b@b.example;C:d@d.example;', 'b@b.example d@d.example', 0],
  ['<@one.example,@two.example:ann@a.example>', 'ann@a.example', 0],
  ['ann (x) @ (y) a.example', 'ann@a.example', 0],
  ['ann . lee @ a . example', 'ann.lee@a.example', 0],
  ['"ann lee"@a.example', '"ann lee"@a.example', 0],
  ['ann@[192.0.2.1], b@[IPv6:2001:db8::1]', 'ann@[192.0.2.1] b@[ipv6:2001:db8::1]', 0],
  ['root', 'root@host.example', 0],
  ['Cron <root>', 'root@host.example', 0],
  [',, ann@a.example,,', 'ann@a.example', 0],
  ['ann@a.example bob@b.example', '', 1],
  ['ann@a.example, bob@, carl@c.example', 'ann@a.example carl@c.example', 1],
  ['Ann <ann@a.example> x', '', 1],
  ['Ann <ann@a.example', '', 1],
  ['<>', '', 1],
  ['"ann', '', 1],
  ['(ann', '', 1],
  ['ann@a.example\\', '', 1],
  ['j\xc3\xb6rg@a.example', 'jörg@a.example', 0],
  ['J\xc3\xb6rg <j@b\xc3\xbccher.example>', 'j@xn--bcher-kva.example', 0],
  ['j\xf6rg@a.example', '', 1],
  ['__proto__@a.example', '__proto__@a.example', 0],
]
for (const [value, addresses, problems] of lists)
  test(`SE-02: the list ${JSON.stringify(value)} names "${addresses}"`, () => {
    const list = parseAddressList(value, own.domain)
    assert.equal(list.correspondents.map((one) => formatAddress(one.address)).join(' '), addresses)
    assert.equal(list.problems.length, problems, list.problems.join())
  })

test('SE-02: a name without a domain is nobody where no domain is given', () => {
  assert.equal(parseAddressList('root', null).problems.length, 1)
})

for (const unit of ['(', '"', '<', 'a,', 'a:', ';', '\\', '[', ' ', 'a b,', '((', 'a@b.example,'])
  test(`MSG-03: half a megabyte of ${JSON.stringify(unit)} as addresses is read at once`, () => {
    const startedAt = performance.now()
    const list = parseAddressList(unit.repeat(524_288 / unit.length), own.domain)
    assert.ok(list.correspondents.length <= 10_000 && list.problems.length <= 11)
    assert.ok(performance.now() - startedAt < 2000)
  })

const context = { at: 0, messageId: '<new@host.example>', defaultFrom: own }
const prepare = (text: string): Submission => prepareSubmission(octets(text), context)
const names = (submission: Submission): string => submission.to.map(formatAddress).join(' ')

const envelopes: readonly [header: string, to: string, from: string][] = [
  ['From: ann@a.example\nTo: b@b.example\nCc: c@c.example\nBcc: d@d.example\n', 'b@b.example c@c.example d@d.example', 'ann@a.example'], // prettier-ignore
  ['To: b@b.example, B@b.example\nCc: b@B.example\n', 'b@b.example', 'root@host.example'],
  ['From: ann@a.example\nSender: s@a.example\nTo: b@b.example\n', 'b@b.example', 's@a.example'],
  ['From: a@a.example, b@a.example\nTo: x@x.example\nTo: y@y.example\n', 'x@x.example y@y.example', 'a@a.example'],
  ['Resent-To: r@r.example\nResent-From: me@m.example\nTo: b@b.example\nBcc: d@d.example\n', 'r@r.example', 'me@m.example'], // prettier-ignore
  ['Resent-To: r@r.example\nResent-To: old@o.example\nTo: b@b.example\n', 'r@r.example', 'root@host.example'],
  ['Resent-Bcc: r@r.example\nReceived: x\nResent-Cc: old@o.example\n', 'r@r.example', 'root@host.example'],
  ['Received: x\nResent-To: r@r.example\n', 'r@r.example', 'root@host.example'],
  ['Subject: nobody\n', '', 'root@host.example'],
]
for (const [header, to, from] of envelopes)
  test(`SE-02: ${JSON.stringify(header)} goes to "${to}"`, () => {
    const submission = prepare(`${header}\nBody\n`)
    assert.equal(names(submission), to)
    assert.equal(submission.from && formatAddress(submission.from), from)
  })

const bccs = [
  'Bcc: eve@e.example\n',
  'BCC : eve@e.example\n',
  'bcc\t: eve@e.example\n',
  'Bcc: "x" <eve@e.example>,\n\tEve Two\n <eve2@e.example>\n',
  'Bcc:\n eve@e.example\n',
  'Bcc: eve@e.example\r\n',
  'Bcc: eve@e.example\nBcc: eve@e.example\n',
  'Resent-Bcc: eve@e.example\n',
  'Resent-To: x@x.example\nResent-Bcc:eve@e.example\nBcc: eve2@e.example\n',
  'X: y\rBcc: eve@e.example\r\r\n',
]
for (const bcc of bccs)
  test(`SE-02: nobody else learns of ${JSON.stringify(bcc)}`, () => {
    for (const text of [`${bcc}Subject: x\n\nBody\n`, `Subject: x\n${bcc}\nBody\n`, `Subject: x\n${bcc}`]) {
      const submission = prepare(text)
      assert.ok(names(submission).includes('eve@e.example'))
      assert.doesNotMatch(Buffer.from(submission.content).toString(), /eve/i)
    }
  })

test('SE-03: From, Date, Message-ID and MIME-Version are added where they are missing, and never twice', () => {
  const added = parseEntity(prepare('To: b@b.example\n\nHello\n').content)
  assert.deepEqual(added.fields, [
    ['From', 'root@host.example'],
    ['Date', 'Thu, 1 Jan 1970 00:00:00 +0000'],
    ['Message-ID', '<new@host.example>'],
    ['MIME-Version', '1.0'],
    ['To', 'b@b.example'],
  ])
  const full =
    'from: a@a.example\r\ndate : Thu, 1 Jan 2026 00:00:00 +0000\r\nmessage-id: <x@y>\r\nmime-version: 1.0\r\n'
  assert.equal(Buffer.from(prepare(`${full}\r\nHello\r\n`).content).toString(), `${full}\r\nHello\r\n`)
  const resent = parseEntity(prepare(`Resent-To: r@r.example\r\n${full}\r\n`).content)
  assert.deepEqual(
    resent.fields.slice(0, 2).map(([name]) => name),
    ['Resent-Date', 'Resent-Message-ID'],
  )
  const nobody = prepareSubmission(octets('To: root\n\nx'), { ...context, defaultFrom: null })
  assert.deepEqual([nobody.from, nobody.to.length, nobody.problems.length], [null, 0, 1])
  assert.deepEqual(fieldsNamed(parseEntity(nobody.content), 'From'), [])
})

const named: readonly [value: string, name: string | null][] = [
  ['ann@a.example', null],
  ['Ann  Lee <ann@a.example>', 'Ann Lee'],
  ['"Lee, \\"A\\"" <ann@a.example>', 'Lee, "A"'],
  ['ann@a.example (Ann \\(Lee\\))', 'Ann (Lee)'],
  ['J\xc3\xb6rg (home) <ann@a.example> (x)', 'Jörg (home)'],
  ['<ann@a.example>', null],
]
for (const [value, name] of named)
  test(`SE-03: ${JSON.stringify(value)} is the address of ${name}`, () => {
    assert.equal(parseAddressList(value, null).correspondents[0]?.name, name)
  })

const rewritten: readonly [field: string, becomes: string][] = [
  ['Subject: Lunch', 'Subject: Lunch'],
  ['SUBJECT : Grüße', 'SUBJECT: =?utf-8?B?R3LDvMOfZQ==?='],
  ['To: root', 'To: root@host.example'],
  ['From: root (Cron Daemon)', 'From: Cron Daemon <root@host.example>'],
  ['Cc: "(Cron Daemon)" <root>, b@b.example', 'Cc: "(Cron Daemon)" <root@host.example>, b@b.example'],
  ['To: Jörg <j@a.example>,\r\n b@b.example', 'To: =?utf-8?B?SsO2cmc=?= <j@a.example>, b@b.example'],
  ['To: Ann  <a@a.example>,\r\n\tb@b.example', 'To: Ann  <a@a.example>,\r\n\tb@b.example'],
  ['To: Grüppe: root;', 'To: Grüppe: root;'], // a group, or what cannot be read, stays
  ['To: Jörg <j@', 'To: Jörg <j@'],
  ['Subject: ü\u0007', 'Subject: ü\u0007'],
  ['Content-Type: text/plain; name="ü"', 'Content-Type: text/plain; name="ü"'],
]
for (const [field, becomes] of rewritten)
  test(`SE-03: ${JSON.stringify(field)} leaves as ${JSON.stringify(becomes)}`, () => {
    const { content } = prepare(`${field}\r\n\r\n`)
    assert.ok(
      Buffer.from(content).toString().includes(`\r\n${becomes}\r\n`) ||
        Buffer.from(content).toString().startsWith(`${becomes}\r\n`),
    )
  })

test('SE-03: an 8-bit body without a type is declared as what it is', () => {
  const [utf8, other, typed] = [
    octets('To: b@b.example\n\nGrüße\n'),
    Buffer.from('To: b@b.example\n\nGr\xfc\xdfe\n', 'latin1'),
    Buffer.from('To: b@b.example\nContent-Type: text/plain; charset=iso-8859-1\n\nGr\xfc\xdfe\n', 'latin1'),
  ].map((raw) => parseEntity(prepareSubmission(raw, context).content))
  assert.deepEqual(fieldsNamed(utf8!, 'Content-Type'), ['text/plain; charset=utf-8'])
  assert.deepEqual(fieldsNamed(utf8!, 'Content-Transfer-Encoding'), ['8bit'])
  assert.deepEqual(fieldsNamed(other!, 'Content-Type'), ['text/plain; charset=unknown-8bit'])
  assert.deepEqual(fieldsNamed(typed!, 'Content-Type'), ['text/plain; charset=iso-8859-1'])
})

const bodies: readonly [raw: string, body: string][] = [
  ['A: b\n\nx\ny', 'x\r\ny\r\n'],
  ['A: b\n\n.\n..\n', '.\r\n..\r\n'],
  ['A: b\r\n\r\nx\r\n', 'x\r\n'],
  ['A: b\n\nx\ry\r\r\nz\n', 'x\r\ny\r\nz\r\n'],
  ['From root Thu Jan 1 00:00:00 1970\nA: b\n\nFrom me\n', 'From me\r\n'],
  ['no header here\nTo: eve@e.example\n', 'no header here\r\nTo: eve@e.example\r\n'],
  ['\nonly a body\n', 'only a body\r\n'],
  ['A: b', ''],
  ['', ''],
]
for (const [raw, body] of bodies)
  test(`RO-24, SE-03: the body of ${JSON.stringify(raw)} is ${JSON.stringify(body)}`, () => {
    assert.equal(parseEntity(prepare(raw).content).body, body)
  })

test('SE-02: more than one From or Sender is told', () => {
  assert.deepEqual(
    prepare('From: a@a.example\nFrom: b@a.example\nSender: x@x.example\nSender: y@x.example\n\n').problems,
    ['There is more than one from', 'There is more than one sender'],
  )
})

test('RO-24: a quarter of a megabyte of any line is prepared at once', () => {
  const startedAt = performance.now()
  for (const unit of ['\r', '\n', ' ', 'Bcc:\n', 'Resent-X: y\n', 'To: a\n'])
    prepare(unit.repeat(262_144 / unit.length))
  assert.ok(performance.now() - startedAt < 5000)
})

test('SE-02, OUT-20: from any text comes a message without Bcc and without a stray line end', () => {
  const unit = fc.constantFrom(
    'Bcc',
    ' ',
    ':',
    'eve@e.example',
    '\n',
    '\r\n',
    '\r',
    '\t',
    'To',
    ',',
    '<',
    '>',
    '"',
    '(',
    ')',
    'ü',
  )
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 30, size: 'max' }), (text) => {
      const written = Buffer.from(prepare(text).content).toString('latin1')
      assert.doesNotMatch(written, /\r(?!\n)|(?<!\r)\n/)
      const header = written.slice(0, written.indexOf('\r\n\r\n') + 2)
      assert.doesNotMatch(header, /(?:^|\r\n)bcc[ \t]*:/i)
      assert.equal(header.split('Message-ID: <new@host.example>\r\n').length, 2)
    }),
    { numRuns: 2000 },
  )
})

test('SE-02: Python reads the same addresses, where it can', () => {
  const values = lists.filter(([value, , problems]) => problems === 0 && /^[ -:<-~]*@[ -:<-~]*$/.test(value))
  const read = readByPython(
    values.map(([value]) => octets(`To: ${value}\r\n\r\n`)),
    'modern',
  )
  const compared = values.filter(([value, addresses], i) => {
    const theirs = read[i]![0]!.addresses
    if (theirs === null || /^(?:root|,,)|IPv6/.test(value)) return false
    assert.equal(theirs.join(' '), addresses, value)
    return true
  })
  assert.ok(compared.length >= 8, `${compared.length} compared`)
})
