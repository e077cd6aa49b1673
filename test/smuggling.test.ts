// SMTP smuggling: nothing but CRLF.CRLF ends a message, however the octets arrive. RFC 5321 §4.1.1.4
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { smtpRig } from './smtp-rig.ts'
import { connect, splitAt, whole, type Cut } from './wire-client.ts'

// What stands between the text and the commands that must not run, and the final reply to the one message.
const notAnEnd: readonly [name: string, octets: string][] = [
  ['EOD-01 LF.LF', '\n.\n'],
  ['EOD-02 LF.CRLF', '\n.\r\n'],
  ['EOD-03 CR.CR', '\r.\r'],
  ['EOD-04 CR.CRLF', '\r.\r\n'],
  ['EOD-05 CRLF.LF', '\r\n.\n'],
  ['EOD-06 CRLF.CR', '\r\n.\r'],
  ['EOD-08 NUL before the dot', '\r\n\0.\r\n'],
  ['EOD-09 NUL inside the first CRLF', '\r\0\n.\r\n'],
  ['EOD-10 NUL behind the dot', '\r\n.\0\r\n'],
  ['EOD-10 NUL inside the last CRLF', '\r\n.\r\0\n'],
  ['EOD-11 CRLF.CRCRLF', '\r\n.\r\r\n'],
  ['EOD-11 CRCRLF.CRCRLF', '\r\r\n.\r\r\n'],
]
const smuggled = 'MAIL FROM:<evil@client.example>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\nSubject: no\r\n\r\nx'

async function converse(port: number, body: string, cut: Cut): Promise<string[]> {
  const client = await connect(port, whole)
  await client.reply()
  await client.ask('EHLO client.example')
  await client.send('MAIL FROM:<a@client.example>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n')
  for (let i = 0; i < 3; i++) await client.reply()
  for (const part of cut(Buffer.from(body, 'latin1'))) await client.send(part.toString('latin1'))
  await client.send('QUIT\r\n')
  const replies: string[] = []
  for (let reply = await client.reply(); reply !== null; reply = await client.reply()) replies.push(reply.slice(0, 9))
  client.destroy()
  return replies
}

test('IN-04: what looks like the end of a message is none', { timeout: 60_000 }, async (t) => {
  await using rig = await smtpRig()
  for (const [name, octets] of notAnEnd) {
    await t.test(`${name}, at every split`, async () => {
      const text = 'Subject: x\r\n\r\ntext'
      const body = `${text}${octets}${smuggled}\r\n.\r\n`
      const splits = Array.from({ length: octets.length + 2 }, (_, i) => text.length - 1 + i)
      for (const cut of [whole, ...splits.map(splitAt)]) {
        assert.deepEqual(await converse(rig.port, body, cut), ['550 5.5.2', '221 2.0.0'])
      }
    })
  }
  assert.deepEqual(await rig.stored(), { ann: 0, bob: 0 })
})

test('EOD-12, EOD-14, IN-05: dots and odd line ends at any split are content', { timeout: 60_000 }, async () => {
  await using rig = await smtpRig()
  const bodies = [
    '..\r\n.\r\n',
    '\x0b.\x0b\r\n.\r\n',
    '\x85.\x85\r\n.\r\n',
    'a\r\n..\r\n..b\r\n.\r\n',
    '\xe2\x80\xa8.\xe2\x80\xa8\r\n.\r\n',
  ]
  let stored = 0
  for (const body of bodies) {
    for (let at = 0; at < body.length; at++) {
      assert.deepEqual(await converse(rig.port, `Subject: x\r\n\r\n${body}`, splitAt(14 + at)), [
        '250 2.0.0',
        '221 2.0.0',
      ])
      stored++
    }
  }
  assert.deepEqual(await rig.stored(), { ann: stored, bob: 0 })
})

test('EOD-07: a NUL behind the true end belongs to the next command', async () => {
  await using rig = await smtpRig()
  const replies = await converse(rig.port, 'Subject: x\r\n\r\ntext\r\n.\r\n\0\r\n', whole)
  assert.deepEqual(replies, ['250 2.0.0', '500 5.5.2', '221 2.0.0'])
})

test('EOD-17, IN-30: what is not ended is not taken', async () => {
  await using rig = await smtpRig()
  const client = await connect(rig.port)
  await client.reply()
  await client.ask('EHLO client.example')
  await client.ask('MAIL FROM:<a@client.example>')
  await client.ask('RCPT TO:<ann@example.org>')
  await client.ask('DATA')
  await client.send('Subject: x\r\n\r\ntext\r\n.')
  client.endWriting()
  await client.rest()
  assert.deepEqual(await rig.stored(), { ann: 0, bob: 0 })
})
