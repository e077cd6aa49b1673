// Mail to and from the servers of others: Postfix both ways, its smtp-sink, and aiosmtpd with STARTTLS and AUTH. Each is
// skipped, and says so, where it is not installed.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { startTestServer, zoneOf } from '#/dns/test-server.ts'
import { ensureCertificate } from '#/world/node/certificate.ts'
import { freePort, host, readNotices, until, type Host } from './notice-rig.ts'
import { noPostfix, postfix, type Postfix } from './postfix.ts'
import { absent } from './programs.ts'
import { dataFolder } from './serve.ts'
import { connect } from './wire-client.ts'

const zone = zoneOf('peer.example MX 10 mx.peer.example', 'mx.peer.example A 127.0.0.1')

async function withPostfix(work: (us: Host, peer: Postfix) => Promise<void>): Promise<void> {
  await using dns = await startTestServer(zone)
  const mxPort = await freePort()
  await using us = await host({ dns: dns.address, mxPort })
  await using peer = await postfix(mxPort, `[127.0.0.1]:${us.port}`)
  await work(us, peer)
}

const body = '.one\r\n..two\r\n...\r\ngr\xfc\xdfe\r\nFrom here\r\nend'

test(
  'Postfix as next hop takes mail over TLS, octet for octet, and confirms it to us as it was asked',
  { skip: noPostfix },
  () =>
    withPostfix(async (us, peer) => {
      const asked = {
        to: ['bob@peer.example NOTIFY=SUCCESS ORCPT=rfc822;bob@first.example'],
        parameters: 'BODY=8BITMIME ENVID=q1',
      }
      await us.submit({ ...asked, body: body.replace(/^\./gm, '..') })
      await us.idle()
      await until(() => peer.box() !== '')
      assert.ok(peer.box().includes(body.replaceAll('\r\n', '\n').replace('\nFrom here', '\n>From here')), peer.box())
      assert.match(peer.box(), /^Received: from mx\.example\.org .*\n\t\(using TLSv1\.3/m)
      await until(async () => (await us.mailbox('ann')).length === 1)
      const [notice] = readNotices(await us.mailbox('ann')) // Postfix wrote it, and sent it to us
      assert.equal(notice!.report[0]!.get('Original-Envelope-Id'), 'q1')
      assert.equal(notice!.report[1]!.get('Action'), 'delivered')
      assert.match(notice!.report[1]!.get('Original-Recipient')!, /rfc822; ?bob@first\.example/)
    }),
)

test('Postfix refuses who it does not know, in its own words', { skip: noPostfix }, () =>
  withPostfix(async (us, peer) => {
    await us.submit({ to: ['bob@peer.example', 'nobody@peer.example'] })
    await us.idle()
    const [notice] = readNotices(await us.mailbox('ann'))
    assert.deepEqual(
      notice!.report.slice(1).map((one) => one.get('Status')),
      ['5.1.1'],
    )
    assert.match(notice!.text, /<nobody@peer\.example>: Recipient address rejected: User unknown/)
    await until(() => peer.box().includes('Subject: lunch'))
  }),
)

test(
  'Postfix sends to us, in one connection for many messages, and to several of our recipients',
  { skip: noPostfix },
  () =>
    withPostfix(async (us, peer) => {
      const client = await connect(peer.port)
      await client.reply()
      await client.ask('EHLO client.example')
      for (let i = 0; i < 20; i++) {
        for (const command of [
          'MAIL FROM:<bob@peer.example>',
          'RCPT TO:<ann@example.org>',
          'RCPT TO:<admin@example.org>',
        ])
          assert.match((await client.ask(command))!, /^250/)
        await client.ask('DATA')
        assert.match((await client.ask(`Subject: m${i}\r\n\r\n..dot\r\n.`))!, /^250/)
      }
      client.destroy()
      await until(async () => (await us.mailbox('ann')).length === 20 && (await us.mailbox('admin')).length === 20)
      const texts = await us.mailbox('ann')
      assert.equal(new Set(texts.map((text) => /^Subject: (m\d+)$/m.exec(text.replaceAll('\r', ''))?.[1])).size, 20)
      assert.ok(texts.every((text) => text.endsWith('\r\n\r\n.dot\r\n')))
    }),
)

test('smtp-sink takes five hundred messages', { skip: absent('smtp-sink') }, async () => {
  await using dns = await startTestServer(zone)
  const mxPort = await freePort()
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const sink = spawn('smtp-sink', [...user, '-M', '500', `127.0.0.1:${mxPort}`, '100'], { stdio: 'ignore' })
  const ended = once(sink, 'exit') // when it has its five hundred
  try {
    await using us = await host({ dns: dns.address, mxPort, relay: ['retryDelaysMs = [1000]'] })
    for (let i = 0; i < 10; i++) {
      const letters = Array.from({ length: 50 }, (_, n) => us.submit({ to: [`u${n}@peer.example`] }))
      for (const said of await Promise.all(letters)) assert.match(said, /^250 /)
    }
    const [status] = (await ended) as [number | null]
    assert.equal(status, 0)
    assert.deepEqual(await us.mailbox('ann'), [])
  } finally {
    sink.kill()
  }
})

const hasAio = spawnSync('/usr/bin/python3', ['-c', 'import aiosmtpd']).status === 0
const skip = hasAio ? false : 'python3-aiosmtpd is not installed'

for (const [password, arrives] of [['secret', true] as const, ['wrong', false] as const])
  test(
    `RO-27, RO-28: an alternate server with STARTTLS and AUTH, ${arrives ? 'gets mail' : 'refuses the password: mail waits'}`,
    { skip },
    async () => {
      using folder = dataFolder()
      const { cert, key } = await ensureCertificate(folder.path, 'mx.peer.example')
      const port = await freePort()
      const script = ['test/aiosmtpd-receiver.py', cert, key, String(port)]
      const peer = spawn('/usr/bin/python3', script, { stdio: ['pipe', 'pipe', 'inherit'] })
      const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]()
      try {
        assert.equal((await lines.next()).value, 'ready')
        const pin = new X509Certificate(readFileSync(cert)).fingerprint256.replaceAll(':', '').toLowerCase()
        await using dns = await startTestServer(zone)
        const world = `[[alternate]]\nname = "smart"\nhosts = ["127.0.0.1:${port}"]\ntls = "required"\npin = "${pin}"\nuser = "ann"\npassword = "${password}"\n`
        await using us = await host({ dns: dns.address, relay: ['mx = false', 'alternate = "smart"'], world })
        await us.submit({ to: ['bob@peer.example', 'cyd@other.example'], body: '..dot' })
        if (!arrives) return await waits(us)
        const took = JSON.parse((await lines.next()).value as string) as Record<string, unknown> // what the script prints
        assert.partialDeepStrictEqual(took, { from: 'ann@example.org', to: ['bob@peer.example', 'cyd@other.example'] })
        assert.partialDeepStrictEqual(took, { tls: true, login: true })
        assert.match(String(took['content']), /\r\n\r\n\.dot\r\n$/)
        await us.idle()
      } finally {
        peer.kill()
      }
    },
  )

/** The mail waits for the operator, and nobody is told that it failed. */
async function waits(us: Host): Promise<void> {
  await until(async () => (await us.trace('deferred')).length > 0)
  const rows = await us.queue()
  assert.deepEqual(
    rows.map(({ state, memo }) => [state, memo.hold?.by]),
    [
      ['waiting', 'relay'],
      ['waiting', 'relay'],
    ],
  )
  assert.deepEqual(await us.mailbox('ann'), [])
}
