// Mail by an alternate server: accounts, limits, trouble that the operator must mend, and what becomes of mail meanwhile.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Lab, saying, type LabOptions } from './relay-lab.ts'
import type { ReceiverOptions } from './receiver.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const only: LabOptions = { settings: { 'mailRelay.mx': false, 'mailRelay.alternate': 'smart' } }
const account = { user: 'us', password: 'right', plainAuthAllowed: true }

/** Takes these passwords, by user. */
function withAccounts(passwords: Readonly<Record<string, string>>): ReceiverOptions {
  const auth = () => (message: string) => {
    const [, user = '', password = ''] = message.split('\0')
    return passwords[user] === password ? '235 2.7.0 welcome' : '535 5.7.8 wrong'
  }
  return { auth, extensions: ['PIPELINING', 'AUTH PLAIN'] }
}

/** What the alternate server does, and what becomes of the mail: its state, and what the postmaster hears. */
const troubles: readonly [what: string, does: ReceiverOptions | 'dead', state: string, alert: string | null][] = [
  ['RO-26 nobody listens', 'dead', 'waiting', 'Not usable: smart'],
  ['RO-26 421 at the greeting', saying('greeting', '421 4.3.2 busy'), 'waiting', 'Not usable: smart'],
  ['RO-26 554 at the greeting', saying('greeting', '554 5.3.2 closed'), 'waiting', 'Not usable: smart'],
  ['RO-27 454 to AUTH', saying('auth', '454 4.7.0 later'), 'waiting', 'Not usable: smart'],
  ['RO-27 535 to AUTH', saying('auth', '535 5.7.8 wrong'), 'waiting', 'Mail waits: alternate:smart'],
  ['RO-27 534 to AUTH', saying('auth', '534 5.7.9 too weak'), 'waiting', 'Mail waits: alternate:smart'],
  ['RO-27 530 to MAIL', saying('mail', '530 5.7.0 Authentication required'), 'waiting', 'Mail waits: alternate:smart'],
  [
    'RO-27 this sender is not for this account',
    saying('mail', '553 5.7.1 Sender address rejected: not owned by user us'),
    'waiting',
    'Mail waits: alternate:smart',
  ],
  [
    'RO-31 the daily limit',
    saying('rcpt', '550 5.4.5 Daily user sending limit exceeded'),
    'waiting',
    'Too much mail: smart',
  ],
  ['RO-31 the recipient does not exist', saying('rcpt', '550 5.1.1 nobody'), 'failed', null],
  ['RO-31 the recipient must wait', saying('rcpt', '450 4.2.1 later'), 'waiting', null],
  ['RO-31 the message is unwanted', saying('dot', '554 5.6.0 unwanted'), 'failed', null],
]
for (const [what, does, state, alert] of troubles)
  test(`${what}: ${state}, and one alert or none`, async () => {
    await using lab = await Lab.open(only)
    const options: ReceiverOptions = { ...withAccounts({ us: 'right' }), ...(does === 'dead' ? {} : does) }
    const smart = await lab.smart(options, account)
    if (does === 'dead') await lab.end(smart)
    const keys = [await lab.send(['x@far.example']), await lab.send(['y@far.example'])]
    for (const key of keys) assert.equal((await lab.tried(key))[0]!.state, state)
    assert.deepEqual(await lab.inbox('postmaster'), alert === null ? [] : [alert])
    assert.equal(
      (await lab.advice()).some((line) => /waits|cannot be used|no more mail/.test(line)),
      alert !== null,
    )
    assert.equal((await lab.inbox('ann')).length, state === 'failed' ? 2 : 0)
  })

test('RO-27, RO-34 with a wrong password all mail waits, and goes out when it is right; nothing is sent back', async () => {
  await using lab = await Lab.open(only)
  const smart = await lab.smart(withAccounts({ us: 'right' }), { ...account, password: 'wrong' })
  const keys = await Promise.all(Array.from({ length: 10 }, (_, i) => lab.send([`${i}@far.example`])))
  for (const key of keys) assert.deepEqual(await lab.fates(key), ['waiting 535'])
  lab.later(9 * 24 * 60 * minuteMs)
  for (const key of keys) assert.deepEqual(await lab.fates(key, 2), ['waiting 535'])
  await lab.run('alternate.set', { name: 'smart', password: 'right' }) // they go at once
  for (const key of keys) assert.deepEqual(await lab.fates(key, 3), ['delivered 250'])
  assert.equal(smart.ledger.length, keys.length)
  assert.deepEqual(await lab.inbox('ann'), [])
  assert.deepEqual(
    await lab.advice(),
    (await lab.advice()).filter((line) => !line.includes('Mail waits')),
  )
})

