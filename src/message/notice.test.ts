// Notices as two strangers read them: a strict little parser and Python's email package. DS-01, DS-03..10, DL-03, DL-04
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseAddress, type Address } from './address.ts'
import { foldField } from './fold.ts'
import { freeBoundary } from './boundary.ts'
import { composeNotice, type Notice, type NoticeKind, type NoticeRecipient } from './notice.ts'
import { statusOf } from './notice-report.ts'
import { bodyNeeds } from './seven-bit.ts'
import { fieldsNamed, parseEntity, parseFields, partsOf, readByPython, type Entity } from './test-parser.ts'

const address = (text: string): Address => {
  const parsed = parseAddress(text)
  assert.ok(parsed.ok, text)
  return parsed.value
}
const octets = (text: string): Buffer => Buffer.from(text, 'utf8')

const bob: NoticeRecipient = {
  address: address('bob@far.example'),
  orcpt: 'rfc822;Bob@far.example',
  reply: { code: 550, status: '5.1.1', lines: ['<bob@far.example>: no such user', 'see https://far.example/help'] },
  fromRemote: true,
  remoteMta: 'mx1.far.example',
  lastAttemptAt: 60_000,
  explain: 'The address does not exist there: check how it is written.',
}
const failed: Notice = {
  kind: 'failed',
  reportingMta: 'mail.our.example',
  from: 'MAILER-DAEMON@our.example',
  to: address('ann@our.example'),
  key: '01h0000000abcdefghjkmnpqrs',
  noticeId: 'n1',
  at: 120_000,
  arrivedAt: 0,
  retryUntil: 432_000_000,
  envid: 'QQ314159',
  recipients: [bob],
  original: {
    header: octets('From: ann@our.example\r\nSubject: Lunch\r\nMessage-ID: <m1@our.example>\r\n'),
    messageId: '<m1@our.example>',
    subject: 'Lunch',
    whole: null,
  },
  boundary: 'b0undary',
}
const waiting = { ...bob, reply: { code: 451, status: '4.7.1', lines: ['Greylisted'] } }

type Read = { top: Entity; text: string; report: Entity[]; returned: Entity; parts: Entity[] }
function read(notice: Notice): Read {
  const top = parseEntity(composeNotice(notice))
  const parts = partsOf(top)
  const [text, report, returned] = parts
  assert.ok(text && report && returned && parts.length === 3)
  const blocks = report.body.split('\r\n\r\n').map((block) => `${block.replace(/\r\n$/, '')}\r\n`)
  return { top, text: text.body, report: blocks.map((b) => ({ fields: parseFields(b), body: '' })), returned, parts }
}

test('DS-01, DS-03, DS-08: a failure names us as sender, the thread, who failed, and nothing is answered automatically', () => {
  const { top } = read(failed)
  assert.deepEqual(
    top.fields.map(([name, value]) => [name, value.replace(/[ \t]+/g, ' ')]),
    [
      ['From', 'Mail Delivery System <MAILER-DAEMON@our.example>'],
      ['To', 'ann@our.example'],
      ['Subject', 'Your message could not be delivered'],
      ['Date', 'Thu, 1 Jan 1970 00:02:00 +0000'],
      ['Message-ID', '<n1@mail.our.example>'],
      ['In-Reply-To', '<m1@our.example>'],
      ['References', '<m1@our.example>'],
      ['Auto-Submitted', 'auto-replied'],
      ['X-Failed-Recipients', 'bob@far.example'],
      ['MIME-Version', '1.0'],
      ['Content-Type', 'multipart/report; report-type=delivery-status; boundary="b0undary"'],
      ['Content-Transfer-Encoding', '7bit'],
    ],
  )
})

