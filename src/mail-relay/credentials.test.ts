// Passwords and tokens of alternate servers, with a real token endpoint on loopback and a real store.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSecrets } from '#/accounts/secrets.ts'
import { alternateSchema } from '#/config/relay-tables.ts'
import { targetProblem } from '#/dns/targets.ts'
import { openStore } from '#/storage/open.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { nodeWeb } from '#/world/node/web.ts'
import { openCredentials, secretOf, type CredentialsNow } from './credentials.ts'
import { openRelayTables } from './tables.ts'

const random = randomPool()
const secrets = openSecrets(random.bytes(32), random)

type Answer = (form: URLSearchParams, response: ServerResponse) => void
const json =
  (status: number, body: object): Answer =>
  (_form, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

/** A token endpoint that answers with each answer in turn, the last one for ever, and a store with an account that uses it. */
async function rig(answers: readonly Answer[], auth: object = {}) {
  const forms: URLSearchParams[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const answer = answers[Math.min(forms.length, answers.length - 1)]!
      forms.push(new URLSearchParams(body))
      answer(forms.at(-1)!, response)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo // listening on TCP, so not a string
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-oauth-'))
  const store = await openStore({ folder, world: { clock, random, log: silentLog }, reserveBytes: () => 0 })
  const tables = await openRelayTables(store)
  const row = alternateSchema.parse({
    name: 'smart',
    hosts: ['smart.example:587'],
    auth: {
      kind: 'oauth',
      user: 'ann@here.example',
      tokenEndpoint: `http://127.0.0.1:${port}/token`,
      clientId: 'client',
      clientSecret: secrets.seal('hush', secretOf('smart', 'clientSecret')),
      refreshToken: secrets.seal('first', secretOf('smart', 'refreshToken')),
      accessToken: null,
      expiresAt: null,
      ...auth,
    },
  })
  await tables.putAlternate(row)
  let now = 1_000_000
  const parts = { tables, secrets, clock: { now: () => now }, web: nodeWeb(targetProblem) }
  return {
    forms,
    store,
    tables,
    ask: () => openCredentials(parts).of('smart'),
    credentials: openCredentials(parts),
    later: (ms: number) => void (now += ms),
    async [Symbol.asyncDispose]() {
      await store.close()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      rmSync(folder, { recursive: true })
    },
  }
}
const tokens = (n: number, more: object = {}): Answer =>
  json(200, { access_token: `access${n}`, expires_in: 3600, ...more })
const shown = (now: CredentialsNow): unknown =>
  now.is === 'ready' ? now.credentials : `${now.is} ${now.reply.lines[0]}`

test('RO-27 a token is fetched once, kept for its life, and renewed when it runs out', async () => {
  await using one = await rig([tokens(1), tokens(2)])
  const credentials = { user: 'ann@here.example', accessToken: 'access1' }
  assert.deepEqual(shown(await one.ask()), credentials)
  assert.deepEqual(shown(await one.ask()), credentials)
  assert.deepEqual(Object.fromEntries(one.forms[0]!), {
    grant_type: 'refresh_token',
    refresh_token: 'first',
    client_id: 'client',
    client_secret: 'hush',
  })
  one.later(3_540_001) // less than a minute is left
  assert.deepEqual(shown(await one.ask()), { ...credentials, accessToken: 'access2' })
  assert.equal(one.forms.length, 2)
})

test('RO-27 a token that is refused before its time is renewed once, however many were refused', async () => {
  await using one = await rig([tokens(1), tokens(2)])
  await one.ask()
  const refused = { refused: 'access1' }
  const again = await Promise.all([1, 2].map(() => one.credentials.of('smart', refused)))
  const renewed = { user: 'ann@here.example', accessToken: 'access2' }
  assert.deepEqual([...again, await one.credentials.of('smart', refused)].map(shown), [renewed, renewed, renewed])
  assert.equal(one.forms.length, 2)
})

test('a rotated refresh token is durable before the access token is used, and is used the next time', async () => {
  await using one = await rig([tokens(1, { refresh_token: 'second' }), tokens(2)])
  await one.ask()
  const [row] = await one.store.alternates()
  const { auth } = JSON.parse(row!.value) as { auth: { refreshToken: string } }
  assert.equal(secrets.open(auth.refreshToken, secretOf('smart', 'refreshToken')), 'second')
  assert.doesNotMatch(row!.value, /second|access1|hush/)
  one.later(4_000_000)
  await one.ask()
  assert.equal(one.forms[1]?.get('refresh_token'), 'second')
})

test('an account that the operator changes during a renewal stays as the operator wrote it', async () => {
  const answer: Answer = (form, response) => {
    const row = one.tables.alternates().get('smart')!
    const change = one.tables.putAlternate({ ...row, auth: null })
    void change.then(() => tokens(1, { refresh_token: 'second' })(form, response))
  }
  await using one = await rig([answer])
  await one.ask()
  assert.equal(one.tables.alternates().get('smart')?.auth, null)
})

test('when a rotated token cannot be saved the access token is not used', async () => {
  await using one = await rig([tokens(1, { refresh_token: 'second' })])
  await one.store.close()
  await assert.rejects(one.ask())
})

test('many who need a token at once share one renewal', async () => {
  await using one = await rig([tokens(1), tokens(2)])
  const all = await Promise.all(Array.from({ length: 20 }, () => one.credentials.of('smart')))
  assert.equal(new Set(all.map((now) => JSON.stringify(shown(now)))).size, 1)
  assert.equal(one.forms.length, 1)
})

const refusals: readonly [title: string, answer: Answer, expected: RegExp][] = [
  [
    'the grant is withdrawn',
    json(400, { error: 'invalid_grant', error_description: 'Token has been\r\nrevoked' }),
    /^hold .*sign in again: invalid_grant: Token has been {2}revoked/,
  ],
  ['the client is unknown', json(401, { error: 'invalid_client' }), /^hold .*invalid_client/],
  ['the server is ill', json(503, {}), /^later .*status 503/],
  ['it answers with no JSON', (_form, response) => void response.end('<html>'), /^later .*status 200/],
  ['the token cannot stand in a line', json(200, { access_token: 'a\r\nQUIT' }), /^later/],
  ['it sends us elsewhere', (_form, response) => void response.writeHead(302, { location: '/x' }).end(), /^later/],
  ['it hangs up', (_form, response) => void response.destroy(), /^later/],
  ['it never ends', (_form, response) => void response.end('x'.repeat(100_000)), /^later .*too long/],
]

test('RO-27 mail is held when only the operator can mend it, and waits for what may pass', async (t) => {
  for (const [title, answer, expected] of refusals)
    await t.test(title, async () => {
      await using one = await rig([answer])
      assert.match(String(shown(await one.ask())), expected)
    })
})

test('a password is opened as it was sealed; none is needed where there is no account', async () => {
  await using one = await rig([tokens(1)])
  const row = one.tables.alternates().get('smart')!
  const secret = secrets.seal('pass', secretOf('smart', 'password'))
  await one.tables.putAlternate({ ...row, auth: { kind: 'password', user: 'ann', secret } })
  assert.deepEqual(shown(await one.ask()), { user: 'ann', password: 'pass' })
  await one.tables.putAlternate({ ...row, auth: null })
  assert.equal(shown(await one.ask()), null)
})

test('a secret that cannot be opened, or a server that is gone, holds the mail', async () => {
  await using one = await rig([tokens(1)])
  const row = one.tables.alternates().get('smart')!
  const secret = secrets.seal('pass', secretOf('other', 'password'))
  await one.tables.putAlternate({ ...row, auth: { kind: 'password', user: 'ann', secret } })
  assert.match(String(shown(await one.ask())), /^hold .*secret\.key/)
  await one.tables.removeAlternate('smart')
  assert.match(String(shown(await one.ask())), /^hold There is no alternate server smart/)
})

test('a row of the store that cannot be read is left out and told', async () => {
  await using one = await rig([tokens(1)])
  await one.store.putAlternate('odd', '{"name":"odd"}')
  await one.tables.putRoutes([{ match: { recipient: 'far.example' }, routes: ['mx'] }])
  assert.deepEqual([...one.tables.alternates().keys()], ['smart'])
  assert.deepEqual(one.tables.routes(), [{ match: { recipient: 'far.example' }, routes: ['mx'] }])
  assert.match(one.tables.problems().join(), /^The alternate server odd cannot be read/)
})
