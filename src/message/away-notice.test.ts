// What an away notice says, whatever the message that it answers said. RFC 3834
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { parseAddress, type Address } from './address.ts'
import { composeAwayNotice, type AwayNotice } from './away-notice.ts'
import { fieldsNamed, parseEntity, readByPython } from './test-parser.ts'

function address(text: string): Address {
  const parsed = parseAddress(text)
  assert.ok(parsed.ok)
  return parsed.value
}
const notice: AwayNotice = {
  from: address('ann@example.org'),
  to: address('bob@far.example'),
  subject: null,
  text: 'Away.',
  at: 1_700_000_000_000,
  messageId: '<k@mx.example.org>',
  answers: { subject: 'lunch', messageId: '<m@far.example>', references: [] },
}
function composed(changes: Partial<AwayNotice>, answers: Partial<AwayNotice['answers']> = {}): Uint8Array {
  const made = composeAwayNotice({ ...notice, ...changes, answers: { ...notice.answers, ...answers } })
  assert.ok(made.ok)
  return made.value
}
const octetsOf = (_all: string, base64: string): string => Buffer.from(base64, 'base64').toString()
const subjectOf = (octets: Uint8Array): string =>
  fieldsNamed(parseEntity(octets), 'Subject')[0]!
    .replace(/\?= +=\?/g, '?==?')
    .replace(/=\?utf-8\?B\?([A-Za-z0-9+/=]+)\?=/g, octetsOf)

const hostile = 'x\r\nBcc: z@far.example\r\n\r\n\u202eevil\0'
for (const [what, subject, shown] of [
  ['plain', 'lunch', 'Auto: lunch'],
  ['letters of all kinds', 'Grüße 🎉', 'Auto: Grüße 🎉'],
  ['none', null, 'Auto: your message'],
  ['blanks', '  ', 'Auto: your message'],
  ['line ends and more', hostile, 'Auto: x??Bcc: z@far.example?????evil?'],
  ['what looks encoded', '=?utf-8?B?DQpCY2M6IHg=?=', 'Auto: =?utf-8?B?DQpCY2M6IHg=?='],
  ['very long', '🎉'.repeat(900), `Auto: ${'🎉'.repeat(200)}`],
] as const)
  test(`LP-05, HDR-12: the subject is that of the message, marked, and one line: ${what}`, () => {
    const octets = composed({}, { subject })
    assert.equal(fieldsNamed(parseEntity(octets), 'Bcc').length, 0)
    assert.equal(subjectOf(octets), shown)
  })

test('LP-05: the subject of the owner stands as it is', () => {
  assert.equal(subjectOf(composed({ subject: 'Im Urlaub – bis März' })), 'Im Urlaub – bis März')
})

test('LP-05, RFC 5322 §3.6.4: it stands in the thread; only identifiers are taken over, and not all of many', () => {
  const many = Array.from({ length: 500 }, (_, n) => `<${n}@far.example>`)
  const entity = parseEntity(composed({}, { references: ['<a@x>', 'b@x', '<c d@x>', '<\r\ne@x>', '<m@far.example>'] }))
  assert.deepEqual(fieldsNamed(entity, 'References'), ['<a@x> <m@far.example>'])
  const [long] = fieldsNamed(parseEntity(composed({}, { references: many })), 'References')
  const ids = long!.split(/ +/)
  assert.deepEqual(
    [ids.length, ids[0], ids.at(-2), ids.at(-1)],
    [20, '<0@far.example>', '<499@far.example>', '<m@far.example>'],
  )
  for (const messageId of [null, 'none', '<a b@x>', '<a@x>\r\nX: y']) {
    const bare = parseEntity(composed({}, { messageId, references: many }))
    assert.deepEqual([fieldsNamed(bare, 'References'), fieldsNamed(bare, 'In-Reply-To')], [[], []])
  }
})

test('LP-05: its text is of any language and passes every server', () => {
  const text = 'Ich bin weg.\n.\n\nFrom here: zurück\n' + 'ä'.repeat(3000)
  const octets = composed({ text })
  assert.ok(octets.every((octet) => octet < 128))
  const [part] = readByPython([octets])[0]!
  assert.equal(Buffer.from(part!.payload, 'base64').toString().replaceAll('\r\n', '\n').trimEnd(), text)
  assert.deepEqual(part!.defects, [])
})
