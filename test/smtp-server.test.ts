// The mail server's rules about connections: order, limits, TLS, talking too early, shutting down.
import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import { newAppPassword } from '#/accounts/app-passwords.ts'
import { hashPassword, setPassword, sharedSalt } from '#/accounts/passwords.ts'
import { randomPool } from '#/world/node/clock.ts'
import { smtpRig, type Rig } from './smtp-rig.ts'
import { connect, single, whole, type Cut, type WireClient } from './wire-client.ts'

async function greeted(rig: Rig, cut: Cut = whole): Promise<WireClient> {
  const client = await connect(rig.port, cut)
  assert.match((await client.reply()) ?? '', /^220 /)
  await client.ask('EHLO client.example')
  return client
}

async function replies(client: WireClient): Promise<string[]> {
  const all: string[] = []
  for (let reply = await client.reply(); reply !== null; reply = await client.reply()) all.push(reply.slice(0, 9))
  client.destroy()
  return all
}

test('IN-13, EOD-21: pipelined commands get one reply each, in order', async () => {
  await using rig = await smtpRig()
  for (const cut of [whole, single]) {
    const client = await greeted(rig, cut)
    await client.send('MAIL FROM:<a@x.example>\r\nRCPT TO:<ann@example.org>\r\nRCPT TO:<no@example.org>\r\nDATA\r\n')
    await client.send('Subject: x\r\n\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n')
    await client.send('Subject: y\r\n\r\n.\r\nNOOP\r\nQUIT\r\n')
    const codes = (await replies(client)).map((reply) => reply.slice(0, 3)).join(' ')
    assert.equal(codes, '250 250 550 354 250 250 250 354 250 250 221')
  }
  assert.deepEqual(await rig.stored(), { ann: 2, bob: 2 })
})

test('CMD-02: a message sent behind a refused DATA never runs as commands', async () => {
  await using rig = await smtpRig()
  const client = await greeted(rig)
  await client.send(
    'MAIL FROM:<a@x.example>\r\nRCPT TO:<no@example.org>\r\nDATA\r\nRSET\r\nMAIL FROM:<b@x.example>\r\n',
  )
  assert.deepEqual(await replies(client), ['250 2.1.0', '550 5.1.1', '554 5.5.0'])
})

test('CMD-01: a client that talks before the greeting is sent away', async () => {
  await using rig = await smtpRig({ mailServer: { greetDelayMs: 100 } })
  const client = await connect(rig.port)
  await client.send('EHLO x\r\n')
  assert.deepEqual(await replies(client), ['554 5.5.0'])
})

test('CMD-04, IN-10: after a message too big the next one starts from nothing', async () => {
  await using rig = await smtpRig({ mailServer: { messageBytesMax: 65_536 } })
  const client = await greeted(rig)
  assert.match((await client.ask('MAIL FROM:<a@x.example> SIZE=65537')) ?? '', /^552 5\.3\.4 /)
  await client.ask('MAIL FROM:<a@x.example>')
  await client.ask('RCPT TO:<ann@example.org>')
  await client.ask('DATA')
  await client.send(`Subject: x\r\n\r\n${'0123456789abcdef\r\n'.repeat(5000)}.\r\n`)
  assert.match((await client.reply()) ?? '', /^552 5\.3\.4 /)
  assert.match((await client.ask('RCPT TO:<ann@example.org>')) ?? '', /^503 5\.5\.1 /)
  assert.match((await client.ask('MAIL FROM:<a@x.example>')) ?? '', /^250 /)
  client.destroy()
  assert.deepEqual(await rig.stored(), { ann: 0, bob: 0 })
})

test('IN-09: only the recipients over the limit are asked to come again', async () => {
  await using rig = await smtpRig({ mailServer: { recipientsMax: 2 } })
  const client = await greeted(rig)
  await client.ask('MAIL FROM:<a@x.example>')
  assert.match((await client.ask('RCPT TO:<ann@example.org>')) ?? '', /^250 /)
  assert.match((await client.ask('RCPT TO:<bob@example.org>')) ?? '', /^250 /)
  assert.match((await client.ask('RCPT TO:<ann@example.org>')) ?? '', /^452 4\.5\.3 /)
  assert.match((await client.ask('DATA')) ?? '', /^354 /)
  assert.match((await client.ask('Subject: x\r\n\r\nbody\r\n.')) ?? '', /^250 /)
  client.destroy()
  assert.deepEqual(await rig.stored(), { ann: 1, bob: 1 })
})

