// The mail server under TLS, and under clients that break it: implicit TLS, garbage, floods, endless lines, resets.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import net from 'node:net'
import { test } from 'node:test'
import tls from 'node:tls'
import { ensureCertificate, readIdentity } from '#/world/node/certificate.ts'
import { clock } from '#/world/node/clock.ts'
import { nodeNet } from '#/world/node/net.ts'
import type { Connection, Listener, TlsIdentity } from '#/world/world.ts'
import { dataFolder } from './serve.ts'
import { smtpRig, type Rig } from './smtp-rig.ts'
import { connect, WireClient } from './wire-client.ts'

const insecure = { rejectUnauthorized: false }
const openFiles = (): number => readdirSync('/proc/self/fd').length
const settle = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

async function overTls(rig: Rig, options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
  const socket = tls.connect({ host: '127.0.0.1', port: rig.port, ...insecure, ...options })
  await new Promise((ready, failed) => socket.once('secureConnect', ready).once('error', failed))
  return socket
}

test('IN-26, EOD-13: submission over TLS takes a message from who signed in, cut into single octets', async () => {
  await using rig = await smtpRig({ tls: true, listener: 'submissions' })
  const client = new WireClient(await overTls(rig), (octets) => Array.from(octets, (_, i) => octets.subarray(i, i + 1)))
  assert.match((await client.reply()) ?? '', /^220 /)
  assert.match((await client.ask('EHLO client.example')) ?? '', /AUTH SCRAM-SHA-256 PLAIN LOGIN|AUTH /)
  const login = Buffer.from('\0ann\0ann secret').toString('base64')
  assert.match((await client.ask(`AUTH PLAIN ${login}`)) ?? '', /^235 /)
  await client.ask('MAIL FROM:<ann@example.org>')
  await client.ask('RCPT TO:<bob@example.org>')
  await client.ask('DATA')
  await client.send('Subject: x\r\n\r\n.dot\r\n\n.\n\r\n.\r\n')
  assert.match((await client.reply()) ?? '', /^550 5\.5\.2 /) // a bare LF: D4, also under TLS
  client.destroy()
  assert.deepEqual(await rig.stored(), { ann: 0, bob: 0 })
})