test('DS-03, DS-10: the report has the fields of RFC 3464 with the real status, and ENVID and ORCPT as they were given', () => {
  const { report, parts } = read(failed)
  assert.equal(fieldsNamed(parts[1]!, 'Content-Type')[0], 'message/delivery-status')
  assert.deepEqual(report[0]!.fields, [
    ['Original-Envelope-Id', 'QQ314159'],
    ['Reporting-MTA', 'dns; mail.our.example'],
    ['X-NetCruiser-Key', failed.key],
    ['Arrival-Date', 'Thu, 1 Jan 1970 00:00:00 +0000'],
  ])
  assert.deepEqual(report[1]!.fields, [
    ['Original-Recipient', 'rfc822;Bob@far.example'],
    ['Final-Recipient', 'rfc822;bob@far.example'],
    ['Action', 'failed'],
    ['Status', '5.1.1'],
    ['Remote-MTA', 'dns; mx1.far.example'],
    ['Diagnostic-Code', 'smtp; 550 5.1.1 <bob@far.example>: no such user see https://far.example/help'],
    ['Last-Attempt-Date', 'Thu, 1 Jan 1970 00:01:00 +0000'],
  ])
})

test('DS-04: people read what happened, to whom, the exact words, and what to do next', () => {
  const { text } = read(failed)
  for (const line of [
    '  bob@far.example',
    '    The address does not exist there: check how it is written.',
    '    mx1.far.example said:',
    '      550 5.1.1 <bob@far.example>: no such user',
    '      550 5.1.1 see https://far.example/help',
    '  Subject: Lunch',
    `  Code for questions to the postmaster: ${failed.key}`,
  ])
    assert.ok(text.includes(`\r\n${line}\r\n`), line)
  assert.match(text, /What to do: /)
  const ours = read({ ...failed, recipients: [{ ...bob, fromRemote: false, remoteMta: null }] })
  assert.match(ours.text, /This server said:/)
  assert.equal(fieldsNamed(ours.report[1]!, 'Diagnostic-Code')[0]?.split(';')[0], 'x-netcruiser')
  assert.match(read({ ...failed, recipients: [{ ...bob, remoteMta: null }] }).text, /The other server said:/)
})

test('DS-04: long words of another server are cut at blanks into lines, and nothing of them is lost', () => {
  const said = `${'policy '.repeat(60)}${'x'.repeat(300)}`
  const { text } = read({ ...failed, recipients: [{ ...bob, reply: { code: 550, status: null, lines: [said] } }] })
  const quoted = text.split('\r\n').filter((line) => line.startsWith('      '))
  assert.ok(quoted.length > 3 && quoted.every((line) => line.length <= 207))
  assert.equal(quoted.map((line) => line.slice(6)).join(''), `550 ${said}`)
})

test('DL-03: a notice of delay says first that nothing need be sent again, and until when it is tried', () => {
  const { text, report, top } = read({ ...failed, kind: 'delayed', recipients: [waiting] })
  assert.equal(text.split('\r\n')[2]?.slice(0, 27), 'You need not send it again:')
  assert.match(text, /until Tue, 6 Jan 1970 00:00:00 \+0000\./)
  const fields = new Map(report[1]!.fields)
  assert.equal(fields.get('Action'), 'delayed')
  assert.equal(fields.get('Status'), '4.7.1')
  assert.equal(fields.get('Will-Retry-Until'), 'Tue, 6 Jan 1970 00:00:00 +0000')
  assert.deepEqual(fieldsNamed(top, 'X-Failed-Recipients'), [])
  assert.match(read({ ...failed, kind: 'delayed', retryUntil: null }).text, /goes on trying\r\nto deliver it\./)
})

const outcomes: readonly [id: string, kind: NoticeKind, action: string][] = [
  ['DL-04', 'delivered-late', 'delivered'],
  ['DS-10', 'delivered', 'delivered'],
  ['DS-10', 'relayed', 'relayed'],
]
for (const [id, kind, action] of outcomes)
  test(`${id}: the action of "${kind}" is ${action}, its status is a success, nobody is listed as failed`, () => {
    const done = { ...bob, reply: { code: 250, status: null, lines: ['ok'] } }
    const { report, top } = read({ ...failed, kind, recipients: [done] })
    const fields = new Map(report[1]!.fields)
    assert.deepEqual([fields.get('Action'), fields.get('Status')], [action, '2.0.0'])
    assert.equal(fields.has('Will-Retry-Until'), false)
    assert.deepEqual(fieldsNamed(top, 'X-Failed-Recipients'), [])
  })