test('RO-27 a refused account is tried slowly, not once for each mail that waits', async () => {
  await using lab = await Lab.open(only)
  const smart = await lab.smart(withAccounts({}), account)
  const key = await lab.send(['x@far.example'])
  await lab.tried(key)
  lab.later(14 * minuteMs)
  await lab.until(
    () => lab.rows(key),
    (rows) => rows[0]!.attempts === 1,
  )
  lab.later(2 * minuteMs)
  await lab.tried(key, 2)
  assert.equal(smart.heard.filter((line) => line.startsWith('AUTH')).length, 2)
})

test('RO-26 of one problem the postmaster hears once a day, whatever happens between', async () => {
  await using lab = await Lab.open(only)
  await lab.end(await lab.smart())
  for (const hours of [0, 1, 22, 2]) {
    lab.later(hours * 60 * minuteMs)
    if (hours === 22) await lab.restart()
    await lab.tried(await lab.send(['x@far.example']))
  }
  assert.deepEqual(await lab.inbox('postmaster'), ['Not usable: smart', 'Not usable: smart'])
})

const unusable: readonly [what: string, settings: Record<string, unknown>][] = [
  ['none is ticked', { 'mailRelay.mx': false }],
  ['an alternate server that does not exist', { 'mailRelay.mx': false, 'mailRelay.alternate': 'gone' }],
]
for (const [what, settings] of unusable)
  test(`RO-33, RO-34 ${what}: mail waits, the postmaster hears of it, and it goes when a route is there`, async () => {
    await using lab = await Lab.open({ settings })
    lab.domain('far.example', await lab.host())
    const key = await lab.send(['x@far.example'])
    assert.deepEqual(await lab.fates(key), ['waiting 450'])
    assert.equal((await lab.inbox('postmaster')).length, 1)
    lab.later(9 * 24 * 60 * minuteMs)
    assert.deepEqual(await lab.fates(key, 2), ['waiting 450'])
    await lab.set({ 'mailRelay.mx': true }) // it goes at once
    assert.deepEqual(await lab.fates(key, 3), ['delivered 250'])
    assert.deepEqual(await lab.inbox('ann'), [])
  })

test('RO-30 recipients of many domains go to the alternate server in one transaction', async () => {
  await using lab = await Lab.open(only)
  const smart = await lab.smart()
  const to = Array.from({ length: 20 }, (_, i) => `x@c${i}.example`)
  assert.deepEqual(new Set(await lab.fates(await lab.send(to))), new Set(['delivered 250']))
  assert.deepEqual([smart.ledger.length, smart.ledger[0]!.rcpts.length], [1, 20])
})

test('RO-25 its hosts are tried in their order, and a domain by its exchangers', async () => {
  await using lab = await Lab.open(only)
  const [second, exchanger] = [await lab.host(), await lab.host()]
  const dead = lab.address()
  lab.publish(`a.example A ${dead}`, `b.example A ${second.at}`)
  await lab.smart({}, { hosts: [`a.example:${lab.port}`, `b.example:${lab.port}`] })
  await lab.tried(await lab.send(['x@far.example']))
  assert.equal(second.ledger.length, 1)
  lab.domain('smart.test', exchanger)
  await lab.run('alternate.set', { name: 'smart', hosts: [`[m1.smart.test]:${lab.port}`] })
  await lab.tried(await lab.send(['x@far.example']))
  assert.equal(exchanger.ledger.length, 1)
})

test('RO-29, RO-32 two accounts at one server, chosen by the sender; the recipient counts more', async () => {
  await using lab = await Lab.open(only)
  const smart = await lab.smart(withAccounts({ one: '1', two: '2' }), { ...account, user: 'one', password: '1' })
  const other = { hosts: [`smart.example:${lab.port}`], tls: 'none', ...account, user: 'two', password: '2' }
  await lab.run('alternate.add', { name: 'other', ...other })
  const direct = await lab.host()
  lab.domain('near.example', direct)
  await lab.run('route.add', { sender: 'sales@us.example', routes: ['alternate:other'] })
  await lab.run('route.add', { recipient: 'near.example', routes: ['mx'] })
  const users: string[] = []
  for (const from of ['ann@us.example', 'sales@us.example', 'ann@us.example']) {
    assert.deepEqual(await lab.fates(await lab.send(['x@far.example'], { from })), ['delivered 250'])
    const said = smart.heard.findLast((line) => line.startsWith('AUTH PLAIN '))!
    users.push(Buffer.from(said.slice('AUTH PLAIN '.length), 'base64').toString().split('\0')[1]!)
  }
  assert.deepEqual(users, ['one', 'two', 'two']) // the first connection was kept for the third mail
  assert.equal(smart.connections, 2)
  await lab.tried(await lab.send(['x@near.example'], { from: 'sales@us.example' }))
  assert.equal(direct.ledger.length, 1)
})

