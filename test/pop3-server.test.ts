// Mailboxes for mail programs over real TCP and the real store: what is served, what is deleted, and what is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pop3Rig, type Pop3Rig } from './pop3-rig.ts'
import { connect, single, splitAt, whole, type Cut, type WireClient } from './wire-client.ts'

const small = 'Subject: x\r\n\r\none\r\n.two\r\n'

async function ask(client: WireClient, command: string): Promise<string> {
  await client.send(`${command}\r\n`)
  return (await client.line()) ?? '<closed>'
}

async function body(client: WireClient): Promise<string[]> {
  const lines: string[] = []
  for (let line = await client.line(); line !== '.'; line = await client.line()) {
    assert.notEqual(line, null, 'the answer breaks off')
    lines.push(line!)
  }
  return lines
}

async function entered(rig: Pop3Rig, cut: Cut = whole): Promise<WireClient> {
  const client = await connect(rig.port, cut)
  await client.line()
  assert.equal(await ask(client, 'USER ann'), '+OK')
  assert.match(await ask(client, 'PASS ann secret'), /^\+OK /)
  return client
}

test('PS-08, PS-09, P3S-05: what RETR sends has the size that LIST says, dots doubled', async () => {
  await using rig = await pop3Rig()
  await rig.deliver(small)
  for (const cut of [whole, single, splitAt(3)]) {
    const client = await entered(rig, cut)
    const size = Number((await ask(client, 'LIST 1')).split(' ')[2])
    assert.equal(await ask(client, 'RETR 1'), `+OK ${size} octets`)
    const lines = await body(client)
    assert.equal(lines.at(-1), '..two')
    assert.equal(lines.reduce((sum, line) => sum + line.length + 2, 0) - 1, size)
    await ask(client, 'QUIT')
    client.destroy()
  }
})

test('PS-10: TOP gives the header section, the empty line and so many lines, of large messages too', async () => {
  await using rig = await pop3Rig()
  await rig.deliver(small, `Subject: big\r\n\r\n${`.${'x'.repeat(97)}\r\n`.repeat(6000)}`)
  const client = await entered(rig)
  for (const [command, count] of [
    ['TOP 1 0', 3],
    ['TOP 1 1', 4],
    ['TOP 1 99', 5],
    ['TOP 2 5999', 6002],
    ['TOP 2 99999', 6003],
  ] as const) {
    assert.equal(await ask(client, command), '+OK')
    const lines = await body(client)
    assert.equal(lines.length, count, command)
    if (count > 5) assert.ok(lines.slice(3).every((line) => line === `..${'x'.repeat(97)}`))
  }
  client.destroy()
})

test('PS-05, P3S-01: a connection that drops before QUIT deletes nothing; QUIT does', async () => {
  await using rig = await pop3Rig({ lockWaitMs: 3000 })
  await rig.deliver(small, small)
  const dropping = await entered(rig)
  await ask(dropping, 'DELE 1')
  dropping.destroy()
  const client = await entered(rig)
  assert.match(await ask(client, 'STAT'), /^\+OK 2 /)
  await ask(client, 'DELE 1')
  assert.match(await ask(client, 'QUIT'), /^\+OK/)
  assert.equal((await rig.store.mailboxState(rig.ann)).messages, 1)
  client.destroy()
})

test('PS-03, P3S-03: a second session is told [IN-USE]', async () => {
  await using rig = await pop3Rig({ lockWaitMs: 0 })
  const first = await entered(rig)
  const second = await connect(rig.port)
  await second.line()
  await ask(second, 'USER ann')
  assert.match(await ask(second, 'PASS ann secret'), /^-ERR \[IN-USE\]/)
  first.destroy()
  second.destroy()
})

test('PS-04, P3S-04: what comes or goes during a session shifts no number', async () => {
  await using rig = await pop3Rig()
  await rig.deliver(small, small, small)
  const client = await entered(rig)
  await ask(client, 'LIST')
  await body(client)
  const event = { ref: 'r', at: 1, step: 'deleted', client: null, from: null, to: [], subject: null, messageId: null }
  await rig.store.removeEntries(rig.ann, [2], { ...event, detail: {} })
  await rig.deliver(small)
  assert.match(await ask(client, 'RETR 2'), /^-ERR \[SYS\/TEMP\]/)
  assert.match(await ask(client, 'RETR 3'), /^\+OK/)
  await body(client)
  assert.equal(await ask(client, 'RETR 4'), '-ERR no such message')
  assert.match(await ask(client, 'DELE 2'), /^\+OK/)
  client.destroy()
})

test('PS-11, P3S-06: numbers that are none get -ERR and the session lives', async () => {
  await using rig = await pop3Rig({ errorsMax: 100 })
  await rig.deliver(small)
  const client = await entered(rig)
  for (const command of [
    'TOP 1 -1',
    'TOP 1 99999999999',
    'RETR 0',
    'RETR 01',
    'DELE x',
    'LIST 1 2',
    'UIDL 0',
    'RETR 1abc',
  ])
    assert.match(await ask(client, command), /^-ERR/, command)
  assert.equal(await ask(client, 'noop'), '+OK')
  client.destroy()
})

test('PS-14, P3S-14: 1,000 pipelined commands are answered in order', async () => {
  await using rig = await pop3Rig()
  await rig.deliver(...Array.from({ length: 20 }, (_, i) => `Subject: ${i + 1}\r\n\r\nx\r\n`))
  const client = await entered(rig)
  const numbers = Array.from({ length: 1000 }, (_, i) => (i % 20) + 1)
  await client.send(numbers.map((n) => `RETR ${n}\r\n`).join(''))
  for (const n of numbers) {
    assert.match((await client.line()) ?? '', /^\+OK/)
    assert.equal((await body(client))[1], `Subject: ${n}`)
  }
  client.destroy()
})

test('XP-01: a browser gets one line and is sent away', async () => {
  await using rig = await pop3Rig()
  const client = await connect(rig.port)
  await client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  assert.match(await client.rest(), /^\+OK .*\r\n-ERR this is a POP3 server\r\n$/)
  client.destroy()
})
