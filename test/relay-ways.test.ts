// How a way is found and kept: DNS, exchangers, detours, what the trace says of it. On real sockets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Move } from './receiver.ts'
import { Lab, ourselves, saying } from './relay-lab.ts'

const hourMs = 3_600_000
const minuteMs = 60_000
const blocked = '554 5.7.1 Service unavailable; client host [127.0.0.1] blocked using bl.example'
const smartToo = { settings: { 'mailRelay.alternate': 'smart' } }

test('D1 the address ticked alone is asked though there is an exchanger', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.mx': false, 'mailRelay.address': true } })
  const [exchanger, byAddress] = [await lab.host(), await lab.host()]
  lab.domain('far.example', exchanger)
  lab.publish(`far.example A ${byAddress.at}`)
  assert.deepEqual(await lab.fates(await lab.send(['x@far.example'])), ['delivered 250'])
  assert.deepEqual([exchanger.connections, byAddress.ledger.length], [0, 1])
})

test('D2 after three temporary refusals the alternate server gets its turn, and the address never', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.address': true, 'mailRelay.alternate': 'smart' } })
  const smart = await lab.smart()
  const [far, byAddress] = [await lab.host(saying('rcpt', '450 4.2.1 later')), await lab.host()]
  lab.domain('far.example', far)
  lab.publish(`far.example A ${byAddress.at}`)
  const key = await lab.send(['x@far.example'])
  for (const attempt of [1, 2, 3]) {
    assert.deepEqual(await lab.fates(key, attempt), ['waiting 450'])
    lab.later(3 * hourMs)
  }
  assert.deepEqual(await lab.fates(key, 4), ['delivered 250'])
  assert.deepEqual([byAddress.connections, smart.ledger.length], [0, 1])
})