const statuses: readonly [kind: NoticeKind, code: number | null, said: string | null, status: string][] = [
  ['failed', 550, '5.7.26', '5.7.26'],
  ['failed', 550, null, '5.0.0'],
  ['failed', 421, '4.4.2', '4.4.2'], // time ran out
  ['failed', 550, '4.2.1', '5.0.0'], // RO-20: the code decides
  ['failed', 550, '5.1.1\r\nX: y', '5.0.0'],
  ['failed', 250, '2.0.0', '5.0.0'],
  ['failed', null, null, '5.0.0'],
  ['delayed', 451, '4.3.0', '4.3.0'],
  ['delayed', 550, '5.4.5', '4.0.0'],
  ['delayed', null, null, '4.0.0'],
  ['delivered', 250, '2.1.5', '2.1.5'],
  ['relayed', null, null, '2.0.0'],
]
for (const [kind, code, status, wanted] of statuses)
  test(`DS-03, RO-20: ${kind} by ${code} ${JSON.stringify(status)} has status ${wanted}`, () => {
    assert.equal(statusOf(kind, code === null ? null : { code, status, lines: ['x'] }), wanted)
  })

test('DS-05, DS-06: all recipients given are listed, each by the address given, and no others', () => {
  const carl = { ...bob, address: address('carl@far.example'), orcpt: null, reply: null, lastAttemptAt: null }
  const { report, top } = read({ ...failed, recipients: [bob, carl] })
  assert.deepEqual(
    report.slice(1).map((block) => fieldsNamed(block, 'Final-Recipient')[0]),
    ['rfc822;bob@far.example', 'rfc822;carl@far.example'],
  )
  assert.deepEqual(
    report[2]!.fields.map(([name]) => name),
    ['Final-Recipient', 'Action', 'Status', 'Remote-MTA'],
  )
  assert.deepEqual(fieldsNamed(top, 'X-Failed-Recipients'), ['bob@far.example, carl@far.example'])
  assert.throws(() => composeNotice({ ...failed, recipients: [] }), assert.AssertionError)
})

test('LOOP-09: a notice about ten thousand recipients names a hundred to people and all to programs', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => ({ ...bob, address: address(`u${i}@far.example`) }))
  const { text, report, top } = read({ ...failed, recipients: many })
  assert.match(text, /and 9900 more/)
  assert.equal(report.length, 10_001)
  assert.equal(fieldsNamed(top, 'X-Failed-Recipients')[0]?.split(',').length, 100)
})

const whole = octets('Subject: Lunch\r\n\r\nAt noon?\r\n')
const wholes: readonly [name: string, whole: Uint8Array | null, type: string][] = [
  ['not asked for', null, 'text/rfc822-headers'],
  ['asked for and small', whole, 'message/rfc822'],
  ['of 8 bits', octets('Subject: x\r\n\r\nGrüße\r\n'), 'message/rfc822'],
  ['above 50 KiB', Buffer.concat([whole, Buffer.alloc(51_201, 'x\r\n')]), 'text/rfc822-headers'],
  ['with a bare LF', octets('A: b\r\n\r\nx\ny\r\n'), 'text/rfc822-headers'],
  ['with a bare CR', octets('A: b\r\n\r\nx\ry\r\n'), 'text/rfc822-headers'],
  ['with NUL', octets('A: b\r\n\r\n\0\r\n'), 'text/rfc822-headers'],
  ['with an overlong line', octets(`A: b\r\n\r\n${'x'.repeat(999)}\r\n`), 'text/rfc822-headers'],
]
for (const [name, content, type] of wholes)
  test(`DS-09, OUT-20: a content ${name} comes back as ${type}`, () => {
    const { returned, top } = read({ ...failed, original: { ...failed.original, whole: content } })
    assert.equal(fieldsNamed(returned, 'Content-Type')[0], type)
    const given = type === 'message/rfc822' ? content : failed.original.header
    assert.equal(returned.body, Buffer.from(given!).toString('latin1'))
    const encoding = /[\x80-\xff]/.test(returned.body) ? '8bit' : '7bit'
    assert.equal(fieldsNamed(returned, 'Content-Transfer-Encoding')[0], encoding)
    assert.equal(fieldsNamed(top, 'Content-Transfer-Encoding')[0], encoding)
  })

