// 8-bit contents for 7-bit servers: Python's email package reads the same octets from each part before and after. RO-23, RO-24
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { bodyNeeds, hasLongLine, toSevenBit, type SevenBit } from './seven-bit.ts'
import { readByPython, type PythonPart } from './test-parser.ts'

const octets = (text: string): Buffer => Buffer.from(text, 'utf8')
const converted = (content: Uint8Array): SevenBit => {
  const result = toSevenBit(content)
  assert.ok(result.ok, result.ok ? '' : result.problem)
  return result.value
}

const needs: readonly [content: string, flags: string][] = [
  ['A: b\r\n\r\nx\r\n', ''],
  ['A: b\r\n\r\nü\r\n', 'eightBit'],
  ['A: ü\r\n\r\nx\r\n', 'utf8Header'],
  ['A: ü', 'utf8Header'],
  [`A: b\r\n\r\n${'x'.repeat(998)}\r\n`, ''],
  [`A: b\r\n\r\n${'x'.repeat(999)}\r\n`, 'longLine'],
  [`A: b\r\n\r\n${'x'.repeat(999)}`, 'longLine'],
  [`A: ${'x'.repeat(999)}\r\n\r\n`, 'longLine'],
  ['', ''],
]
for (const [content, flags] of needs)
  test(`RO-23: ${JSON.stringify(content).slice(0, 40)} needs "${flags}"`, () => {
    const found = Object.entries(bodyNeeds(octets(content))).filter(([, yes]) => yes)
    assert.equal(found.map(([name]) => name).join(), flags)
  })

const text = 'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n'
const mixed = (...parts: string[]): string =>
  `MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="b b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n` +
  `preamble\r\n${parts.map((part) => `--b b\r\n${part}\r\n`).join('')}--b b-- \r\nepilogue\r\n`
const nested = (depth: number): string =>
  depth === 0
    ? `${text}\r\nü`
    : `Content-Type: multipart/mixed; boundary=n${depth}.\r\n\r\n--n${depth}.\r\n${nested(depth - 1)}\r\n--n${depth}.--\r\n`