test('IN-24, CMD-09, ENU-02: errors end a session, and a success between them does not help', async () => {
  await using rig = await smtpRig({ mailServer: { hardErrorsMax: 3 } })
  const client = await greeted(rig)
  await client.ask('MAIL FROM:<a@x.example>')
  await client.send('RCPT TO:<a@example.org>\r\nWIZ\r\nRCPT TO:<ann@example.org>\r\nRCPT TO:<c@example.org>\r\n')
  assert.deepEqual(await replies(client), ['550 5.1.1', '500 5.5.2', '250 2.1.5', '550 5.1.1', '421 4.7.0'])
})

test('CMD-08: commands that bring no message end a session', async () => {
  await using rig = await smtpRig({ mailServer: { junkCommandsMax: 5 } })
  const client = await greeted(rig)
  await client.send('NOOP\r\n'.repeat(6))
  assert.deepEqual((await replies(client)).slice(-2), ['250 2.0.0', '421 4.7.0'])
})

test('IN-06: an over-long command line is refused and the session goes on', async () => {
  await using rig = await smtpRig()
  const client = await greeted(rig)
  assert.match((await client.ask(`NOOP ${'x'.repeat(5000)}`)) ?? '', /^500 5\.5\.2 /)
  assert.match((await client.ask('NOOP')) ?? '', /^250 /)
  client.destroy()
})

test('IN-22: connections of one client are counted', async () => {
  await using rig = await smtpRig({ mailServer: { connectionsPerClientMax: 1 } })
  const first = await greeted(rig)
  assert.deepEqual(await replies(await connect(rig.port)), ['421 4.7.0'])
  assert.equal(rig.server.sessions().length, 1)
  first.destroy()
})

test('IN-22: a silent client is told so and cut off', async () => {
  await using rig = await smtpRig({ mailServer: { commandMs: 300 } })
  assert.deepEqual(await replies(await greeted(rig)), ['421 4.4.2'])
})

test('IN-23, CMD-26: at shutdown idle sessions are told, and a message under way is still taken', async () => {
  await using rig = await smtpRig()
  const idle = await greeted(rig)
  const busy = await greeted(rig)
  await busy.send('MAIL FROM:<a@x.example>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\nSubject: x\r\n')
  for (let i = 0; i < 3; i++) await busy.reply()
  const drained = rig.server.drain(3_000)
  assert.deepEqual(await replies(idle), ['421 4.3.2'])
  await busy.send('\r\ntext\r\n.\r\n')
  assert.deepEqual(await replies(busy), ['250 2.0.0', '421 4.3.2'])
  await drained
  assert.deepEqual(await rig.stored(), { ann: 1, bob: 0 })
})

test('IN-13, STL-01, STL-04..06: TLS starts from nothing, and nothing may hide before it', async () => {
  await using rig = await smtpRig({ tls: true })
  const hiding = await greeted(rig)
  await hiding.send('STARTTLS\r\nNOOP\r\n')
  assert.deepEqual(await replies(hiding), ['554 5.5.1'])
  const client = await greeted(rig)
  assert.match((await client.ask('STARTTLS now')) ?? '', /^501 5\.5\.4 /)
  await client.ask('MAIL FROM:<a@x.example>')
  assert.match((await client.ask('STARTTLS')) ?? '', /^220 /)
  await client.startTls()
  assert.match((await client.ask('MAIL FROM:<a@x.example>')) ?? '', /^503 5\.5\.1 /)
  assert.doesNotMatch((await client.ask('EHLO client.example')) ?? '', /STARTTLS/)
  assert.match((await client.ask('STARTTLS')) ?? '', /^554 5\.5\.1 /)
  assert.match((await client.ask('MAIL FROM:<a@x.example>')) ?? '', /^250 /)
  client.destroy()
})

test('IN-26, AUT-01: submission takes mail from those who signed in only', async () => {
  await using rig = await smtpRig({ listener: 'submission' })
  const client = await greeted(rig)
  assert.match((await client.ask('MAIL FROM:<ann@example.org>')) ?? '', /^530 5\.7\.0 /)
  const login = (text: string): string => `AUTH PLAIN ${Buffer.from(text).toString('base64')}`
  assert.match((await client.ask(login('bob\0ann\0ann secret'))) ?? '', /^535 5\.7\.8 /)
  assert.match((await client.ask(login('\0ann\0wrong'))) ?? '', /^535 5\.7\.8 /)
  assert.match((await client.ask(login('\0ann\0ann secret'))) ?? '', /^235 2\.7\.0 /)
  assert.match((await client.ask('MAIL FROM:<bob@example.org>')) ?? '', /^553 5\.7\.1 /)
  assert.match((await client.ask('MAIL FROM:<ann@example.org>')) ?? '', /^250 /)
  client.destroy()
})

