// Passwords and TLS of the POP3 server: none in clear text from afar, nothing from before STLS counts after it.
import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { once } from 'node:events'
import { test } from 'node:test'
import tls from 'node:tls'
import { defaultSettings, type Settings } from '#/config/settings.ts'
import { pop3Session } from '#/pop3-server/session.ts'
import type { State } from '#/pop3-server/state.ts'
import type { TlsIdentity } from '#/world/world.ts'
import { ask, base64, entered, greeted, listed, login } from './pop3-client.ts'
import { pop3Rig } from './pop3-rig.ts'
import { WireClient } from './wire-client.ts'

/** What a client far away hears, without a socket. */
function heard(lines: readonly string[], changes: Partial<State> = {}): string {
  const state: State = {
    hostname: 'mx.example.org',
    identity: {} as TlsIdentity, // never used: no handshake takes place
    settings: () => defaultSettings,
    welcome: () => true,
    client: '192.0.2.1',
    secure: false,
    phase: 'authorization',
    user: null,
    mailbox: null,
    app: null,
    maildrop: null,
    prefetch: null,
    errors: 0,
    retrieved: { count: 0, first: [] },
    ...changes,
  }
  const session = pop3Session(state)
  const rest = [...lines]
  let said = ''
  for (let step = session.next(); !step.done;) {
    const effect = step.value
    if (effect.do === 'write') said += effect.text
    const text = effect.do === 'readLine' ? rest.shift() : undefined
    step = session.next(
      effect.do !== 'readLine' ? undefined : text === undefined ? { is: 'closed' } : { is: 'line', text },
    )
  }
  return said
}

test('PS-02: without TLS a client far away is offered STLS and no password', () => {
  const capabilities = heard(['CAPA'])
  assert.match(capabilities, /\r\nSTLS\r\n/)
  assert.doesNotMatch(capabilities, /\r\n(USER|SASL)/)
  assert.match(heard(['CAPA'], { secure: true }), /\r\nUSER\r\nSASL PLAIN SCRAM-SHA-256\r\n/)
  assert.doesNotMatch(heard(['CAPA'], { secure: true }), /\r\nSTLS/)
})

const passwordWays = [
  'USER ann',
  'PASS secret',
  'AUTH',
  'AUTH PLAIN',
  'AUTH PLAIN AGFubgBhbm4gc2VjcmV0',
  'AUTH SCRAM-SHA-256',
]
for (const command of passwordWays)
  test(`PS-02: without TLS a client far away is told to use it at ${command}`, () => {
    assert.match(
      heard([command]),
      /\r\n-ERR \[AUTH\] passwords need TLS here: use STLS or port 995 \(see FAQ: tls-first\)\r\n$/,
    )
  })

test('PS-02: where the operator allows it, passwords need no TLS', () => {
  const settings = (): Settings => ({
    ...defaultSettings,
    pop3Server: { ...defaultSettings.pop3Server, plainLogin: true },
  })
  assert.match(heard(['USER ann'], { settings }), /\r\n\+OK\r\n$/)
})

test('PS-02, PS-12: STLS is offered before TLS and not after it; what was said before is forgotten', async () => {
  await using rig = await pop3Rig({}, { tls: 'offered' })
  const client = await greeted(rig.port)
  await ask(client, 'CAPA')
  assert.ok((await listed(client)).includes('STLS'))
  await ask(client, 'USER ann')
  assert.match(await ask(client, 'STLS'), /^\+OK/)
  await client.startTls()
  assert.equal(await ask(client, 'PASS ann secret'), '-ERR USER comes first')
  await ask(client, 'CAPA')
  const after = await listed(client)
  assert.ok(after.includes('SASL PLAIN SCRAM-SHA-256') && !after.includes('STLS'))
  assert.match(await ask(client, 'STLS'), /^-ERR/)
  assert.match(await login(client, 'ann', 'ann secret'), /^\+OK/)
  client.destroy()
})

test('STL-15: commands that came with STLS in one segment are answered neither before nor inside TLS', async () => {
  await using rig = await pop3Rig({}, { tls: 'offered' })
  for (const command of ['STLS\r\nUSER ann\r\n', 'STLS\r\nUSER ann\r\nPASS ann secret\r\n', 'STLS\r\nU']) {
    const client = await greeted(rig.port)
    await client.send(command)
    assert.equal(await client.rest(), '', command)
    client.destroy()
  }
})

test('STL-15: STLS after login is refused and the session goes on in clear text', async () => {
  await using rig = await pop3Rig({}, { tls: 'offered' })
  const client = await entered(rig.port)
  assert.match(await ask(client, 'STLS'), /^-ERR/)
  assert.equal(await ask(client, 'NOOP'), '+OK')
  client.destroy()
})

test('PS-02: at port 995 TLS comes first', async () => {
  await using rig = await pop3Rig({}, { tls: 'implicit' })
  const socket = tls.connect({ host: '127.0.0.1', port: rig.port, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const client = new WireClient(socket)
  assert.match((await client.line()) ?? '', /^\+OK/)
  await ask(client, 'CAPA')
  assert.ok(!(await listed(client)).includes('STLS'))
  assert.match(await login(client, 'ann', 'ann secret'), /^\+OK/)
  assert.equal(rig.server.sessions()[0]?.tls, true)
  client.destroy()
})

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Plays SCRAM-SHA-256 up to the client's proof; gives the server's answer and the one that would prove the server. */
async function scram(client: WireClient, name: string, password: string): Promise<{ answer: string; wanted: string }> {
  const bare = `n=${name},r=abcdef`
  const first = await ask(client, `AUTH SCRAM-SHA-256 ${base64(`n,,${bare}`)}`)
  const challenge = Buffer.from(first.slice(2), 'base64').toString()
  const [, nonce, salt, rounds] = /^r=(abcdef[^,]+),s=([^,]+),i=(\d+)$/.exec(challenge) ?? []
  const salted = pbkdf2Sync(password, Buffer.from(salt!, 'base64'), Number(rounds), 32, 'sha256')
  const clientKey = hmac(salted, 'Client Key')
  const final = `c=${base64('n,,')},r=${nonce}`
  const message = `${bare},${challenge},${final}`
  const signature = hmac(createHash('sha256').update(clientKey).digest(), message)
  const proof = Buffer.from(clientKey.map((octet, i) => octet ^ signature[i]!)).toString('base64')
  const answer = await ask(client, base64(`${final},p=${proof}`))
  return { answer, wanted: `+ ${base64(`v=${hmac(hmac(salted, 'Server Key'), message).toString('base64')}`)}` }
}

test('PS-01: SCRAM-SHA-256 lets in who knows the password, and the server proves itself', async () => {
  await using rig = await pop3Rig()
  const client = await greeted(rig.port)
  const { answer, wanted } = await scram(client, 'ann', 'ann secret')
  assert.equal(answer, wanted)
  assert.match(await ask(client, ''), /^\+OK 0 messages/)
  client.destroy()
})

test('PS-01, ENU-03: SCRAM-SHA-256 with a wrong password and with an unknown name go alike', async () => {
  await using rig = await pop3Rig()
  const client = await greeted(rig.port)
  for (const name of ['ann', 'nobody'])
    assert.match((await scram(client, name, 'wrong')).answer, /^-ERR \[AUTH\] name or password is wrong/)
  assert.equal((await scram(client, 'ann', 'ann secret')).answer.slice(0, 2), '+ ')
  client.destroy()
})