test('HDR-06: a returned header of a megabyte is cut at a line, long lines are folded, stray line ends are shown as ?', () => {
  const header = octets(`A: ${'x'.repeat(5000)}\r\nB: c\nd\re\0\r\n${'C: d\r\n'.repeat(200_000)}`)
  const { returned } = read({ ...failed, original: { ...failed.original, header } })
  assert.ok(returned.body.length <= 65_536 + 100 && returned.body.length > 60_000)
  assert.match(returned.body, /\r\nB: c\?d\?e\?\r\nC: d\r\n/)
  assert.ok(returned.body.endsWith('\r\nC: d\r\n'))
  assert.equal(returned.body.slice(0, 5100).replace(/\r\n /g, '').indexOf('\r\n'), 5003)
})

test('RFC 6533: a reader with a UTF-8 address gets UTF-8 types, any other ASCII with escapes and no need of SMTPUTF8', () => {
  const bjorn = { ...bob, address: address('björn+x@far.example'), orcpt: 'utf-8;björn+x@far.example' }
  const header = octets('Subject: Grüße\r\n')
  const one = { ...failed, recipients: [bjorn], original: { ...failed.original, header } }
  const classic = read(one)
  assert.equal(fieldsNamed(classic.report[1]!, 'Final-Recipient')[0], 'utf-8;bj\\x{F6}rn\\x{2B}x@far.example')
  assert.equal(fieldsNamed(classic.report[1]!, 'Original-Recipient')[0], 'utf-8;bj\\x{F6}rn\\x{2B}x@far.example')
  assert.equal(fieldsNamed(classic.returned, 'Content-Type')[0], 'text/rfc822-headers')
  assert.deepEqual(fieldsNamed(classic.top, 'X-Failed-Recipients'), [])
  assert.equal(bodyNeeds(composeNotice(one)).utf8Header, false)
  const modern = read({ ...one, to: address('änn@our.example') })
  assert.deepEqual(
    modern.parts.slice(1).map((part) => fieldsNamed(part, 'Content-Type')[0]),
    ['message/global-delivery-status', 'message/global-headers'],
  )
  const utf8 = (text: string | undefined): string => Buffer.from(text ?? '', 'latin1').toString()
  assert.equal(utf8(fieldsNamed(modern.report[1]!, 'Final-Recipient')[0]), 'utf-8;björn+x@far.example')
  assert.equal(utf8(fieldsNamed(modern.top, 'X-Failed-Recipients')[0]), 'björn+x@far.example')
  const full = read({
    ...one,
    to: address('änn@our.example'),
    original: { ...one.original, whole: octets('A: ü\r\n\r\n') },
  })
  assert.equal(fieldsNamed(full.returned, 'Content-Type')[0], 'message/global')
})

test('HDR-06: a boundary that the content holds is not used', () => {
  assert.equal(freeBoundary('b', [octets('aac')]), 'b')
  assert.equal(freeBoundary('b', [octets('a'), octets('--b\r\n--b--\r\n--b.1')]), 'b.2')
  assert.throws(() => freeBoundary('b"\r\n', []), assert.AssertionError)
  const taken = Array.from({ length: 1001 }, (_, n) => octets(`b.${n}`))
  assert.throws(() => freeBoundary('b', taken), assert.AssertionError)
})

test('HDR-11, HDR-12: a field of ours with any control character is refused, whatever the code point', () => {
  for (const c of ['\r', '\n', '\0', '\u007f', '\u001b']) assert.throws(() => foldField('A', `x${c}y`))
  assert.throws(() => foldField('A b', 'x'))
  assert.equal(Buffer.from(foldField('A', '\u560a\u010d\u010a')).filter((o) => o === 10 || o === 13).length, 2)
})