test('D2 the trace tells of each switch and its reason', async () => {
  await using lab = await Lab.open(smartToo)
  await lab.smart()
  lab.domain('refusing.example', await lab.host(saying('rcpt', blocked)))
  lab.domain('dead.example', lab.address())
  for (const [domain, reason] of [
    ['refusing.example', /^m1\.refusing\.example \[127\.\S+: 554 Service unavailable/],
    ['dead.example', /^m1\.dead\.example \[127\.\S+: 451 .*refuses connections$/],
  ] as const) {
    const key = await lab.send([`x@${domain}`])
    await lab.tried(key)
    const { detail } = (await lab.events(key)).find(({ step }) => step === 'delivered')!
    assert.equal(detail['route'], 'alternate:smart')
    assert.match(String(detail['tried']), reason)
  }
})

test('RO-16 who refused us is gone round for some hours, and then asked again; the postmaster hears of it', async () => {
  await using lab = await Lab.open(smartToo)
  const smart = await lab.smart()
  const far = await lab.host(saying('rcpt', blocked))
  lab.domain('far.example', far)
  for (const asked of [1, 1, 2]) {
    if (smart.ledger.length === 2) lab.later(4 * hourMs)
    assert.deepEqual(await lab.fates(await lab.send(['x@far.example'])), ['delivered 250'])
    assert.equal(far.heard.filter((line) => line.startsWith('RCPT')).length, asked)
  }
  assert.deepEqual(await lab.inbox('postmaster'), ['Refused: mail from here'])
})

test('RO-35 when port 25 is blocked mail goes by the alternate server at once, and the postmaster hears of it', async () => {
  await using lab = await Lab.open(smartToo)
  const smart = await lab.smart()
  const domains = Array.from({ length: 6 }, (_, i) => lab.domain(`c${i}.example`, lab.address()))
  for (const domain of domains) await lab.tried(await lab.send([`x@${domain}`]))
  assert.equal(smart.ledger.length, 6)
  assert.deepEqual(await lab.inbox('postmaster'), ['No way out: port 25'])
  assert.match((await lab.advice()).join(), /blocks port 25/)
  const explained = (await lab.run('relay.explain', { to: 'x@new.example' })) as string[]
  assert.match(explained[0]!, /first the alternate server .*no connection gets out to port 25/)
  const far = await lab.host()
  lab.domain('new.example', far)
  await lab.tried(await lab.send(['x@new.example']))
  assert.equal(far.connections, 0)
  lab.later(16 * minuteMs)
  await lab.tried(await lab.send(['x@new.example'])) // it looks again
  assert.equal(far.ledger.length, 1)
})

test('RO-35 where nothing else is ticked mail waits, and the postmaster hears that port 25 is blocked', async () => {
  await using lab = await Lab.open()
  const domains = Array.from({ length: 5 }, (_, i) => lab.domain(`c${i}.example`, lab.address()))
  for (const domain of domains) assert.deepEqual(await lab.fates(await lab.send([`x@${domain}`])), ['waiting 451'])
  assert.deepEqual(await lab.inbox('postmaster'), ['No way out: port 25'])
  assert.match((await lab.advice()).join(), /blocks port 25/)
})

test('RO-01 all names are asked at the servers of the settings, the next one where one is silent', async () => {
  await using lab = await Lab.open()
  await lab.set({ 'dns.servers': ['127.1.255.1:9', lab.dns.address] })
  lab.domain('far.example', await lab.host())
  const key = await lab.send(['x@far.example', 'x@localhost.example'])
  assert.deepEqual(await lab.fates(key), ['delivered 250', 'waiting 450'])
  for (const asked of ['MX far.example', 'A m1.far.example', 'MX localhost.example'])
    assert.ok(lab.dns.asked.includes(asked), asked)
})

test('RO-03 a domain that does not exist is believed the second time', async () => {
  await using lab = await Lab.open()
  const key = await lab.send(['x@gone.example'])
  assert.deepEqual(await lab.fates(key), ['waiting 450'])
  lab.later(6 * minuteMs)
  const [row] = await lab.tried(key, 2)
  assert.deepEqual([row!.state, row!.lastReply?.status], ['failed', '5.1.2'])
})

test('RO-02, RO-03 one that exists again was never gone', async () => {
  await using lab = await Lab.open()
  const key = await lab.send(['x@flapping.example'])
  await lab.tried(key)
  lab.domain('flapping.example', await lab.host())
  lab.later(6 * minuteMs)
  assert.deepEqual(await lab.fates(key, 2), ['delivered 250'])
})

test('RO-04, DNS-06 without exchanger the address of the domain stands for it, behind an alias too', async () => {
  await using lab = await Lab.open()
  const far = await lab.host()
  lab.publish(`plain.example A ${far.at}`, 'alias.example CNAME plain.example')
  lab.zone.set('A alias.example', {
    answers: [...(lab.zone.get('A alias.example')?.answers ?? []), a('plain.example', far.at)],
  })
  assert.deepEqual(await lab.fates(await lab.send(['x@plain.example'])), ['delivered 250'])
  assert.deepEqual(await lab.fates(await lab.send(['x@alias.example'])), ['delivered 250'])
  assert.equal(far.ledger.length, 2)
})

const a = (name: string, data: string) => ({ type: 'A' as const, name, ttl: 60, data })

test('DNS-06 exchangers without address: the address of the domain is not used', async () => {
  await using lab = await Lab.open()
  const byAddress = await lab.host()
  lab.publish('far.example MX 10 m1.far.example', 'm1.far.example TXT x', `far.example A ${byAddress.at}`)
  const [row] = await lab.tried(await lab.send(['x@far.example']))
  assert.deepEqual([row!.state, byAddress.connections], ['waiting', 0])
})

test('RO-05 a null MX among others is no MX', async () => {
  await using lab = await Lab.open()
  lab.domain('far.example', await lab.host())
  lab.publish('far.example MX 0 .', `m1.far.example A ${(await lab.host()).at}`)
  lab.zone.set('MX far.example', {
    answers: ['.', 'm1.far.example'].map((exchange, preference) => ({
      type: 'MX' as const,
      name: 'far.example',
      ttl: 60,
      data: { exchange, preference },
    })),
  })
  assert.deepEqual(await lab.fates(await lab.send(['x@far.example'])), ['delivered 250'])
})

test('RO-06, OUT-18 the better exchanger comes first, equal ones share the mail', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.messagesPerConnectionMax': 1 } })
  const hosts = [await lab.host(), await lab.host(), await lab.host()]
  const zone = zoneWith('far.example', ['m0', 'm1', 'm2'], [10, 10, 20])
  lab.zone.set('MX far.example', zone)
  lab.publish(...hosts.map(({ at }, i) => `m${i}.far.example A ${at}`))
  await Promise.all(Array.from({ length: 30 }, async () => lab.tried(await lab.send(['x@far.example']))))
  const [a, b, c] = hosts.map(({ ledger }) => ledger.length)
  assert.ok(a! > 0 && b! > 0, `${a} and ${b}`)
  assert.deepEqual([a! + b!, c], [30, 0])
})

const zoneWith = (name: string, hosts: readonly string[], preferences: readonly number[]) => ({
  answers: hosts.map((host, i) => ({
    type: 'MX' as const,
    name,
    ttl: 60,
    data: { exchange: `${host}.${name}`, preference: preferences[i]! },
  })),
})

test('RO-07 where we stand among the exchangers only better ones are asked', async () => {
  await using lab = await Lab.open()
  const worse = await lab.host()
  lab.domain('backup.example', lab.address(), ourselves, worse)
  assert.deepEqual(await lab.fates(await lab.send(['x@backup.example'])), ['waiting 451'])
  assert.equal(worse.connections, 0)
})

test('RO-07, DNS-01 exchangers with private addresses are left alone unless the operator allows them', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.allowPrivateTargets': false } })
  const far = await lab.host()
  lab.domain('far.example', far)
  const [row] = await lab.tried(await lab.send(['x@far.example']))
  assert.deepEqual([row!.state, row!.lastReply?.status, far.connections], ['failed', '5.4.4', 0])
})

