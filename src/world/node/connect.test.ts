// Connecting out: to one numeric address, from a chosen one, within a time, and with a reason when it fails. OUT-15
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Connected, ConnectOptions } from '../world.ts'
import { clock } from './clock.ts'
import { nodeNet } from './net.ts'

const world = nodeNet(clock) // its sweep holds no process open

/** A listener that says nothing; resolves with its port. */
async function silent(t: TestContext, seen: net.Socket[] = []): Promise<number> {
  const server = net.createServer((socket) => seen.push(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of seen) socket.destroy()
    server.close()
  })
  return (server.address() as net.AddressInfo).port // a TCP server has one
}

const connect = (options: Partial<ConnectOptions>): Promise<Connected> =>
  world.connect({ address: '127.0.0.1', port: 1, timeoutMs: 2000, ...options })

test('OUT-15: a connection goes to the address given, from the address given', async (t) => {
  const seen: net.Socket[] = []
  const port = await silent(t, seen)
  const connected = await connect({ port, localAddress: '127.0.0.9' })
  assert.ok(connected.ok)
  assert.deepEqual(connected.connection.remote, { address: '127.0.0.1', port })
  connected.connection.write('hello')
  await once(seen[0]!, 'data')
  assert.equal(seen[0]?.remoteAddress, '127.0.0.9')
  connected.connection.end()
})

test('OTL-02: octets that came before TLS fail it without a handshake', async (t) => {
  const seen: net.Socket[] = []
  const connected = await connect({ port: await silent(t, seen) })
  assert.ok(connected.ok)
  const { connection } = connected
  seen[0]!.write('250 AUTH PLAIN\r\n')
  for (let i = 0; i < 100 && connection.buffered() === 0; i++) await clock.sleep(5)
  const up = await connection.startClientTls(tls, 1000)
  assert.ok(!up.ok)
  assert.match(up.why, /before TLS/)
  assert.equal(connection.closed(), true)
  assert.equal(connection.read(clock.now()), null)
})

const tls = { servername: 'x.example', verify: 'none' } as const
const failures: readonly [name: string, options: Partial<ConnectOptions>, why: string, text: RegExp][] = [
  ['a port where nobody listens', { port: 1 }, 'refused', /^127\.0\.0\.1 port 1 refuses connections$/],
  ['a name', { address: 'localhost' }, 'other', /no numeric address/],
  ['a local address that is not ours', { localAddress: '192.0.2.1' }, 'unreachable', /from the local address/],
  ['a host that is silent in the TLS handshake', { tls, timeoutMs: 200 }, 'tls', /took too long/],
]
for (const [name, options, why, text] of failures)
  test(`RO-10, OUT-15: ${name} is told as ${why}`, async (t) => {
    const port = options.port ?? (await silent(t))
    const connected = await connect({ port, ...options })
    assert.ok(!connected.ok)
    assert.equal(connected.why, why)
    assert.match(connected.text, text)
  })