test('AUT-04: an authentication line over 12288 octets is refused', async () => {
  await using rig = await smtpRig()
  const client = await greeted(rig)
  await client.ask('AUTH PLAIN')
  assert.match((await client.ask('A'.repeat(13_000))) ?? '', /^500 5\.5\.6 /)
  assert.match((await client.ask('NOOP')) ?? '', /^250 /)
  client.destroy()
})

test('IN-26, AUT-11: SCRAM-SHA-256 signs in with the right password only', async () => {
  await using rig = await smtpRig()
  for (const [name, password, wanted] of [
    ['ann', 'ann secret', '334'],
    ['ann', 'wrong', '535'],
    ['nobody', 'ann secret', '535'],
  ] as const) {
    const client = await greeted(rig)
    const bare = `n=${name},r=clientnonce`
    const challenge = (await client.ask(`AUTH SCRAM-SHA-256 ${base64(`n,,${bare}`)}`)) ?? ''
    const first = Buffer.from(challenge.slice(4), 'base64').toString()
    const reply = (await client.ask(base64(scramFinal(password, { bare, first })))) ?? ''
    assert.equal(reply.slice(0, 3), wanted, name)
    if (wanted === '334') assert.match((await client.ask('')) ?? '', /^235 2\.7\.0 /)
    client.destroy()
  }
})

test('PS-15, PS-19: an app password signs in by PLAIN and by SCRAM, made before or after the main one was changed', async () => {
  await using rig = await smtpRig()
  const ann = (await rig.store.mailboxes()).find(({ name }) => name === 'ann')!
  const give = async (label: string): Promise<string> => {
    const made = newAppPassword(randomPool())
    const now = (await rig.store.mailboxes()).find(({ id }) => id === ann.id)!
    const hashes = await hashPassword(made.text, randomPool(), await sharedSalt(rig.store, now))
    await rig.store.addAppPassword({ selector: made.selector, mailbox: ann.id, label, createdAt: 1, ...hashes }, 10)
    return made.text
  }
  const passwords = [await give('before')]
  await setPassword(rig.store, randomPool(), { id: ann.id, password: 'ann new' })
  await rig.reload()
  passwords.push(await give('after'), 'ann new')
  for (const password of passwords) {
    const client = await greeted(rig)
    const challenge = (await client.ask(`AUTH SCRAM-SHA-256 ${base64('n,,n=ann,r=clientnonce')}`)) ?? ''
    const first = Buffer.from(challenge.slice(4), 'base64').toString()
    const final = scramFinal(password, { bare: 'n=ann,r=clientnonce', first })
    assert.match((await client.ask(base64(final))) ?? '', /^334 /, password)
    assert.match((await client.ask('')) ?? '', /^235 2\.7\.0 /)
    client.destroy()
    const plain = await greeted(rig)
    assert.match((await plain.ask(`AUTH PLAIN ${base64(`\0ann\0${password}`)}`)) ?? '', /^235 2\.7\.0 /)
    plain.destroy()
  }
  const used = await rig.store.appPasswords(ann.id)
  assert.deepEqual(
    used.map(({ lastUsedFrom }) => lastUsedFrom),
    ['127.0.0.1', '127.0.0.1'],
  )
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** The client's side of RFC 5802 §3, written apart from the server's. */
function scramFinal(password: string, { bare, first }: { bare: string; first: string }): string {
  const [nonce = '', salt = '', iterations = ''] = first.split(',').map((part) => part.slice(2))
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256')
  const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const clientKey = hmac(salted, 'Client Key')
  const withoutProof = `c=biws,r=${nonce}`
  const signature = hmac(createHash('sha256').update(clientKey).digest(), `${bare},${first},${withoutProof}`)
  return `${withoutProof},p=${Buffer.from(clientKey.map((octet, i) => octet ^ signature[i]!)).toString('base64')}`
}

test('AD-06: a bare name is completed with our own for programs on this machine', async () => {
  await using rig = await smtpRig()
  const client = await greeted(rig)
  await client.ask('MAIL FROM:<a@x.example>')
  assert.match((await client.ask('RCPT TO:<Ann>')) ?? '', /^250 /)
  assert.match((await client.ask('RCPT TO:<nobody>')) ?? '', /^550 5\.1\.1 /)
  client.destroy()
})