test('STL-13: TLS 1.0 and 1.1 are refused', async () => {
  await using rig = await smtpRig({ tls: true, listener: 'submissions' })
  for (const version of ['TLSv1', 'TLSv1.1'] as const)
    await assert.rejects(overTls(rig, { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' }))
  ;(await overTls(rig)).destroy()
})

test('STL-07, STL-08: plain commands at a TLS port, and garbage after STARTTLS, end the connection without an echo', async () => {
  await using implicit = await smtpRig({ tls: true, listener: 'submissions' })
  const plain = await connect(implicit.port)
  await plain.send('EHLO secret-word\r\n')
  assert.doesNotMatch(await plain.rest(), /secret-word|220/)
  await using starting = await smtpRig({ tls: true })
  const client = await connect(starting.port)
  await client.reply()
  await client.ask('EHLO client.example')
  assert.match((await client.ask('STARTTLS')) ?? '', /^220 /)
  await client.send('NOOP secret-word\r\n')
  assert.doesNotMatch(await client.rest(), /250|secret-word/)
})

test('STL-11: a TLS ticket of one service is worth nothing at another, though they share a certificate', async () => {
  using folder = dataFolder()
  using world = nodeNet(clock)
  const files = await ensureCertificate(folder.path, 'mx.example.org')
  const [mail, pop3] = [readIdentity(files), readIdentity(files)]
  const greet = (connection: Connection): void => void connection.write('hello\r\n')
  const listen = (identity: TlsIdentity): Promise<Listener> =>
    world.listen({ address: '127.0.0.1', port: 0, tls: identity }, greet)
  const [first, other] = await Promise.all([listen(mail), listen(pop3)])
  const visit = async (port: number, session?: Buffer): Promise<{ reused: boolean; ticket: Buffer }> => {
    const socket = tls.connect({ host: '127.0.0.1', port, ...insecure, ...(session ? { session } : {}) })
    socket.resume()
    const secure = new Promise((ready, failed) => socket.once('secureConnect', ready).once('error', failed))
    // A resumed session may bring no new ticket.
    const ticket = session ?? (await new Promise<Buffer>((ready) => socket.once('session', ready)))
    await secure
    const reused = socket.isSessionReused()
    socket.destroy()
    return { reused, ticket }
  }
  const { ticket } = await visit(first.port)
  const [home, away] = [await visit(first.port, ticket), await visit(other.port, ticket)]
  await Promise.all([first, other].map((listener) => listener.close()))
  assert.equal(home.reused, true) // so the check can fail
  assert.equal(away.reused, false)
})

test('STL-12, CMD-14, NOD-06: 300 connections broken off at every stage leave no open file and no session', async () => {
  await using rig = await smtpRig({ tls: true, mailServer: { connectionsPerClientMax: 1000 } })
  const before = openFiles()
  const stages = [
    '',
    'EHLO x\r\n',
    'EHLO x\r\nSTARTTLS\r\n',
    'EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\nSubject: x\r\n',
  ]
  for (let i = 0; i < 300; i++) {
    const socket = net.connect(rig.port, '127.0.0.1')
    socket.on('error', () => undefined)
    await new Promise((ready) => socket.once('connect', ready))
    socket.write(stages[i % stages.length]!)
    if (i % 2 === 0) await new Promise((heard) => socket.once('data', heard))
    socket.resetAndDestroy()
  }
  for (let i = 0; i < 100 && (rig.server.sessions().length > 0 || openFiles() > before); i++) await settle(50)
  assert.equal(rig.server.sessions().length, 0)
  assert.ok(openFiles() <= before, `${openFiles()} files open, ${before} before`)
  assert.deepEqual(await rig.stored(), { ann: 0, bob: 0 })
})

test('RES-01: a line without end is cut off, and nothing of it is kept', async () => {
  await using rig = await smtpRig()
  const socket = net.connect(rig.port, '127.0.0.1')
  socket.on('error', () => undefined)
  let heard = ''
  socket.setEncoding('latin1').on('data', (text: string) => (heard += text))
  const closed = new Promise((done) => socket.once('close', done))
  const chunk = Buffer.alloc(65_536, 'x')
  for (let i = 0; i < 64 && !socket.destroyed; i++) if (!socket.write(chunk)) await Promise.race([closed, settle(20)])
  await closed
  assert.match(heard, /^220 [^\n]*\n(500 5\.5\.2 [^\n]*\n)?$/)
})

test('RES-05: a client that asks and never reads does not fill the memory', async () => {
  await using rig = await smtpRig({ mailServer: { junkCommandsMax: 1_000_000_000 } })
  const socket = net.connect(rig.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.pause()
  const before = process.memoryUsage().rss
  const chunk = 'HELP\r\n'.repeat(10_000)
  const until = Date.now() + 3_000
  let sent = 0
  while (Date.now() < until && sent < 60_000_000) {
    if (!socket.write(chunk)) await settle(20)
    sent += chunk.length
    if (socket.writableLength > 2_000_000) break // the server has stopped reading: what is asked for
  }
  assert.ok(process.memoryUsage().rss - before < 64_000_000)
  assert.ok(socket.writableLength > 0)
  socket.destroy()
})

test('IN-22: sessions over their age are ended, messages that come too slowly are not taken', async () => {
  await using rig = await smtpRig({ mailServer: { dataBlockMs: 1000 } })
  const client = await connect(rig.port)
  await client.reply()
  for (const text of ['EHLO x.example', 'MAIL FROM:<>', 'RCPT TO:<ann@example.org>', 'DATA']) await client.ask(text)
  await client.send('Subject: slow\r\n')
  assert.match((await client.reply()) ?? '', /^421 4\.4\.2 /)
  assert.deepEqual(await rig.stored(), { ann: 0, bob: 0 })
})

test('SX-07, AUT-01: where TLS is required, MAIL without it is refused and the way is told', async () => {
  await using rig = await smtpRig({ tls: true, mailServer: { requireTls: true } })
  const client = await connect(rig.port)
  await client.reply()
  assert.match((await client.ask('EHLO x.example')) ?? '', /STARTTLS/)
  assert.match((await client.ask('MAIL FROM:<>')) ?? '', /^530 5\.7\.0 /)
  await client.ask('STARTTLS')
  await client.startTls()
  await client.ask('EHLO x.example')
  assert.match((await client.ask('MAIL FROM:<>')) ?? '', /^250 /)
  client.destroy()
})
