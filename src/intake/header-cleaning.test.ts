// Header fields that are taken off on arrival, and those that only look like them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authservId, cleanHeader } from './header-cleaning.ts'

const rules = { hostname: 'mx.example.org', isOurs: (text: string) => text === 'ann@example.org' }
const clean = (text: string) => {
  const facts = cleanHeader(Buffer.from(text, 'latin1'), rules)
  return { ...facts, text: facts.kept.map((part) => Buffer.from(part).toString('latin1')).join('') }
}

const gone: readonly [id: string, field: string][] = [
  ['IN-20', 'Return-Path: <x@evil.example>\r\n'],
  ['IN-20', 'RETURN-PATH : <>\r\n'],
  ['IN-21', 'X-Spam-Status: No\r\n'],
  ['IN-21', 'x-spam-flag:NO\r\n\tfolded\r\n more\r\n'],
  ['IN-21', 'Delivered-To: ann@example.org\r\n'],
  ['HDR-04', 'Authentication-Results: mx.example.org; spf=pass\r\n'],
  ['HDR-04', 'AUTHENTICATION-RESULTS: MX.Example.Org; spf=pass\r\n'],
  ['HDR-04', 'Authentication-Results:\r\n mx.example.org;\r\n spf=pass\r\n'],
  ['HDR-04', 'Authentication-Results : mx.example.org; none\r\n'],
  ['HDR-04', 'Authentication-Results: (c) (nested (c)) mx.example.org (v) 1; none\r\n'],
  ['HDR-04', 'Authentication-Results: "mx.example.org"; none\r\n'],
  ['HDR-04', 'Authentication-Results: "mx\\.example.org" 1; none\r\n'],
  ['HDR-04', 'Authentication-Results: mx.example.org.; none\r\n'],
  ['HDR-04', 'Authentication-Results: mx.example.org\r\n'],
]
const stays = [
  'Authentication-Results: mx.example.com; spf=pass\r\n',
  'Authentication-Results: (mx.example.org) other.example; spf=pass\r\n',
  'X-Authentication-Results: mx.example.org; spf=pass\r\n',
  'Delivered-To: someone@else.example\r\n',
  'X-Return-Path: <a@b.example>\r\n',
  'X-Spammer: me\r\n',
  'Subject: Return-Path: <x>\r\n X-Spam-Flag: NO\r\n',
]

test('fields that only we may write are taken off', async (t) => {
  for (const [id, field] of gone)
    await t.test(`${id}: ${JSON.stringify(field)}`, () => {
      const first = 'From: a@b.example\r\n'
      const last = 'To: ann@example.org\r\n\tfolded\r\n'
      assert.equal(clean(first + field + last).text, first + last)
      assert.equal(clean(field + first).text, first)
      assert.equal(clean(first + field.repeat(500)).text, first)
    })
})

test('IN-20: every other field stays, octet by octet, and then nothing is copied', () => {
  for (const field of stays) assert.equal(clean(field).text, field)
  const section = Buffer.from(stays.join('') + 'X-Odd:\x80\xff  \t\r\nno colon here\r\n', 'latin1')
  const { kept, removed } = cleanHeader(section, rules)
  assert.equal(kept.length, 1)
  assert.equal(kept[0]!.buffer, section.buffer)
  assert.equal(kept[0]!.length, section.length)
  assert.deepEqual(removed, [])
})

test('subject and Message-ID are read for the trace, the first of each', () => {
  const facts = clean(
    'Received: a\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID:\r\n <1@x>\r\nSubject: two\r\nreceived: b\r\n',
  )
  assert.partialDeepStrictEqual(facts, { subject: 'Grüße', messageId: '<1@x>', receivedCount: 2, fieldCount: 5 })
})

test('HDR-10: fields named like members of an object are fields like others', () => {
  const text = '__proto__: x\r\nconstructor: y\r\ntoString: z\r\n'
  assert.equal(clean(text).text, text)
})

test('HDR-04: unclosed comments and quotes come to an end', () => {
  for (const value of ['(', '((((', '(\\', '"', '"\\', '', '"mx.example.org'])
    assert.equal(typeof authservId(value), 'string')
})

test('DL-02: lists and bulk senders are known by List-Id and Precedence, not by what only looks like it', async (t) => {
  const bulk = ['List-Id: <a.example>', 'Precedence: list', 'PRECEDENCE:  Bulk', 'precedence: junk']
  const personal = ['Precedence: first-class', 'X-Precedence: bulk', 'List-Archive: <x>', 'Subject: Precedence: bulk']
  for (const [lines, wanted] of [[bulk, true] as const, [personal, false] as const])
    for (const line of lines) await t.test(line, () => assert.equal(clean(`To: x\r\n${line}\r\n`).bulk, wanted))
})
