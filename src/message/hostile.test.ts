// Forms that once came through: domains cut short, letters cut in two, line ends made of other letters.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress, parseDomain } from './address.ts'
import { decodeWords } from './header.ts'
import { formatReply, reply } from './reply.ts'
import { deliveredToField, originalToField, receivedField } from './trace-fields.ts'

for (const tail of ['/evil', '?x', '#x', ':25', '\\.x', '%2eevil', '@evil', '\t.evil', '\0', ' '])
  test(`RLY-16: nothing is cut off a Unicode domain followed by ${JSON.stringify(tail)}`, () =>
    assert.equal(parseDomain(`bücher.example${tail}`).ok, false))

for (const local of ['a\u0085b', '"a\u009fb"', 'a\u2028b', '"a\\\u2029b"'])
  test(`AD-08: ${JSON.stringify(local)} holds a control character or a line separator and is refused`, () =>
    assert.equal(parseAddress(`${local}@x.org`).ok, false))

test('IN-07: a path has at most 256 octets with its brackets', () => {
  const domain = `${'x'.repeat(62)}.`.repeat(4).slice(0, -1)
  assert.equal(parseAddress(`ab@${domain}`).ok, true)
  assert.equal(parseAddress(`abc@${domain}`).ok, false)
})

test('HDR-11: no letter becomes a line end or an octet above 126 when a reply is written as latin1', () => {
  for (let code = 0; code <= 0xffff; code++) {
    if (code === 10 || code === 13) continue
    const c = String.fromCharCode(code)
    const text = formatReply(reply(550, '5.7.1', `a${c}b`, `${c}c`))
    assert.match(text, /^550-5\.7\.1 a[ -~]b\r\n550 5\.7\.1 [ -~]c\r\n$/, `U+${code.toString(16)}`)
  }
})

test('HDR-12: a value that would break its field is a bug that stops here', () => {
  for (const bad of ['a\rb', 'a\nb', 'a\0b']) {
    assert.throws(() => deliveredToField(bad), assert.AssertionError)
    assert.throws(() => originalToField(bad), assert.AssertionError)
  }
})

test('IN-20: an IPv6 client is named by an address literal', () => {
  const client = { ehlo: 'a.example', reverseName: null, address: '2001:db8::5', tls: null, forRecipient: null }
  const field = receivedField({ ...client, by: 'mx.example', protocol: 'ESMTP', key: 'k', at: 0 })
  assert.match(field, /^Received: from a\.example \(unknown \[IPv6:2001:db8::5\]\)\r\n/)
})

test('MSG-07: a letter that is cut over two words is shown whole; words of two charsets are not joined', () => {
  assert.equal(decodeWords('=?utf-8?q?caf=C3?= =?utf-8?b?qQ==?='), 'café')
  assert.equal(decodeWords('=?iso-8859-1?q?=E9?= =?utf-8?q?=C3=A9?='), 'éé')
})
