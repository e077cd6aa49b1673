// The small values of a message: replies, dates, keys, xtext and the fields that a server writes on top.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseAddress, type Address } from './address.ts'
import { rfc5322Date } from './date.ts'
import { keyTime, messageKey } from './key.ts'
import { formatReply, isAccepted, isPermanent, isTemporary, reply } from './reply.ts'
import {
  deliveredToField,
  originalToField,
  protocolName,
  receivedField,
  returnPathField,
  type ReceivedFrom,
} from './trace-fields.ts'
import { decodeXtext, encodeXtext } from './xtext.ts'

test('CLK-07: a date is what Date#toUTCString says, for any moment of ten thousand years', () => {
  const wanted = (ms: number): string => new Date(ms).toUTCString().replace(/, 0/, ', ').replace('GMT', '+0000')
  const years = fc.integer({ min: -8_520_336_000_000, max: 253_402_300_799_999 }) // 1700 to 9999
  fc.assert(
    fc.property(years, (ms) => assert.equal(rfc5322Date(ms), wanted(ms))),
    { numRuns: 20_000 },
  )
  for (let year = 1896; year < 2110; year++)
    for (const day of ['02-28T23:59:59Z', '03-01T00:00:00Z', '12-31T23:59:59.999Z', '01-01T00:00:00Z'])
      assert.equal(rfc5322Date(Date.parse(`${year}-${day}`)), wanted(Date.parse(`${year}-${day}`)))
})

test('a reply is written line by line, and one that contradicts itself is our bug', () => {
  assert.equal(formatReply(reply(250, null, 'one', 'two')), '250-one\r\n250 two\r\n')
  assert.equal(formatReply(reply(550, '5.1.1', 'No')), '550 5.1.1 No\r\n')
  assert.throws(() => reply(250, '5.1.1', 'x'))
  assert.throws(() => reply(250, null))
  assert.throws(() => reply(250, null, 'a\r\nb'))
  const classes = [354, 451, 550].map((code) => reply(code, null, 'x'))
  assert.deepEqual(classes.map(isAccepted), [true, false, false])
  assert.deepEqual(classes.map(isTemporary), [false, true, false])
  assert.deepEqual(classes.map(isPermanent), [false, false, true])
})

test('keys are in the order of their moments, differ within one, and tell their moment', () => {
  const moment = fc.integer({ min: 0, max: 2 ** 48 - 1 })
  const random = fc.uint8Array({ minLength: 10, maxLength: 10 })
  fc.assert(
    fc.property(moment, moment, random, random, (a, b, x, y) => {
      const [first, second] = [messageKey(a, x), messageKey(b, y)]
      assert.match(first, /^[0-9a-hjkmnp-tv-z]{26}$/)
      assert.equal(keyTime(first), a)
      if (a !== b) assert.equal(first < second, a < b)
      else assert.equal(first === second, Buffer.from(x).equals(y))
    }),
    { numRuns: 2000 },
  )
  const one = new Set(Array.from({ length: 256 }, (_, i) => messageKey(1, new Uint8Array(10).fill(i))))
  assert.equal(one.size, 256)
})

const wrongXtext = ['+', '+G0', '+0a', 'a=b', 'a b', '\xe4', '+00', '+0D+0A', '+7F', '\x7f', '+E4']
for (const text of wrongXtext)
  test(`CMD-12: ${JSON.stringify(text)} is no xtext`, () => assert.equal(decodeXtext(text), null))

test('CMD-12: any printable ASCII is the same again behind xtext', () => {
  const octet = fc.integer({ min: 32, max: 126 })
  fc.assert(
    fc.property(fc.array(octet), (codes) => {
      const text = String.fromCharCode(...codes)
      assert.match(encodeXtext(text), /^[!-~]*$/)
      assert.equal(decodeXtext(encodeXtext(text)), text)
    }),
  )
})

const address = (text: string): Address => {
  const parsed = parseAddress(text)
  assert.ok(parsed.ok)
  return parsed.value
}
const from: ReceivedFrom = {
  ehlo: 'client.example',
  reverseName: 'host.client.example',
  address: '192.0.2.1',
  by: 'mx.example.org',
  protocol: 'ESMTPS',
  key: '0123',
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
  forRecipient: address('ann@example.org'),
  at: 0,
}

test('IN-20: a Received field names both ends, the protocol, the key, and the one recipient', () => {
  assert.equal(
    receivedField(from),
    'Received: from client.example (host.client.example [192.0.2.1])\r\n' +
      '\tby mx.example.org with ESMTPS id 0123\r\n\t(TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n' +
      '\tfor <ann@example.org>;\r\n\tThu, 1 Jan 1970 00:00:00 +0000\r\n',
  )
  const bare = receivedField({ ...from, ehlo: null, reverseName: null, tls: null, forRecipient: null })
  assert.match(bare, /^Received: from unknown \(unknown \[192\.0\.2\.1\]\)\r\n\tby [^\r]*;\r\n\tThu/)
  assert.match(receivedField({ ...from, ehlo: '' }), /^Received: from unknown /)
})

const protocols: readonly [flags: string, name: string][] = [
  ['', 'SMTP'],
  ['extended', 'ESMTP'],
  ['extended tls', 'ESMTPS'],
  ['extended authenticated', 'ESMTPA'],
  ['extended tls authenticated', 'ESMTPSA'],
  ['extended utf8', 'UTF8SMTP'],
  ['extended utf8 tls authenticated', 'UTF8SMTPSA'],
]
for (const [flags, name] of protocols)
  test(`IN-20: ${flags || 'a plain session'} is written as ${name}`, () => {
    const has = (flag: string): boolean => flags.includes(flag)
    const facts = { extended: has('extended'), tls: has('tls'), authenticated: has('authenticated'), utf8: has('utf8') }
    assert.equal(protocolName(facts), name)
  })

test('HDR-01: whatever a client calls itself, the field stays one field with its three lines', () => {
  const hostile = fc.string({
    unit: fc.constantFrom('a', ')', '(', ';', '\r\n', '\n', 'X:', ' ', '\xe9', '\u2028', '"'),
    maxLength: 300,
    size: 'max',
  })
  fc.assert(
    fc.property(hostile, hostile, (ehlo, name) => {
      const text = receivedField({ ...from, ehlo, reverseName: name, tls: { version: name, cipher: ehlo } })
      assert.equal(text.match(/\r\n(?!\t)./g), null)
      assert.equal(text.replaceAll('\r\n', '').match(/[\r\n]|[^\t -~]/), null)
      assert.ok(text.split('\r\n').every((line) => line.length <= 998))
    }),
  )
})

test('HDR-03: addresses with marks of comments and lists are quoted in the fields', () => {
  assert.equal(
    returnPathField(address('"any@legit(a"@client.example')),
    'Return-Path: <"any@legit(a"@client.example>\r\n',
  )
  assert.equal(returnPathField(address('"a,b:\'c"@client.example')), 'Return-Path: <"a,b:\'c"@client.example>\r\n')
  assert.equal(returnPathField(null), 'Return-Path: <>\r\n')
  assert.equal(deliveredToField('jörg'), 'Delivered-To: j\xc3\xb6rg\r\n')
  assert.equal(originalToField('ä@example.org'), 'X-Original-To: \xc3\xa4@example.org\r\n')
})
