// Who may come in and how long the POP3 server waits: login names, guessing, silence, and readers that do not read.
import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import { defaultSettings } from '#/config/settings.ts'
import { ask, entered, greeted, login } from './pop3-client.ts'
import { pop3Rig } from './pop3-rig.ts'

const settle = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))
const message = '\r\nx\r\n'
const patient = { failuresFree: 1000, banAfter: 1000 }

test('PS-13: ten minutes of silence are allowed after login, fewer before', () => {
  const { idleMs, loginMs } = defaultSettings.pop3Server
  assert.ok(idleMs >= 600_000 && loginMs < idleMs)
})

test('PS-13, PS-05: silence ends a session and deletes nothing', async () => {
  await using rig = await pop3Rig({ idleMs: 1000 })
  await rig.deliver(message, message)
  const silent = await entered(rig.port)
  await ask(silent, 'DELE 1')
  assert.equal(await silent.line(), null)
  silent.destroy()
  const client = await entered(rig.port)
  assert.match(await ask(client, 'STAT'), /^\+OK 2 /)
  client.destroy()
})

test('PS-13: silence before login ends the connection sooner', async () => {
  await using rig = await pop3Rig({ loginMs: 1000 })
  const client = await greeted(rig.port)
  assert.equal(await client.line(), null)
  client.destroy()
})

test('PS-15: a login name is a mailbox, an address or an address with detail, in any case', async () => {
  const names: [string, boolean][] = [
    ['ann', true],
    ['ANN', true],
    ['ann@example.org', true],
    ['Ann@Example.ORG', true],
    ['ann+lists@example.org', true],
    ['sales@example.org', true],
    ['team@example.org', false], // two mailboxes: nobody's own
    ['ann@elsewhere.example', false],
    ['ann@', false],
    ['@example.org', false],
  ]
  await using rig = await pop3Rig(
    {},
    {
      logins: patient,
      async prepare(store) {
        await store.addMailbox('bob', 1)
        await store.putDomain({ name: 'example.org', mode: 'by-name', target: null })
        await store.putAddress({ address: 'sales@example.org', targets: ['ann'], note: '', expiresAt: null })
        await store.putAddress({ address: 'team@example.org', targets: ['ann', 'bob'], note: '', expiresAt: null })
      },
    },
  )
  for (const [name, good] of names) {
    const client = await greeted(rig.port)
    assert.match(await login(client, name, 'ann secret'), good ? /^\+OK/ : /^-ERR \[AUTH\]/, name)
    await ask(client, 'QUIT')
    client.destroy()
  }
})

test('PS-19: failures slow down the next attempt and at last bar the client, the right password too', async () => {
  const strict = { failuresFree: 2, delayMs: 200, delayMaxMs: 400, banAfter: 5 }
  await using rig = await pop3Rig({ errorsMax: 100 }, { logins: strict })
  const client = await greeted(rig.port)
  for (let i = 0; i < 5; i++) {
    const before = Date.now()
    assert.match(await login(client, 'ann', 'wrong'), /^-ERR \[AUTH\]/)
    if (i >= 2) assert.ok(Date.now() - before >= 200, `attempt ${i + 1} took ${Date.now() - before} ms`)
  }
  assert.match(await login(client, 'ann', 'ann secret'), /^-ERR \[SYS\/TEMP\]/)
  assert.match(await ask(client, 'AUTH SCRAM-SHA-256 biwsbj1hbm4scj1hYmM='), /^-ERR \[SYS\/TEMP\]/)
  client.destroy()
})

test('PS-19: where a shortest time between logins is set, an earlier one is told [LOGIN-DELAY]', async () => {
  await using rig = await pop3Rig({ loginDelaySeconds: 1 })
  const visit = async (): Promise<string> => {
    const client = await greeted(rig.port)
    const answer = await login(client, 'ann', 'ann secret')
    await ask(client, 'QUIT')
    client.destroy()
    return answer
  }
  assert.match(await visit(), /^\+OK/)
  assert.match(await visit(), /^-ERR \[LOGIN-DELAY\]/)
  await settle(1000)
  assert.match(await visit(), /^\+OK/)
})

test('PS-19: too many mistakes end a session', async () => {
  await using rig = await pop3Rig({ errorsMax: 3 })
  const client = await greeted(rig.port)
  for (const command of ['X', 'Y', 'Z']) assert.match(await ask(client, command), /^-ERR/)
  assert.equal(await client.line(), null)
  client.destroy()
})

test('ENU-03: an unknown name takes as long as a wrong password', async () => {
  await using rig = await pop3Rig({ errorsMax: 100 }, { logins: patient })
  const client = await greeted(rig.port)
  const times: Record<string, number[]> = { ann: [], nobody: [] }
  for (let i = 0; i < 9; i++)
    for (const [name, list] of Object.entries(times)) {
      const before = performance.now()
      await login(client, name, `wrong ${i}`)
      list.push(performance.now() - before)
    }
  client.destroy()
  const [known, unknown] = Object.values(times).map((list) => list.toSorted((a, b) => a - b)[4]!)
  assert.ok(known! < unknown! * 4 && unknown! < known! * 4, `known ${known} ms, unknown ${unknown} ms`)
})

test('RES-05, PS-05: a client that asks for many messages and reads none is cut off, memory stays flat, nothing is deleted', async () => {
  await using rig = await pop3Rig({ idleMs: 1000, loginMs: 1000 })
  await rig.deliver(...Array.from({ length: 20 }, () => `\r\n${`${'x'.repeat(98)}\r\n`.repeat(2000)}`))
  const socket = net.connect(rig.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await new Promise((ready) => socket.once('connect', ready))
  socket.pause()
  socket.write('USER ann\r\nPASS ann secret\r\n')
  while (rig.server.sessions()[0]?.user !== 'ann') await settle(20) // hashing takes memory of its own
  const before = process.memoryUsage().rss
  for (let i = 0; i < 2000; i++) socket.write(`RETR ${(i % 20) + 1}\r\n`) // 400 MB
  socket.write('DELE 1\r\nQUIT\r\n')
  await settle(300)
  assert.equal(rig.server.sessions().length, 1)
  let most = 0
  for (let i = 0; i < 100 && rig.server.sessions().length > 0; i++) {
    most = Math.max(most, process.memoryUsage().rss - before)
    await settle(50)
  }
  assert.equal(rig.server.sessions().length, 0)
  assert.ok(most < 64_000_000, `${most} octets more`)
  assert.equal((await rig.store.mailboxState(rig.ann)).messages, 20)
  socket.destroy()
})