test('RO-34 a domain that has become ours meanwhile gets its mail here', async () => {
  await using lab = await Lab.open()
  lab.domain('far.example', lab.address())
  lab.domain('elsewhere.example', lab.address())
  const key = await lab.send(['ann@far.example', 'x@elsewhere.example'])
  assert.deepEqual(await lab.fates(key), ['waiting 451', 'waiting 451'])
  await lab.run('domain.add', { name: 'far.example' })
  lab.later(6 * minuteMs)
  const rows = await lab.until(
    () => lab.rows(key),
    ([row]) => row!.state === 'delivered',
  )
  assert.match(rows[0]!.lastReply!.lines.join(), /has become local/)
  assert.deepEqual(await lab.inbox('ann'), ['x'])
})

test('RO-34, QU-06, DL-01 its mailbox here is full and stays full: its sender is told of the delay, and in the end gets it back', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.lifetimeMs': 6 * hourMs } })
  lab.domain('far.example', lab.address())
  await lab.send(['ann@us.example'])
  const key = await lab.send(['ann@far.example'], { from: 'postmaster@us.example' })
  assert.deepEqual(await lab.fates(key), ['waiting 451'])
  await lab.run('domain.add', { name: 'far.example' })
  await lab.run('mailbox.set', { name: 'ann', quotaBytes: 10 })
  for (let hour = 0; hour < 12; hour++) {
    lab.later(hourMs)
    await lab.until(
      () => lab.rows(key),
      ([row]) => row!.state === 'failed' || row!.dueAt > lab.now(),
    )
  }
  assert.deepEqual(await lab.fates(key), ['failed 452'])
  assert.deepEqual(await lab.inbox('postmaster'), [
    'Your message is delayed and is still being tried',
    'Your message could not be delivered',
  ])
  assert.match(JSON.stringify(await lab.events(key)), /"step":"deferred".*takes no mail now.*"step":"failed"/)
})

test('RO-34, QU-08 mail whose route was taken away goes to its own destination', async () => {
  await using lab = await Lab.open(only)
  await lab.end(await lab.smart())
  const hosts = [await lab.host(), await lab.host()]
  const domains = hosts.map((host, i) => lab.domain(`c${i}.example`, host))
  const key = await lab.send(domains.map((domain) => `x@${domain}`))
  await lab.tried(key)
  await lab.set({ 'mailRelay.alternate': '', 'mailRelay.mx': true })
  lab.later(6 * minuteMs)
  assert.deepEqual(await lab.fates(key, 2), ['delivered 250', 'delivered 250'])
  assert.deepEqual(
    hosts.map(({ ledger }) => ledger.map(({ rcpts }) => rcpts.length)),
    [[1], [1]],
  )
})

test('RO-27 a token that the server has withdrawn is renewed at once, and the mail goes out', async () => {
  let given = 0
  const endpoint = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ access_token: `access${++given}`, expires_in: 3600 }))
  })
  await new Promise<void>((done) => endpoint.listen(0, '127.0.0.1', done))
  const { port } = endpoint.address() as AddressInfo // listening on TCP, so not a string
  let valid = 'access1'
  const auth = () => (message: string) => {
    if (message.includes(`Bearer ${valid}\x01`)) return '235 2.7.0 welcome'
    return message === '' ? '535 5.7.3 no' : '{"status":"401"}'
  }
  await using lab = await Lab.open(only)
  const tokenEndpoint = `http://127.0.0.1:${port}/token`
  const smart = await lab.smart(
    { auth, extensions: ['AUTH XOAUTH2'] },
    { user: 'us', tokenEndpoint, clientId: 'c', refreshToken: 'r', plainAuthAllowed: true },
  )
  assert.deepEqual(await lab.fates(await lab.send(['x@far.example'])), ['delivered 250'])
  smart.dropAll()
  valid = 'access2'
  assert.deepEqual(await lab.fates(await lab.send(['x@far.example'])), ['delivered 250'])
  valid = 'another one'
  smart.dropAll()
  assert.deepEqual(await lab.fates(await lab.send(['x@far.example'])), ['waiting 535'])
  assert.equal(given, 3)
  endpoint.close()
})