test('RO-09 not more addresses are tried than allowed, and the next attempt begins with another', async () => {
  await using lab = await Lab.open({ settings: { 'mailRelay.addressesMax': 3 } })
  const addresses = Array.from({ length: 6 }, () => lab.address())
  lab.zone.set('A m1.far.example', { answers: addresses.map((one) => a('m1.far.example', one)) })
  lab.publish('far.example MX 10 m1.far.example', 'm1.far.example TXT x')
  const key = await lab.send(['x@far.example'])
  await lab.tried(key)
  lab.later(6 * minuteMs)
  await lab.tried(key, 2)
  const deferred = (await lab.events(key)).filter(({ step }) => step === 'deferred')
  const tried = deferred.map(({ detail }) => detail['tried'] as string[]) // as events.ts writes it
  assert.deepEqual(
    tried.map((notes) => notes.length),
    [3, 3],
  )
  assert.notEqual(tried[0]![0], tried[1]![0])
})

test("OUT-17 the lower exchanger's never waits for the better one", async () => {
  await using lab = await Lab.open()
  lab.domain('far.example', lab.address(), await lab.host(saying('rcpt', '550 5.1.1 nobody')))
  const [row] = await lab.tried(await lab.send(['x@far.example']))
  assert.deepEqual([row!.state, row!.lastReply?.code], ['waiting', 450])
  assert.match(row!.lastReply!.lines.join(), /said 550 nobody/)
})

test('RO-17, RO-18 what may have arrived goes to the same host first, and is marked', async () => {
  await using lab = await Lab.open(smartToo)
  const smart = await lab.smart()
  let lost = 0
  const dot = (): Move | undefined => (lost++ === 0 ? { end: 'close', record: true } : undefined)
  const [one, two] = [await lab.host({ script: { dot } }), await lab.host({ script: { dot } })]
  lab.zone.set('MX far.example', zoneWith('far.example', ['m1', 'm2'], [10, 10]))
  lab.publish(`m1.far.example A ${one.at}`, `m2.far.example A ${two.at}`)
  const key = await lab.send(['x@far.example'], { text: 'Subject: x\r\nMessage-ID: <1@us.example>\r\n\r\nbody' })
  assert.deepEqual(await lab.fates(key), ['waiting 451'])
  assert.ok((await lab.events(key)).some(({ detail }) => String(detail['uncertain']).includes('may have arrived')))
  lab.later(6 * minuteMs)
  assert.deepEqual(await lab.fates(key, 2), ['delivered 250'])
  const [host, other] = one.ledger.length > 0 ? [one, two] : [two, one]
  assert.deepEqual([host.ledger.length, other.connections, smart.connections], [2, 0, 0])
  assert.equal(host.ledger[0]!.octets, host.ledger[1]!.octets)
})

test('RO-14, RO-27 an exchanger that wants an account refuses for good, and the alternate server gets its turn', async () => {
  const wants = saying('rcpt', '550 5.7.1 Authentication required')
  await using lab = await Lab.open()
  lab.domain('closed.example', await lab.host(wants))
  assert.deepEqual(await lab.fates(await lab.send(['x@closed.example'])), ['failed 550'])
  await lab.smart()
  await lab.set({ 'mailRelay.alternate': 'smart' })
  assert.deepEqual(await lab.fates(await lab.send(['y@closed.example'])), ['delivered 250'])
})

test('RO-22 a message too large for one exchanger goes to the next one', async () => {
  await using lab = await Lab.open()
  const [small, large] = [await lab.host({ extensions: ['SIZE 10'] }), await lab.host()]
  lab.domain('far.example', small, large)
  assert.deepEqual(await lab.fates(await lab.send(['x@far.example'])), ['delivered 250'])
  assert.deepEqual([small.ledger.length, large.ledger.length], [0, 1])
})
