// Header sections: one decision where they end, fields by offsets, values as text for people.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decodeWords, fields, fieldText, headerEnd } from './header.ts'

const raw = (text: string): Buffer => Buffer.from(text, 'latin1')

const ends: readonly [id: string, text: string, fieldsEnd: number | null, bodyStart: number | null][] = [
  ['EOD-15', 'A: b\r\n\r\nbody', 6, 8],
  ['EOD-15', '\r\nbody', 0, 2],
  ['EOD-15', 'A: b\n\nB: c\r\n\r\n', 12, 14], // LF LF ends nothing
  ['EOD-15', 'A: b\r\n \r\n\r\nbody', 9, 11], // a line with a blank goes on with the field
  ['EOD-15', 'A: b\r\n\0\r\nbody', 6, 6],
  ['EOD-15', 'A: b\r\nno field\r\n\r\n', 6, 6],
  ['EOD-15', ' folded first\r\n\r\n', 0, 0],
  ['EOD-15', 'A b: c\r\n\r\n', 0, 0],
  ['EOD-15', 'A :\r\n\r\n', 5, 7],
  ['EOD-15', 'A \t:\r\n\r\n', 6, 8],
  ['HDR-10', ': c\r\n\r\n', 0, 0],
  ['EOD-15', 'A: b\r\n', null, null],
  ['EOD-15', 'A: b\r\n\r', null, null],
  ['EOD-15', 'A: b', null, null],
  ['EOD-15', '', null, null],
  ['EOD-15', '\n: x\r\n\r\n', 0, 0],
]
for (const [id, text, fieldsEnd, bodyStart] of ends) {
  test(`${id}: the fields of ${JSON.stringify(text)} end at ${fieldsEnd}`, () => {
    assert.deepEqual(headerEnd(raw(text)), fieldsEnd === null ? null : { fieldsEnd, bodyStart })
  })
}

test('EOD-15: reading on from any line start finds the same end', () => {
  const text = raw('A: b\r\nB: c\r\n d\r\nC: e\r\n\r\nbody')
  for (const from of [6, 12, 16]) assert.deepEqual(headerEnd(text, from), headerEnd(text))
})

function all(text: string, end = text.length): [string, string][] {
  const octets = raw(text)
  return [...fields(octets, end)].map((field) => [field.name, fieldText(octets, field)])
}

test('HDR-10: names of our language are names like others, and each field keeps its folded lines', () => {
  assert.deepEqual(all('__proto__: a\r\nConstructor :b\r\n\tc\r\n d\r\ntoString:\r\nhasOwnProperty: \r\n \r\n'), [
    ['__proto__', 'a'],
    ['constructor', 'b c d'],
    ['tostring', ''],
    ['hasownproperty', ''],
  ])
})

test('a section that is cut off, or has lines without a colon, is walked to its end', () => {
  assert.deepEqual(all('A: b\r\nnothing\r\n: x\r\nB: c'), [
    ['a', 'b'],
    ['b', 'c'],
  ])
  assert.deepEqual(all('A: b\r\n c\r\n d', 8), [['a', 'b c']])
  assert.deepEqual(all('A: b\r\n c', 8), [['a', 'b c']])
  assert.deepEqual(all('A: b', 4), [['a', 'b']])
})

test('the text of a field is cut at its ceiling and keeps every octet that is no blank', () => {
  const octets = raw(`Subject: \t voil\xc3\xa0 \t\r\n`)
  const [field] = [...fields(octets, octets.length)]
  assert.ok(field)
  assert.equal(fieldText(octets, field), 'voil\xc3\xa0')
  assert.equal(fieldText(octets, field, 5), 'vo')
})

const words: readonly [text: string, shown: string][] = [
  ['plain', 'plain'],
  ['=?utf-8?q?caf=C3=A9_x?=', 'café x'],
  ['=?UTF-8*en?B?w6k=?=', 'é'],
  ['=?utf-8?q?a?= \t =?utf-8?q?b?=', 'ab'],
  ['=?iso-8859-1?Q?=e9?= x', 'é x'],
  ['=?x-nobody?q?a?=', '=?x-nobody?q?a?='],
  ['caf\xc3\xa9', 'café'],
  ['caf\xe9', 'café'],
  ['=?utf-8?q?a=0D=0AX:=00?=', 'aX:'],
]
for (const [text, shown] of words)
  test(`MSG-07: ${JSON.stringify(text)} is shown as ${JSON.stringify(shown)}`, () => {
    assert.equal(decodeWords(text), shown)
  })

test('fields of any names and values are found again, with their offsets side by side', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'B', '-', '_', '!'), minLength: 1, maxLength: 8, size: 'max' })
  const value = fc.string({
    unit: fc.constantFrom('a', ':', ' ', '\t', '\r\n ', '\r\n\t', '\n', '\ra', '\xe9'),
    maxLength: 12,
    size: 'max',
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 8, size: 'max' }), (rows) => {
      const text = rows.map(([n, v]) => `${n}:${v}x\r\n`).join('')
      const octets = raw(`${text}\r\nbody: x\r\n`)
      assert.deepEqual(headerEnd(octets), { fieldsEnd: text.length, bodyStart: text.length + 2 })
      const found = [...fields(octets, text.length)]
      assert.deepEqual(
        found.map((field) => octets.toString('latin1', field.start, field.end)),
        rows.map(([n, v]) => `${n}:${v}x\r\n`),
      )
      assert.deepEqual(
        found.map((field) => field.name),
        rows.map(([n]) => n.toLowerCase()),
      )
    }),
    { numRuns: 1000 },
  )
})

const large: readonly [name: string, text: string][] = [
  ['one field of 16 MiB', `A: ${'x'.repeat(16_777_216)}\r\n\r\n`],
  ['a million fields', `${'A: b\r\n'.repeat(1_000_000)}\r\n`],
  ['a million folded lines', `A: b\r\n${' \r\n'.repeat(1_000_000)}\r\n`],
  ['a million blanks', `A:${' '.repeat(1_000_000)}\r\n\r\n`],
  ['no end', 'A: b\n'.repeat(1_000_000)],
  ['no colon in a million lines', `A: b\r\n${' x\r\n'.repeat(1_000_000)}`],
]
for (const [name, text] of large)
  test(`MSG-03: ${name} takes linear time`, () => {
    const octets = raw(text)
    const startedAt = performance.now()
    const end = headerEnd(octets)?.fieldsEnd ?? octets.length
    for (const field of fields(octets, end)) fieldText(octets, field)
    assert.ok(performance.now() - startedAt < 4000)
  })

for (const unit of ['=?', '?', '=?a?b?c?= ', ' ', '=', '=?a?q?', '\xc3\xa9'])
  test(`MSG-03: 256 KiB of ${JSON.stringify(unit)} as words is decoded in linear time`, () => {
    const startedAt = performance.now()
    decodeWords(unit.repeat(262_144 / unit.length))
    decodeWords(`=?a?b?c?=${unit.repeat(262_144 / unit.length)}`)
    assert.ok(performance.now() - startedAt < 2000)
  })
