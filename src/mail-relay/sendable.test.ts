// What leaves for a host that takes less than what is stored.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { row } from './rows-test-rig.ts'
import { mailFor } from './sendable.ts'
import type { Sendable } from './session-types.ts'

const mail = (text: string) => {
  const octets = Buffer.from(text, 'latin1')
  return mailFor([row('bob@far.example')], octets, () => Promise.resolve(octets))
}
function textOf(sendable: Sendable | null | undefined): string | null {
  if (!sendable) return null
  const octets = Buffer.concat([...(sendable.chunks() as Iterable<Uint8Array>)]) // small ones are no streams
  assert.equal(octets.length, sendable.sizeBytes)
  return octets.toString('latin1')
}
const latin = 'Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n'
const long = 'x'.repeat(1200)

test('RO-23 8-bit text has a form without 8 bits, and plain text needs none', () => {
  const given = mail(`${latin}Content-Transfer-Encoding: 8bit\r\n\r\n\xc3\xa4\r\n`)
  assert.deepEqual(given.needs, { eightBit: true, smtputf8: false })
  assert.match(textOf(given.sevenBit?.()) ?? '', /Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A4\r\n$/)
  assert.deepEqual(mail('Subject: x\r\n\r\nplain\r\n').sevenBit, undefined)
})

test('RO-23 a signature that others made is not broken: then there is no such form', () => {
  const signed = mail(`DKIM-Signature: v=1; d=far.example\r\n${latin}\r\n\xc3\xa4\r\n`)
  assert.equal(textOf(signed.sevenBit?.()), null)
})

test('RO-24 a line of more than 998 octets is written in shorter ones, unless that breaks a signature', () => {
  const lines = (textOf(mail(`${latin}\r\n${long}\r\n`)) ?? '').split('\r\n')
  assert(lines.every((line) => line.length <= 998))
  const signed = `DKIM-Signature: v=1; d=far.example\r\n${latin}\r\n${long}\r\n`
  assert.equal(textOf(mail(signed)), signed)
  const fits = `${latin}\r\n${'x'.repeat(998)}\r\n`
  assert.equal(textOf(mail(fits)), fits)
})

test('RO-23 a large message needs what was seen when it came', () => {
  const stream = (async function* () {
    yield await Promise.resolve(Buffer.from('x'))
  })()
  const eightBit = row('bob@far.example')
  const given = mailFor([{ ...eightBit, mail: { ...eightBit.mail, body: '8BITMIME' } }], stream, () =>
    Promise.resolve(stream),
  )
  assert.deepEqual([given.needs.eightBit, given.sevenBit], [true, undefined])
})
