// The words of another host, as they were said: in the queue, in the trace, in a notice and in what a client is told.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '#/cli/call.ts'
import { startTestServer, zoneOf } from '#/dns/test-server.ts'
import { host, readNotices } from './notice-rig.ts'
import { Receiver } from './receiver.ts'

const zone = zoneOf('far.example MX 10 mx.far.example', 'mx.far.example A 127.0.0.1')
const words = 'Empfänger unbekannt 😀'
const say = `550-5.1.1 ${Buffer.from(words).toString('latin1')} (\xe4)\r\n550 5.1.1 \u00c2\u0085end`
const [first, second] = [String.raw`${words} (\xE4)`, '?end']

test('HDR-06, DS-04, QU-11: letters are told as letters, and octets that spell none as octets', async () => {
  await using dns = await startTestServer(zone)
  await using far = await Receiver.open({ script: { rcpt: { say } } })
  await using us = await host({ dns: dns.address, mxPort: far.port })
  await us.submit({ to: ['bob@far.example'] })
  await us.idle()
  const [event] = await us.trace('failed')
  assert.equal(event!.detail['reply'], `550-5.1.1 ${first}\r\n550 5.1.1 ${second}`)
  const selection = { finished: true, reason: 'EMPFÄNGER' }
  const [listed] = (await call(us.running.folder, { name: 'queue.list', parameters: selection })) as [
    { lastReply: string },
  ]
  assert.equal(listed.lastReply, event!.detail['reply'])

  const [text] = await us.mailbox('ann')
  const notice = Buffer.from(text!, 'latin1').toString()
  assert.ok(notice.includes(`      550 5.1.1 ${first}\r\n      550 5.1.1 ${second}\r\n`))
  const [top] = notice.split(`\r\n\r\n`)
  assert.match(top!, /Content-Transfer-Encoding: 8bit/)
  assert.match(notice, /Content-Type: text\/plain; charset=utf-8\r\n(?:.*\r\n)?Content-Transfer-Encoding: 8bit/)
  assert.match(notice, /Content-Type: message\/delivery-status\r\n(?:.*\r\n)?Content-Transfer-Encoding: 7bit/)
  const [told] = readNotices([text!])
  const diagnosis = told!.report[1]!.get('Diagnostic-Code')!.replaceAll('\r\n', '') // it is folded
  assert.equal(diagnosis, String.raw`smtp; 550 5.1.1 Empf\xC3\xA4nger unbekannt \xF0\x9F\x98\x80 (\xE4) ?end`)
})

test('HDR-06, RO-23: the notice goes in ASCII to a host that takes no 8-bit text', async () => {
  await using dns = await startTestServer(zone)
  const refuse = (line: string) => (line.includes('<bob') ? { say } : undefined)
  await using far = await Receiver.open({ script: { rcpt: refuse }, extensions: [] })
  await using us = await host({ dns: dns.address, mxPort: far.port })
  await us.submit({ from: 'cyd@far.example', to: ['bob@far.example'] })
  await us.idle()
  const [taken] = far.ledger
  assert.match(taken!.octets, /^[\t\r\n -~]*$/)
  assert.match(taken!.octets, /Content-Transfer-Encoding: quoted-printable/)
  assert.ok(taken!.octets.replaceAll('=\r\n', '').includes('550 5.1.1 Empf=C3=A4nger unbekannt =F0=9F=98=80 (\\xE4)'))
})
