// The Web door against a real server on loopback, which stands for a private network.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { targetProblem } from '#/dns/targets.ts'
import { nodeWeb } from './web.ts'

async function server() {
  const bodies: string[] = []
  const listening = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      bodies.push(body)
      if (request.url === '/away') response.writeHead(302, { location: '/here' }).end()
      else response.end('{"ok":1}')
    })
  })
  let connections = 0
  listening.on('connection', () => void connections++)
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done))
  const { port } = listening.address() as AddressInfo // listening on TCP, so not a string
  return {
    port,
    bodies,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      listening.closeAllConnections()
      await new Promise((done) => listening.close(done))
    },
  }
}

const web = nodeWeb(targetProblem)

test('SX-06 a form reaches a private address only where it is allowed, however the address is written', async (t) => {
  await using there = await server()
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', 'localhost', '[::ffff:127.0.0.1]'])
    await t.test(host, async () => {
      const url = `http://${host}:${there.port}/`
      const refused = await web.postForm(url, { a: 'b' }, { privateAllowed: false })
      assert.match(String(refused.ok || refused.why), /leads to an address that this account must not reach/)
    })
  assert.equal(there.connections(), 0)
  for (const host of ['127.0.0.1', 'localhost']) {
    const answer = await web.postForm(`http://${host}:${there.port}/`, { a: 'b c' }, { privateAllowed: true })
    assert.deepEqual(answer, { ok: true, status: 200, body: '{"ok":1}' })
  }
  assert.deepEqual(there.bodies, ['a=b+c', 'a=b+c'])
})

test('SX-06 a name is judged by the address that is connected to, and one good address is enough', async () => {
  await using there = await server()
  const asked: string[] = []
  const door = nodeWeb((address) => {
    asked.push(address)
    return address === '127.0.0.1' ? null : 'closed'
  })
  const answer = await door.postForm(`http://localhost:${there.port}/`, {}, { privateAllowed: false })
  assert.equal(answer.ok, true)
  assert.ok(asked.includes('127.0.0.1'))
})

test('a redirect is not followed: the form went where somebody said, and nowhere else', async () => {
  await using there = await server()
  const answer = await web.postForm(`http://127.0.0.1:${there.port}/away`, {}, { privateAllowed: true })
  assert.deepEqual(answer, { ok: true, status: 302, body: '' })
  assert.equal(there.connections(), 1)
})
