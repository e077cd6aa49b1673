// Relaying: a default installation takes mail for its own addresses and for nobody else, however the address is written.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { smtpRig } from './smtp-rig.ts'
import { connect } from './wire-client.ts'

const senders = ['', 'ann@example.org', 'postmaster@example.org', 'x@outside.example', 'ann@localhost', 'root']
const outside: readonly [id: string, address: string][] = [
  ['RLY-01', 'x@outside.example'],
  ['RLY-02', 'x%outside.example@mx.example.org'],
  ['RLY-02', 'x%outside.example@example.org'],
  ['RLY-02', 'x%outside.example@[127.0.0.1]'],
  ['RLY-02', 'x%outside.example'],
  ['RLY-03', '"x@outside.example"'],
  ['RLY-03', '"x%outside.example"'],
  ['RLY-04', 'x@outside.example@example.org'],
  ['RLY-04', 'x@example.org@outside.example'],
  ['RLY-05', '"x@outside.example"@example.org'],
  ['RLY-05', '"x@outside.example"@[127.0.0.1]'],
  ['RLY-06', '@example.org:x@outside.example'],
  ['RLY-06', '@[127.0.0.1]:x@outside.example'],
  ['RLY-06', '@example.org,@mx.example.org:x@outside.example'],
  ['RLY-07', 'outside.example!x'],
  ['RLY-07', 'outside.example!x@example.org'],
  ['RLY-08', 'x@[192.0.2.1]'],
  ['RLY-08', 'x@192.0.2.1'],
  ['RLY-08', 'x@#3405803781'],
  ['RLY-08', 'x@2130706433'],
  ['RLY-08', 'x@0x7f.1'],
  ['RLY-08', 'x@[IPv6:2001:db8::5]'],
  ['RLY-10', 'x@outside.example.'],
  ['RLY-10', 'ann@sub.example.org'],
  ['RLY-10', 'ann@notexample.org'],
  ['RLY-10', 'ann@example.org.outside.example'],
  ['RLY-11', 'x@'],
  ['RLY-11', '@example.org'],
  ['RLY-11', ''],
  ['RLY-11', '@'],
  ['RLY-12', 'x@outside.example:25'],
  ['RLY-12', 'x:outside.example@example.org'],
  ['RLY-12', 'x@outside.example;ann@example.org'],
  ['RLY-12', 'ann@example.org,x@outside.example'],
  ['RLY-12', 'ann@example.org x@outside.example'],
  ['RLY-13', 'x@outside.example\0@example.org'],
  ['RLY-13', 'x@outside.example\n@example.org'],
  ['RLY-13', 'x@outside.example\t@example.org'],
  ['RLY-14', 'x@outside.example(@example.org)'],
  ['RLY-14', 'x(@example.org)@outside.example'],
  ['RLY-14', 'ann@example.org(x)outside.example'],
  ['RLY-15', '=?utf-8?q?victim=40outside.example=3e=00?=x@example.org'],
  ['RLY-16', 'ann@example.or\xc4\xa1'],
  ['RLY-17', '|id@example.org'],
  ['RLY-17', '/etc/passwd@example.org'],
  ['RLY-17', '-oQ@example.org'],
  ['RLY-17', '../../x@example.org'],
  ['RLY-17', '$(id)@example.org'],
]

test('no way of writing an outside recipient relays from a default installation', { timeout: 30_000 }, async (t) => {
  await using rig = await smtpRig({
    mailServer: { softErrorsMax: 10_000, hardErrorsMax: 10_000, junkCommandsMax: 10_000 },
  })
  const client = await connect(rig.port)
  await client.reply()
  await client.ask('EHLO mx.example.org') // our own name opens no door
  for (const [id, to] of outside) {
    await t.test(`${id}: ${JSON.stringify(to)} is refused, whoever the sender claims to be`, async () => {
      for (const sender of senders) {
        await client.ask('RSET')
        assert.match((await client.ask(`MAIL FROM:<${sender}>`)) ?? '', sender === 'root' ? /^501 5\.1\.7 / : /^250 /)
        assert.match((await client.ask(`RCPT TO:<${to}>`)) ?? '', /^5\d\d 5\./)
        assert.match((await client.ask('DATA')) ?? '', /^5(03|54) /)
      }
    })
  }
  client.destroy()
  assert.deepEqual(await rig.stored(), { ann: 0, bob: 0 })
  assert.equal((await rig.store.queue.find({ limit: 10 })).length, 0)
})

test('RLY-19, XP-03: loopback and signed-in users do not relay while forwarding is off', async () => {
  await using rig = await smtpRig()
  const client = await connect(rig.port)
  await client.reply()
  await client.ask('EHLO client.example')
  await client.ask(`AUTH PLAIN ${Buffer.from('\0ann\0ann secret').toString('base64')}`)
  assert.match((await client.ask('MAIL FROM:<ann@example.org>')) ?? '', /^250 /)
  assert.match((await client.ask('RCPT TO:<x@outside.example>')) ?? '', /^550 5\.7\.1 /)
  client.destroy()
})

test('RLY-01: with forwarding on a signed-in user relays, a stranger does not', async () => {
  await using rig = await smtpRig({ mailServer: { forwarding: true } })
  const client = await connect(rig.port)
  await client.reply()
  await client.ask('EHLO client.example')
  await client.ask('MAIL FROM:<ann@example.org>')
  const stranger = (await client.ask('RCPT TO:<x@outside.example>')) ?? ''
  assert.match(stranger, /^550 5\.7\.1 /)
  await client.ask('RSET')
  await client.ask(`AUTH PLAIN ${Buffer.from('\0ann\0ann secret').toString('base64')}`)
  await client.ask('MAIL FROM:<ann@example.org>')
  assert.match((await client.ask('RCPT TO:<x@outside.example>')) ?? '', /^250 2\.1\.5 /)
  await client.ask('DATA')
  assert.match((await client.ask('Subject: x\r\n\r\nbody\r\n.')) ?? '', /^250 /)
  client.destroy()
  assert.equal((await rig.store.queue.find({ limit: 10 })).length, 1)
})
