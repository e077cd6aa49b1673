// Send E-Mail on a running server, over HTTP: who receives what, by which server, with the relay off, with a large file, through
// kills.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { administer, type Administered } from './console-rig.ts'
import { Receiver } from './receiver.ts'
import { start } from './serve.ts'

type Saved = { draft: string; version: number }
type Queued = { message: string; leavesAt: number | null }
const set = (console: Administered, values: Record<string, unknown>): Promise<unknown[]> =>
  Promise.all(Object.entries(values).map(([name, value]) => console.call('settings.set', { name, value })))

/** Mailboxes ann and bob at example.org; all else goes to the receivers `isp` or, when it is chosen, `other`. */
async function lab(isp: Receiver, other?: Receiver): Promise<Administered> {
  const console = await administer(['smtp', 'console'])
  for (const name of ['ann', 'bob']) await console.call('mailbox.add', { name })
  await console.call('domain.add', { name: 'example.org', mode: 'by-name', target: null })
  for (const [name, server] of Object.entries({ isp, ...(other && { other }) }))
    await console.call('alternate.add', { name, hosts: [`127.0.0.1:${server.port}`], tls: 'opportunistic' })
  await set(console, {
    'mailRelay.alternate': 'isp',
    'mailRelay.mx': false,
    'mailRelay.allowPrivateTargets': true,
    'sendEMail.undoMs': 0,
  })
  return console
}

const message = { from: 'ann@example.org', subject: 'Hello', text: 'hi' }
async function send(console: Administered, fields: object): Promise<Queued> {
  const { draft, version } = (await console.call('draft.save', { fields: { ...message, ...fields } })) as Saved
  return (await console.call('send.draft', { draft, version })) as Queued
}

async function until(what: string, is: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (await is()) return
    await wait(100)
  }
  assert.fail(`not within 30 s: ${what}`)
}

type Page = { rows: { uid: number }[] }
async function received(console: Administered, mailbox: string): Promise<string[]> {
  const { rows } = (await console.call('message.list', { mailbox, limit: 10 })) as Page
  return Promise.all(
    rows.map(async ({ uid }) => {
      const path = `/api/v1/download/message-raw?mailbox=${mailbox}&uid=${uid}`
      return (await fetch(console.address + path, { headers: { cookie: console.cookie } })).text()
    }),
  )
}

const hidden: readonly [what: string, fields: Record<string, string[]>][] = [
  ['elsewhere only', { to: ['x@far.example'], bcc: ['secret@far.example', 'secret2@far.example'] }],
  ['here only', { to: ['bob@example.org'], bcc: ['secret@far.example', 'ann@example.org'] }],
  ['with a name', { to: ['x@far.example'], cc: ['bob@example.org'], bcc: ['"Secret One" <secret@far.example>'] }],
  ['alone', { bcc: ['secret@far.example', 'bob@example.org'] }],
  ['besides To', { to: ['secret2@far.example'], bcc: ['secret@far.example', 'secret2@far.example'] }],
]
test('SE-02 whoever gets a message, here or elsewhere, sees nothing of Bcc', async (t) => {
  await using far = await Receiver.open()
  await using console = await lab(far)
  for (const [what, fields] of hidden)
    await t.test(what, async () => {
      const before = far.ledger.length
      await send(console, fields)
      await until('the delivery', () => far.ledger.slice(before).some(({ rcpts }) => rcpts.join().includes('secret@')))
      const here = [...(await received(console, 'ann')), ...(await received(console, 'bob'))]
      const named = new Set([...(fields['to'] ?? []), ...(fields['cc'] ?? [])])
      for (const octets of [...here, ...far.ledger.map(({ octets: one }) => one)]) {
        assert.doesNotMatch(octets, /bcc|secret@|Secret One/i)
        if (!named.has('secret2@far.example')) assert.doesNotMatch(octets, /secret2/)
      }
    })
})

test('SE-01, SE-07 with the relay off, and after a moment to take it back, mailboxes here have their mail, and the rest waits', async () => {
  await using far = await Receiver.open()
  await using console = await lab(far)
  await set(console, { 'mailRelay.paused': true, 'sendEMail.undoMs': 1500 })
  const { message: key } = await send(console, { to: ['bob@example.org', 'x@far.example'] })
  assert.deepEqual(await received(console, 'bob'), [])
  await until('the copy here', async () => (await received(console, 'bob')).length === 1)
  await assert.rejects(console.call('send.cancel', { message: key }), /has begun/)
  assert.equal(far.connections, 0)
  await set(console, { 'mailRelay.paused': false })
  await until('the copy elsewhere', () => far.ledger.length === 1)
})

test('MB-04, SE-07 a mailbox here that is full when the time has come gets its mail when there is room again', async () => {
  await using far = await Receiver.open()
  await using console = await lab(far)
  await send(console, { to: ['bob@example.org'] })
  await console.call('mailbox.set', { name: 'bob', quotaBytes: 10 })
  await assert.rejects(send(console, { to: ['bob@example.org'] }), /may be full\. Nothing was sent/)
  await set(console, { 'sendEMail.undoMs': 200 })
  const { message: key } = await send(console, { to: ['bob@example.org', 'ann@example.org'] })
  await until('the copy of the other', async () => (await received(console, 'ann')).length === 1)
  const story = async (): Promise<string> => JSON.stringify(await console.call('queue.list', { what: key }))
  await until('the answer', async () => (await story()).includes('452 4.2.2'))
  await console.call('mailbox.set', { name: 'bob', quotaBytes: null })
  await console.call('queue.retry', { what: 'bob@example.org', yes: true })
  await until('the copy', async () => (await received(console, 'bob')).length === 2)
})