/** What a hostile server, sender or subject may say. */
const nasty = [
  'x\r\nBcc: eve@evil.example',
  'x\n\nFrom: eve',
  '\r\n--b0undary--\r\n',
  '--b0undary',
  '\u001b[2J\u0007\u009b',
  '\u560a\u560d\u010a\u010d\u2028\u2029\u202e',
  'Gr\xc3\xbc\xc3\x9fe',
  'ü😀\ud800',
  'y'.repeat(1_000_000),
  'é '.repeat(5000),
  '=?utf-8?q?=0D=0AX:?=',
  '',
  ' ',
  '\t',
  '.\r\n.',
  '__proto__: x',
]
const piece = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 40 }))
const hostile = fc.record({
  kind: fc.constantFrom<NoticeKind>('failed', 'delayed', 'delivered-late', 'delivered', 'relayed'),
  envid: fc.option(piece),
  lines: fc.array(piece, { minLength: 1, maxLength: 3 }),
  status: fc.option(piece),
  orcpt: fc.option(piece.map((text) => `rfc822;${text}`)),
  remoteMta: fc.option(piece),
  explain: piece,
  messageId: fc.option(fc.oneof(piece, fc.constant('<a@b>'))),
  subject: fc.option(piece),
  header: piece,
  whole: fc.option(piece),
  to: fc.constantFrom('ann@our.example', 'änn@our.example', '"a \\"b@c"@our.example'),
})
type Hostile = typeof hostile extends fc.Arbitrary<infer T> ? T : never

function hostileNotice(h: Hostile): Notice {
  const reply = { code: 550, status: h.status, lines: h.lines }
  const recipient = { ...bob, reply, orcpt: h.orcpt, remoteMta: h.remoteMta, explain: h.explain }
  const original = {
    header: octets(h.header),
    messageId: h.messageId,
    subject: h.subject,
    whole: h.whole === null ? null : octets(`A: b\r\n\r\n${h.whole}\r\n`),
  }
  return { ...failed, kind: h.kind, envid: h.envid, to: address(h.to), recipients: [recipient, bob], original }
}

const topNames = new Set(read(failed).top.fields.map(([name]) => name))
const reportNames = new Set(
  [...read(failed).report, ...read({ ...failed, kind: 'delayed' }).report].flatMap((b) => b.fields.map(([n]) => n)),
)

test('HDR-06, HDR-11, OUT-20: whatever strangers say, the notice has its own fields and three parts, and no bare line end', () => {
  fc.assert(
    fc.property(hostile, (h) => {
      const { top, report, parts } = read(hostileNotice(h))
      for (const [name] of top.fields) assert.ok(topNames.has(name), name)
      assert.equal(new Set(top.fields.map(([name]) => name)).size, top.fields.length)
      assert.equal(report.length, 3)
      for (const block of report) for (const [name] of block.fields) assert.ok(reportNames.has(name), name)
      for (const part of parts) {
        const declared = fieldsNamed(part, 'Content-Transfer-Encoding')[0]
        assert.equal(declared, /[\x80-\xff]/.test(part.body) ? '8bit' : '7bit')
      }
      assert.ok(parts[0]!.body.length < 12_000)
      assert.doesNotMatch(parts[0]!.body, /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/)
    }),
    { numRuns: 300 },
  )
})

test('HDR-06: Python reads three parts in each of these notices, without a defect', () => {
  const one = (h: Partial<Hostile>): Notice =>
    hostileNotice({
      kind: 'failed', envid: null, lines: ['x'], status: null, orcpt: null, remoteMta: null, explain: '', messageId: null,
      subject: null, header: 'A: b\r\n', whole: null, to: 'ann@our.example', ...h,
    }) // prettier-ignore
  const notices = nasty.flatMap((text) => [
    one({ lines: [text], subject: text, envid: text, remoteMta: text, explain: text, orcpt: `rfc822;${text}` }),
    one({ header: `A: b\r\n${text}`, messageId: text, kind: 'delayed' }),
    one({ whole: text, to: 'änn@our.example' }),
  ])
  const read = readByPython(notices.map(composeNotice))
  for (const [i, parts] of read.entries()) {
    const outer = parts[0]!
    assert.equal(outer.type, 'multipart/report', `notice ${i}`)
    assert.ok(outer.fields.every(([name]) => topNames.has(name)))
    assert.deepEqual(outer.defects, [])
    const types = parts.slice(1).map((part) => part.type)
    assert.equal(types[0], 'text/plain')
    assert.match(types[1]!, /^message\/(global-)?delivery-status$/)
    assert.equal(types.filter((type) => /rfc822-headers|rfc822|global-headers|global$/.test(type)).length, 1)
  }
})
