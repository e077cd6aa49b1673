// The console's HTTP door, asked as an attacker would: other names, other pages, other bodies, other paths.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { administer, spawnServe, type Administered } from './console-rig.ts'

type Said = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }
type Ask = {
  readonly method?: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** As written: a fetch would mend the path and refuse the Host. */
function ask({ address }: Administered, { method = 'GET', path, headers = {}, body = '' }: Ask): Promise<Said> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers, timeout: 10_000 }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

let console: Administered
before(async () => void (console = await administer()))
after(() => console[Symbol.asyncDispose]())

const json = { 'content-type': 'application/json' }
const own = { 'sec-fetch-site': 'same-origin' }

test('WEB-06 the console answers to loopback, addresses and its own name, and to no other', async () => {
  const status = async (host: string): Promise<number> => (await ask(console, { path: '/', headers: { host } })).status
  for (const host of ['localhost', 'LOCALHOST:8025', '127.0.0.1:8025', '[::1]:8025', '192.0.2.7'])
    assert.equal(await status(host), 200, host)
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', 'a b'])
    assert.ok([400, 421].includes(await status(host)), `${host} ${await status(host)}`)
})

let made = 0
for (const [what, headers] of [
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another host of the same site', { 'sec-fetch-site': 'same-site' }],
  ['another origin, from an old browser', { origin: 'http://evil.example' }],
  ['no origin at all', {}],
  ['an opaque origin', { origin: 'null' }],
] as const)
  test(`WEB-03 a change with the cookie of somebody signed in is refused when it comes from ${what}`, async () => {
    const cookie = { cookie: console.cookie }
    const body = JSON.stringify({ name: `mallory-${++made}` })
    const add = { method: 'POST', path: '/api/v1/mailbox/add', body }
    assert.equal((await ask(console, { ...add, headers: { ...json, ...cookie, ...headers } })).status, 403)
    assert.equal((await ask(console, { ...add, headers: { ...json, ...cookie, ...own } })).status, 200)
  })

test('WEB-04 the line of events opens for our page only', async () => {
  const cookie = { cookie: console.cookie }
  const foreign = { ...cookie, 'sec-fetch-site': 'cross-site' }
  assert.equal((await ask(console, { path: '/api/v1/events', headers: foreign })).status, 403)
  assert.equal((await ask(console, { path: '/api/v1/events' })).status, 401)
})

test('WEB-03 what is not JSON is not read as such, and sign-in from another page does nothing', async () => {
  const headers = { cookie: console.cookie, ...own, 'content-type': 'text/plain' }
  assert.equal((await ask(console, { method: 'POST', path: '/api/v1/mailbox/list', headers, body: '{}' })).status, 415)
  const signIn = { method: 'POST', path: '/api/v1/session/sign-in', body: '{"name":"a","password":"b"}' }
  assert.equal((await ask(console, { ...signIn, headers: { ...json, 'sec-fetch-site': 'cross-site' } })).status, 403)
})

for (const [what, body, status] of [
  ['half a document', '{"name":', 400],
  ['nesting without end', '['.repeat(200_000), 400],
  ['a prototype', '{"__proto__":{"role":"administrator"},"name":"x"}', 422],
  ['a field too many', '{"name":"x","role":"administrator"}', 422],
  ['a megabyte and more', JSON.stringify({ name: 'x'.repeat(1_100_000) }), 413],
] as const)
  test(`WEB-11 a body of ${what} is answered ${status} and the console goes on`, async () => {
    const headers = { ...json, ...own, cookie: console.cookie }
    const said = await ask(console, { method: 'POST', path: '/api/v1/mailbox/show', headers, body })
    assert.equal(said.status, status)
    assert.match(said.headers['content-type'] ?? '', /^application\/problem\+json/)
    assert.equal((await ask(console, { path: '/' })).status, 200)
  })

test('WEB-11 header fields without end are refused', async () => {
  const { hostname, port } = new URL(console.address)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\n${'X-A: b\r\n'.repeat(5000)}\r\n`)
  const said = (await socket.setEncoding('latin1').toArray()).join('')
  assert.match(said, /^HTTP\/1\.1 431 /)
})

for (const path of [
  '/../package.json',
  '/assets/../../../package.json',
  '/%2e%2e/%2e%2e/package.json',
  '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
  '/assets/x\\..\\..\\package.json',
  '/%00',
  '/.made-of',
])
  test(`WEB-10 ${JSON.stringify(path)} leads to no file but the page's own`, async () => {
    const { status, text } = await ask(console, { path })
    assert.ok(status === 404 || status === 400 || text.startsWith('<!doctype html>'), `${status} ${text.slice(0, 60)}`)
  })

test('WEB-13 every answer forbids framing, sniffing and what is not ours; private ones are not kept', async () => {
  for (const path of ['/', '/mailboxes/ann', '/api/v1/session', '/api/v1/nothing', '/api/v1/openapi.json']) {
    const { headers } = await ask(console, { path })
    assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/, path)
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe/, path)
    assert.equal(headers['x-content-type-options'], 'nosniff', path)
    assert.equal(headers['referrer-policy'], 'no-referrer', path)
    assert.equal(headers['access-control-allow-origin'], undefined, path)
    assert.match(String(headers['cache-control']), path.startsWith('/api') ? /no-store/ : /no-cache/, path)
  }
})

test('WEB-05 signing in gives a new session, leaving ends it, and no session stands in an address', async () => {
  const old = await console.signIn('admin', console.password)
  const signIn = {
    method: 'POST',
    path: '/api/v1/session/sign-in',
    headers: { ...json, ...own, cookie: old },
  }
  const said = await ask(console, { ...signIn, body: JSON.stringify({ name: 'admin', password: console.password }) })
  const cookie = String(said.headers['set-cookie']?.[0])
  assert.match(cookie, /^netcruiser=[A-Za-z0-9_-]{40,}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=[0-9]+$/)
  const list = { method: 'POST', path: '/api/v1/mailbox/list', body: '{}' }
  const status = async (cookie: string): Promise<number> =>
    (await ask(console, { ...list, headers: { ...json, ...own, cookie } })).status
  assert.equal(await status(old), 401, 'the old session of this browser is over')
  const fresh = cookie.split(';')[0]!
  assert.equal(await status(fresh), 200)
  await ask(console, { method: 'POST', path: '/api/v1/session/sign-out', headers: { ...own, cookie: fresh } })
  assert.equal(await status(fresh), 401)
})

test('WEB-18 without TLS the console does not open to other machines', async () => {
  const failed = await spawnServe(['console=0.0.0.0:0'])
  assert.match(failed['console'] ?? '', /without TLS the console listens only on this machine/)
})