test('SE-06 what is written here goes by the server that Send E-Mail uses, other mail by the relay', async () => {
  await using isp = await Receiver.open()
  await using other = await Receiver.open({ extensions: ['SIZE 200000', '8BITMIME'] })
  await using console = await lab(isp, other)
  await send(console, { to: ['x@far.example'] })
  await until('the first', () => isp.ledger.length === 1)
  await set(console, { 'sendEMail.server': 'other' })
  await send(console, { to: ['x@far.example'] })
  await until('the second', () => other.ledger.length === 1)
  await console.call('send', { from: 'ann@example.org', to: ['x@far.example'] })
  await until('the third', () => isp.ledger.length === 2)
  const { limit } = (await console.call('send.preview', { fields: message })) as { limit: object }
  assert.deepEqual(limit, { bytesMax: 200_000, by: 'other' })
  await assert.rejects(
    bring(console, 300_000, { size: '300000' }),
    /the server other takes messages of at most 0\.2 MB/,
  )
  await assert.rejects(bring(console, 300_000, {}), /the server other takes|fetch failed/) // or the line is closed meanwhile
})

/** A file of so many octets that are never all in memory here either. */
async function bring(console: Administered, bytes: number, more: Record<string, string>): Promise<Saved> {
  const saved = (await console.call('draft.save', { fields: { ...message, to: ['x@far.example'] } })) as Saved
  const query = new URLSearchParams({ draft: saved.draft, name: 'large.bin', ...more })
  const response = await fetch(`${console.address}/api/v1/upload/draft-attachment?${query.toString()}`, {
    method: 'POST',
    headers: { cookie: console.cookie, 'content-type': 'application/octet-stream', 'sec-fetch-site': 'same-origin' },
    body: ReadableStream.from(pieces(bytes)),
    duplex: 'half',
  } as RequestInit) // duplex is not in the types yet
  if (!response.ok) throw new Error(await response.text())
  return saved
}

const pieceBytes = 50_000
function* pieces(bytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes; at += pieceBytes)
    yield Buffer.alloc(Math.min(pieceBytes, bytes - at), String(at / pieceBytes))
}

/** The most memory that the process has had so far. */
const peakBytes = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1000

test('SE-06 files of 30 MB go through the server without ever being in its memory', async () => {
  await using far = await Receiver.open({ extensions: ['8BITMIME'] })
  await using console = await lab(far)
  await set(console, { 'mailServer.messageBytesMax': 130_000_000 })
  const { pid } = console.served
  const through = async (bytes: number): Promise<number> => {
    const before = far.ledger.length
    await console.call('send.draft', await bring(console, bytes, { size: String(bytes) }))
    await until('the delivery', () => far.ledger.length > before)
    return peakBytes(pid)
  }
  await through(30_000_000)
  const [, body] = far.ledger[0]!.octets.split(/filename="?large\.bin"?\r\nContent-Transfer-Encoding: base64\r\n\r\n/)
  const arrived = createHash('sha256').update(Buffer.from(body!.split('\r\n--')[0]!, 'base64'))
  const brought = createHash('sha256')
  for (const piece of pieces(30_000_000)) brought.update(piece)
  assert.equal(arrived.digest('hex'), brought.digest('hex'))
  const warm = peakBytes(pid)
  const grown = (await through(90_000_000)) - warm
  assert.ok(grown < 30_000_000, `three times as much took ${grown} octets more`)
})

const kills = 8
test(`SE-04, SE-07 killed ${kills} times while a message is queued, it is queued once, with one copy, or the draft is there`, async () => {
  await using far = await Receiver.open()
  await using console = await lab(far)
  await set(console, { 'mailRelay.paused': true })
  const { data } = console
  let served = console.served
  const drafts: Saved[] = []
  for (let i = 0; i < kills; i++) {
    const address = `http://${served.listening['console']}`
    const call = async (name: string, body: object): Promise<unknown> =>
      (await post(address, console.cookie, name, body)).json()
    const draft = (await call('draft.save', {
      fields: { ...message, to: ['x@far.example'], subject: `n${i}` },
    })) as Saved
    drafts.push(draft)
    const asked = Promise.allSettled(
      [1, 2].map(() => call('send.draft', { draft: draft.draft, version: draft.version })),
    )
    await wait(i * 4)
    await served.stop('SIGKILL')
    await asked
    served = await start(data, ['smtp', 'console'])
  }
  try {
    const address = `http://${served.listening['console']}`
    const call = async (name: string, body: object): Promise<unknown> =>
      (await post(address, console.cookie, name, body)).json()
    const answers: (string | null)[] = []
    for (const { draft, version } of drafts)
      answers.push(((await call('send.draft', { draft, version })) as Queued).message)
    assert.equal(new Set(answers).size, kills)
    const { rows } = (await call('sent.list', { limit: 100 })) as { rows: { message: string }[] }
    assert.deepEqual(new Set(rows.map(({ message: key }) => key)), new Set(answers))
    assert.equal(rows.length, kills)
    const drafted = (await call('draft.list', {})) as { rows: unknown[] }
    assert.deepEqual(drafted.rows, [])
    const { waiting } = (await call('queue.summary', {})) as { waiting: number }
    assert.equal(waiting, kills)
  } finally {
    await served.stop()
  }
})

function post(address: string, cookie: string, name: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', cookie }
  const path = `/api/v1/${name.replace('.', '/')}`
  return fetch(address + path, { method: 'POST', headers, body: JSON.stringify(body) })
}