const contents: readonly [name: string, content: string][] = [
  ['text', `MIME-Version: 1.0\r\n${text}\r\nGrüße \t\r\n=20\r\n.\r\n`],
  ['text without a last line end', `MIME-Version: 1.0\r\n${text}\r\nü`],
  ['no MIME at all', 'Subject: x\r\n\r\nGrüße\r\n'],
  ['an overlong line', `Subject: x\r\n\r\n${'x'.repeat(5000)}\r\ny\r\n`],
  ['a body where the header ends without an empty line', 'Subject: x\r\nGrüße\r\n'],
  ['octets', 'MIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: BINARY\r\n\r\n\0ü\r\n\r\n'],
  ['parts', mixed(`${text}\r\nü`, 'Content-Type: image/png\r\n\r\nü\r\n', '\r\nplain', 'A: b\r\n\r\n')],
  [
    'a part that is fine',
    mixed(`${text}\r\nü`, 'Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n'),
  ],
  ['base64 in one line', mixed(`Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n${'QUJD'.repeat(500)}`)],
  [
    'a message inside',
    mixed(`Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nA: b\r\n\r\nü\r\n`),
  ],
  ['a digest', mixed('\r\nx').replace('mixed', 'digest').replace('\r\nx\r\n', '\r\nA: b\r\n\r\nü\r\n')],
  ['a multipart that was cut off', mixed(`${text}\r\nü`).replace(/--b b-- [^]*$/, '')],
  ['twenty levels', `MIME-Version: 1.0\r\n${nested(19)}`],
  ['an inner boundary that begins like the outer', mixed(`Content-Type: multipart/mixed; boundary="b bc"\r\n\r\n--b bc\r\n${text}\r\nü\r\n--b bc--\r\n`)], // prettier-ignore
  ['a quoted boundary', 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; x="; boundary=y"; boundary="a\\"b"\r\n\r\n--a"b\r\n\r\nü\r\n--a"b--'], // prettier-ignore
]

const leaves = (parts: readonly PythonPart[]): [string, string][] =>
  parts.filter((part) => !/^(?:multipart|message)\//.test(part.type)).map((part) => [part.type, part.payload])

test('RO-23, RO-24: each part has the same octets after as before, and none needs more than 7 bits and lines of 998', () => {
  const before = contents.map(([, content]) => octets(content))
  const after = before.map((content) => converted(content).content)
  const [were, are] = [readByPython(before), readByPython(after)]
  for (const [i, [name]] of contents.entries()) {
    assert.deepEqual(bodyNeeds(after[i]!), { eightBit: false, utf8Header: false, longLine: false }, name)
    assert.deepEqual(leaves(are[i]!), leaves(were[i]!), name)
    const encodings = are[i]!.map((part) => part.encoding.toLowerCase())
    assert.ok(
      encodings.every((one) => ['', '7bit', 'quoted-printable', 'base64'].includes(one)),
      `${name} ${encodings.join()}`,
    )
  }
})

test('RO-23: only fields of encoding change, all other octets stay', () => {
  const plain = 'Content-Type: text/plain\r\nContent-Transfer-Encoding: 7BIT (odd)\r\n\r\nplain'
  const content = mixed(plain, `X-Odd :y\r\n${text}X-Last: z\r\n\r\nü`)
  const wanted = content
    .replace('8bit', '7bit')
    .replace('Encoding: 8bit', 'Encoding: quoted-printable')
    .replace('ü', '=C3=BC')
  assert.equal(Buffer.from(converted(octets(content)).content).toString(), wanted)
})

test('RO-23: a message from before MIME is declared', () => {
  const utf8 = Buffer.from(converted(octets('A: b\r\n\r\nü\r\n')).content).toString()
  assert.match(utf8, /\r\nMIME-Version: 1\.0\r\nContent-Type: text\/plain; charset=utf-8\r\n\r\n=C3=BC\r\n$/)
  const other = Buffer.from(converted(Buffer.from('A: b\r\n\r\n\xfc\r\n', 'latin1')).content).toString()
  assert.match(other, /charset=unknown-8bit\r\n/)
})

test('RO-24: a signature is told to be broken when the content changes, and only then', () => {
  const signed = 'DKIM-Signature: v=1\r\nA: b\r\n\r\n'
  assert.equal(converted(octets(`${signed}ü\r\n`)).breaksSignature, true)
  assert.equal(converted(octets('A: b\r\n\r\nü\r\n')).breaksSignature, false)
  const fine = octets(`${signed}x\r\n`)
  assert.deepEqual(converted(fine), { content: fine, breaksSignature: false })
})

const many = `${text}\r\nü`
const refused: readonly [name: string, content: string][] = [
  ['signed', mixed('Content-Type: Multipart/Signed; boundary=s\r\n\r\n--s\r\n\r\nü\r\n--s--\r\n')],
  ['encrypted', 'Content-Type: multipart/encrypted; boundary=s\r\n\r\n--s\r\n\r\nü\r\n--s--\r\n'],
  [
    'signed inside a message',
    mixed('Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/signed; boundary=s\r\n\r\nü'),
  ],
  ['8 bits in the header of a part', mixed('Content-Type: text/plain; name="ü"\r\n\r\nü')],
  ['8 bits in the header of a message inside', mixed('Content-Type: message/rfc822\r\n\r\nSubject: ü\r\n\r\nx')],
  ['8 bits before the parts', mixed(many).replace('preamble', 'ü')],
  ['8 bits behind the parts', mixed(many).replace('epilogue', 'ü')],
  ['no boundary named', 'Content-Type: multipart/mixed\r\n\r\nü'],
  ['a boundary that never comes', 'Content-Type: multipart/mixed; boundary=b\r\n\r\nü'],
  ['no part', 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\nü'],
  ['two types', 'Content-Type: text/plain\r\nContent-Type: image/png\r\n\r\nü'],
  ['two encodings', `${text}Content-Transfer-Encoding: 8bit\r\n\r\nü`],
  ['a type that is none', 'Content-Type: text\r\n\r\nü'],
  ['8 bits in base64', 'Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\nü'],
  ['8 bits in quoted-printable', 'Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nü'],
  ['an unknown encoding', 'Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uu\r\n\r\nü'],
  ['an encoded multipart', mixed(many).replace('Encoding: 8bit', 'Encoding: base64')],
  ['21 levels', nested(21)],
  ['1001 parts', mixed(...Array.from({ length: 1001 }, () => many))],
]
for (const [name, content] of refused)
  test(`RO-23: ${name} is refused, not guessed`, () => {
    assert.equal(toSevenBit(octets(content)).ok, false)
  })

test('RO-23: from any octets comes a content of 7 bits or a problem, and what is fine stays itself', () => {
  const unit = fc.constantFrom('Content-Type: multipart/mixed; boundary=b\r\n', text, '\r\n', '--b\r\n', '--b--\r\n', 'ü', 'x', '\n', '\r', 'Content-Type: message/rfc822\r\n') // prettier-ignore
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 20, size: 'max' }), (body) => {
      const content = octets(`A: b\r\n${body}`)
      const result = toSevenBit(content)
      if (!result.ok) return
      assert.equal(bodyNeeds(result.value.content).eightBit, false)
      if (!bodyNeeds(content).eightBit) assert.equal(result.value.content, content)
    }),
    { numRuns: 3000 },
  )
})

test('RO-24: five megabytes of one line, of line ends or of delimiters are judged at once', () => {
  const head = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nü'
  const startedAt = performance.now()
  for (const unit of ['x', '\r\n', '\r\n--b', '\r\n--b\r\n', '--b', 'ü'])
    toSevenBit(octets(head + unit.repeat(5_000_000 / unit.length)))
  assert.ok(performance.now() - startedAt < 20_000)
})

test('RO-23: a line of 998 octets is not too long and one of 999 is, however it ends and whatever stands before it', () => {
  const line = (octets: number): string => 'x'.repeat(octets)
  for (const before of ['', '\r\n', 'Subject: hi\r\n\r\n', `${line(998)}\r\n`, `${line(997)}\n`, `${line(998)}\n`])
    for (const end of ['', '\r\n', '\n', '\r\n.\r\nshort\r\n']) {
      assert.equal(hasLongLine(Buffer.from(before + line(998) + end)), false, JSON.stringify([before.length, end]))
      assert.equal(hasLongLine(Buffer.from(before + line(999) + end)), true, JSON.stringify([before.length, end]))
    }
})
