// Messages composed from text and attachments, as Python's email package reads them. SE-03
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseAddress, type Address } from './address.ts'
import { composeText, type Draft } from './compose.ts'
import { decodeWords } from './header.ts'
import { fieldsNamed, parseEntity, readByPython } from './test-parser.ts'
import { encodeQuotedPrintable } from './transfer.ts'
import { encodePhrase, encodeText } from './words.ts'

const address = (text: string): Address => {
  const parsed = parseAddress(text)
  assert.ok(parsed.ok, text)
  return parsed.value
}
const ann = { name: 'Ann', address: address('ann@our.example') }
const draft: Draft = {
  from: ann,
  to: [{ name: null, address: address('bob@far.example') }],
  cc: [],
  subject: 'Lunch',
  text: 'At noon?\n',
  attachments: [],
  at: 0,
  messageId: '<m1@our.example>',
}
const compose = (more: Partial<Draft>): Uint8Array => {
  const composed = composeText({ ...draft, ...more })
  assert.ok(composed.ok)
  return composed.value
}

test('SE-03: a plain message is plain', () => {
  assert.equal(
    Buffer.from(compose({})).toString(),
    'From: Ann <ann@our.example>\r\nTo: bob@far.example\r\nSubject: Lunch\r\nDate: Thu, 1 Jan 1970 00:00:00 +0000\r\n' +
      'Message-ID: <m1@our.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n' +
      'Content-Transfer-Encoding: 7bit\r\n\r\nAt noon?\r\n',
  )
})

const refused: readonly [string, Partial<Draft>][] = [
  ['a subject', { subject: 'x\r\nBcc: eve@e.example' }],
  ['a subject', { subject: 'x\ny' }],
  ['a subject', { subject: 'x\u2028y' }],
  ['a name', { from: { ...ann, name: 'x\ry' } }],
  ['a name', { cc: [{ ...ann, name: 'x\0y' }] }],
  ['a file name', { attachments: [{ name: 'a\r\nb', type: 'text/plain', octets: Buffer.from('') }] }],
  ['a type', { attachments: [{ name: 'a', type: 'text/plain\r\nX: y', octets: Buffer.from('') }] }],
  ['a type', { attachments: [{ name: 'a', type: 'text', octets: Buffer.from('') }] }],
  ['a message id', { messageId: '<a@b>\r\nX: y' }],
]
for (const [what, more] of refused)
  test(`SE-03, HDR-12: ${what} that would break its line is refused: ${JSON.stringify(more).slice(0, 60)}`, () => {
    assert.equal(composeText({ ...draft, ...more }).ok, false)
  })

const subjects = [
  'Lunch',
  'Grüße aus Köln',
  '=?utf-8?q?x?=',
  '😀'.repeat(60),
  'é'.repeat(500),
  'a "b" \\ c',
  'x'.repeat(2000),
  '',
]
const files = ['a.txt', 'Grüße 😀.pdf', 'a"b\\c;d=e.txt', '100%.txt', `${'ü'.repeat(120)}.txt`, "it's.txt", 'a b']
const texts = [
  'Grüße\n\nTschüss \n',
  `${'x'.repeat(2000)}\n`,
  'a=b \t\n.\nFrom me\n',
  'x\r\ny\rz',
  '\0\u0001',
  '--=_netcruiser\n',
  '',
]

test('SE-03: Python reads the same subjects, names, file names, texts and octets', () => {
  const octets = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 256))
  const drafts: Draft[] = [
    ...subjects.map((subject) => ({ ...draft, subject, from: { ...ann, name: subject } })),
    ...files.map((name) => ({ ...draft, attachments: [{ name, type: 'application/pdf', octets }] })),
    ...texts.flatMap((text) => [
      { ...draft, text },
      { ...draft, text, attachments: [{ name: 'a', type: 'message/rfc822', octets }] },
    ]),
  ]
  for (const [i, parts] of readByPython(
    drafts.map((one) => compose(one)),
    'modern',
  ).entries()) {
    const wanted = drafts[i]!
    const [outer, inner, file] = [parts[0]!, parts[wanted.attachments.length]!, parts[2]]
    assert.deepEqual(outer.defects, [])
    const fields = new Map(outer.fields)
    if (wanted.subject.length < 1500) assert.equal(fields.get('Subject'), wanted.subject)
    const lines = wanted.text.split(/\r\n|\r|\n/)
    while (lines.at(-1) === '') lines.pop()
    assert.equal(Buffer.from(inner.payload, 'base64').toString(), lines.map((line) => `${line}\r\n`).join(''))
    if (!file) continue
    assert.equal(file.file, wanted.attachments[0]!.name)
    assert.deepEqual(Buffer.from(file.payload, 'base64'), octets)
  }
})

test('SE-03: what is encoded is read again by our own reader, and stays ASCII in lines of 78', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }).filter((text) => !/[\p{Cc}\u2028\u2029]/u.test(text)),
      (text) => {
        const entity = parseEntity(compose({ subject: `é${text}`, from: { ...ann, name: `é${text}` } }))
        assert.equal(decodeWords(fieldsNamed(entity, 'Subject')[0]!), `é${text}`)
        assert.match(encodeText(text) + encodePhrase(text), /^[ -~]*$/)
      },
    ),
    { numRuns: 300 },
  )
})

test('SE-03: a quoted-printable line has at most 76 characters and no blank at its end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
      for (const line of Buffer.from(encodeQuotedPrintable(octets)).toString().split('\r\n'))
        assert.match(line, /^(?:[!-~ \t]{0,75}[!-~])?$/)
    }),
  )
})

test('SE-03, RO-23: quoted-printable, undone by the book, is any octets again', () => {
  const octet = fc.oneof(fc.constantFrom(9, 10, 13, 32, 61, 65), fc.nat({ max: 255 }))
  fc.assert(
    fc.property(fc.array(octet, { maxLength: 400, size: 'max' }), (octets) => {
      const text = Buffer.from(encodeQuotedPrintable(Buffer.from(octets))).toString('latin1')
      const undone = text
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      assert.deepEqual([...Buffer.from(undone, 'latin1')], octets)
    }),
  )
})
