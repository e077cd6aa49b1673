// Replies of servers, right and wrong, and what is stored of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatReply, replyText } from '#/message/reply.ts'
import { LineReader } from './lines.ts'
import { readReply, storedReply, type ReplyResult } from './replies.ts'

/** Reads one reply out of these octets, each line taking `lineMs`; the end of the octets is a close. */
function read(octets: string, lineMs = 0): ReplyResult {
  const lines = new LineReader()
  lines.push(Buffer.from(octets, 'latin1'))
  const session = readReply(1000)
  let now = 0
  let step = session.next()
  while (!step.done) {
    if (step.value.do === 'readLine') {
      now += lineMs
      const late = lineMs > step.value.timeoutMs
      step = session.next(late ? { is: 'timeout' } : (lines.next(step.value.lineBytesMax) ?? { is: 'closed' }))
    } else step = session.next(now)
  }
  return step.value
}

const octetsOf = (text: string): string => Buffer.from(text).toString('latin1')

const right: readonly [octets: string, code: number, status: string | null, lines: readonly string[]][] = [
  ['250 ok\r\n', 250, null, ['ok']],
  ['250\r\n', 250, null, ['']],
  ['250 \r\n', 250, null, ['']],
  ['250-\r\n250\r\n', 250, null, ['', '']],
  ['250-one\r\n250 two\r\n', 250, null, ['one', 'two']],
  ['550 5.1.1 nobody\r\n', 550, '5.1.1', ['nobody']],
  ['550-5.1.1 no\r\n550 5.1.1 body\r\n', 550, '5.1.1', ['no', 'body']],
  ['550-5.1.1 no\r\n550 body\r\n', 550, '5.1.1', ['no', 'body']],
  ['550 5.1.1\r\n', 550, '5.1.1', ['']],
  ['550 2.1.1 fine\r\n', 550, null, ['2.1.1 fine']], // the basic code decides, and both are stored
  ['450 5.1.1 never\r\n', 450, null, ['5.1.1 never']],
  ['354 3.0.0 go\r\n', 354, null, ['3.0.0 go']],
  ['550 5.1.1x no\r\n', 550, null, ['5.1.1x no']],
  ['550 5.1.1234 no\r\n', 550, null, ['5.1.1234 no']],
  ['599 far\r\n', 599, null, ['far']],
  ['550 \x1b[2J\xe4\x7f\t\r\n', 550, null, ['?[2J\\xE4??']],
  [
    `550 5.1.1 ${octetsOf('Empfänger unbekannt, 宛先 不明 😀')}\r\n`,
    550,
    '5.1.1',
    ['Empfänger unbekannt, 宛先 不明 😀'],
  ],
  [`550-${octetsOf('für')}\r\n550 f\xfcr\r\n`, 550, null, ['für', 'f\\xFCr']],
  [
    `550 ${octetsOf('ä')}\xc3 \xa4 \xc0\xaf \xed\xa0\x80\xff\r\n`,
    550,
    null,
    ['ä\\xC3 \\xA4 \\xC0\\xAF \\xED\\xA0\\x80\\xFF'],
  ],
  [`550 ${octetsOf('a\u0085b\u202ec\u2066d\u061ce\u2028f\ufeff')}\r\n`, 550, null, ['a?b?c?d?e?f?']],
]
for (const [octets, code, status, lines] of right)
  test(`RO-19, RO-20: ${JSON.stringify(octets)}`, () => {
    const result = read(octets)
    assert.ok('code' in result)
    assert.deepEqual(storedReply(result), { code, status, lines })
  })

const wrong = ['000 x', '099 x', '199 x', '600 x', '999 x', '25', '2500', '250_', '250+ok', ' 250', '', 'hello', '2 50', '250-a\r\n251 b', '250-a\r\nb', '250-a\r\n', '250 a\rb', '250 a\0', '250 a\nb', 'x'.repeat(200_000), `250-${'x'.repeat(60_000)}\r\n250-${'x'.repeat(6000)}`, '250-x\r\n'.repeat(10_000)] // prettier-ignore
for (const text of wrong)
  test(`RO-19, OUT-01, OUT-02: ${JSON.stringify(text.slice(0, 30))} is no reply`, () =>
    assert.equal(read(`${text}\r\n`).is, 'garbage'))

test('OUT-01: what breaks off is closed; what drips has the time of two lines in all', () => {
  assert.equal(read('250-one\r\n25').is, 'closed')
  assert.equal(read('250-x\r\n'.repeat(90), 900).is, 'timeout')
  assert.equal(read('250-x\r\n250 y\r\n', 900).is, 'good')
  assert.equal(read('250 y\r\n', 1100).is, 'timeout')
})

const unsafe = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

test('OUT-02, OUT-03: whatever a host says, at most 1,024 characters of printable text is stored, and it can be written again', () => {
  const reply = fc.tuple(
    fc.integer({ min: 200, max: 599 }),
    fc.array(fc.string({ unit: 'binary', maxLength: 600 }), { minLength: 1 }),
  )
  fc.assert(
    fc.property(reply, ([code, lines]) => {
      const stored = storedReply({ is: 'good', code, lines })
      const text = stored.lines.join('')
      assert.ok(text.length <= 1024 && text.isWellFormed() && !unsafe.test(text))
      assert.match(formatReply(stored), /^(?:[ -~]*\r\n)+$/)
      assert.equal(formatReply(stored).split('\r\n').length, stored.lines.length + 1)
      assert.equal(replyText(stored).split('\r\n').length, stored.lines.length)
    }),
  )
})

test('OUT-03: what is cut ends with a whole letter, or with a whole octet that is none', () => {
  const cut = (...lines: string[]): string => storedReply({ is: 'refused', code: 550, lines }).lines.join('\n')
  assert.equal(cut(octetsOf(`x${'😀'.repeat(600)}`)), `x${'😀'.repeat(511)}`)
  assert.equal(cut(`xx${'\xe4'.repeat(600)}`), `xx${'\\xE4'.repeat(255)}`)
  assert.equal(cut('x'.repeat(1023), octetsOf('😀')), `${'x'.repeat(1023)}\n`)
  assert.equal(cut(octetsOf('ä'.repeat(1024))), 'ä'.repeat(1024))
})

test('HDR-11: words of another server that are written to a client are ASCII', () => {
  const said = storedReply({ is: 'refused', code: 550, lines: [octetsOf('für'), 'f\xfcr \u010d'] })
  assert.equal(formatReply(said), '550-f?r\r\n550 f\\xFCr ?\r\n')
  assert.equal(replyText(said), '550-für\r\n550 f\\xFCr č')
})
