// What a stranger can make this server mail to a sender whom he names: a whole server, a scripted receiver that stands for the
// named one, and its domain's SPF. Every address is on loopback; the access list names others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '#/cli/call.ts'
import { startTestServer, zoneOf, type TestServer, type Zone } from '#/dns/test-server.ts'
import { tell } from '#/operations/story.ts'
import type { TraceEvent } from '#/storage/store.ts'
import { host, readNotices, until, type Host, type HostOptions } from './notice-rig.ts'
import { Receiver } from './receiver.ts'

const hourMs = 3_600_000
const far = ['far.example MX 10 mx.far.example', 'mx.far.example A 127.0.0.1']
const spf = (record: string): string[] => (record === '' ? [] : [`far.example TXT ${record}`])

type Lab = AsyncDisposable & {
  readonly us: Host
  readonly far: Receiver
  readonly dns: TestServer
  readonly zone: Zone
}

async function lab(lines: readonly string[], options: Partial<HostOptions> = {}): Promise<Lab> {
  const zone = zoneOf(...far, ...lines)
  const dns = await startTestServer(zone)
  const receiver = await Receiver.open()
  const us = await host({ dns: dns.address, mxPort: receiver.port, access: '192.0.2.0/24', ...options })
  return {
    us,
    far: receiver,
    dns,
    zone,
    async [Symbol.asyncDispose]() {
      await us[Symbol.asyncDispose]()
      await receiver[Symbol.asyncDispose]()
      await dns[Symbol.asyncDispose]()
    },
  }
}

/** A stranger hands in a letter for Ann, and wants its arrival told to Bob. */
const letter = { from: 'bob@far.example', to: ['ann@example.org NOTIFY=SUCCESS'] }
const seen = async (us: Host, step: string): Promise<TraceEvent> => {
  await until(async () => (await us.trace(step)).length > 0)
  return (await us.trace(step))[0]!
}

test('DS-13, LOOP-06: whom SPF allows to send for the domain hears that it arrived', async () => {
  await using l = await lab(spf('v=spf1 ip4:127.0.0.0/8 -all'))
  assert.match(await l.us.submit(letter), /^250 2\.0\.0 Stored as /)
  await l.us.idle()
  assert.equal(l.far.ledger.length, 1)
  assert.match(l.far.ledger[0]!.mail, /^MAIL FROM:<>/)
  assert.match(l.far.ledger[0]!.rcpts[0]!, /^RCPT TO:<bob@far\.example>/)
  const { detail } = await seen(l.us, 'notified')
  assert.equal(detail['proof'], 'SPF: ip4:127.0.0.0/8 in the SPF record of far.example')
  const steps = (await l.us.trace()).map(({ step }) => step).toSorted()
  assert.deepEqual(steps, ['delivered', 'notice-waits', 'notified', 'received'])
})

const withheld: readonly [result: string, lines: readonly string[], means: string][] = [
  ['fail', spf('v=spf1 ip4:192.0.2.1 -all'), 'far.example says that 127.0.0.1 may not send for it'],
  ['softfail', spf('v=spf1 ~all'), 'far.example says that 127.0.0.1 should not send for it'],
  ['neutral', spf('v=spf1 ?all'), 'far.example does not say whether 127.0.0.1 may send for it'],
  ['none', [], 'far.example has no SPF record, so that anybody may have named this sender'],
  ['permerror', spf('v=spf1 oops'), 'the SPF record of far.example is wrong, so that it says nothing'],
]
for (const [result, lines, means] of withheld)
  test(`DS-13, LOOP-06: with SPF ${result} nobody is mailed, the message is there, and the trace tells why`, async () => {
    await using l = await lab(lines)
    const said = await l.us.submit(letter)
    assert.match(said, /^250 2\.0\.0 Stored as /)
    const key = said.split(' ').at(-1)!
    const { detail, to } = await seen(l.us, 'notice-withheld')
    await l.us.idle()
    assert.partialDeepStrictEqual(detail, {
      about: key,
      spf: result,
      client: '127.0.0.1',
      domain: 'far.example',
      means,
    })
    assert.deepEqual(to, ['bob@far.example'])
    assert.equal(l.far.connections, 0)
    assert.equal((await l.us.mailbox('ann')).length, 1)
    assert.deepEqual(await l.us.trace('notified'), [])
    const [dropped] = await l.us.running.store.queue.find({ states: ['dropped'], limit: 9 })
    assert.deepEqual([dropped!.lastReply!.code, dropped!.lastReply!.status], [550, '5.7.23'])
    assert.match(
      tell(await l.us.trace(), String),
      /notice that is not mailed, because its reader may have written nothing/,
    )
  })

test('DS-13: where DNS does not answer the 250 waits for nobody, and the notice for the answer', async () => {
  await using l = await lab(['far.example TXT SERVFAIL'], { relay: ['retryDelaysMs = [3600000]', 'jitterShare = 0'] })
  assert.match(await l.us.submit(letter), /^250 /)
  const { detail } = await seen(l.us, 'deferred')
  assert.match(
    String(detail['reply']),
    /^451 4\.7\.24 Whether the sender is real is not known yet, and is asked again: DNS: /,
  )
  assert.equal(l.far.connections, 0)
  l.zone.set('TXT far.example', zoneOf(...spf('v=spf1 ip4:127.0.0.1 -all')).get('TXT far.example')!)
  l.us.later(hourMs + 1000)
  await l.us.idle()
  assert.equal(l.far.ledger.length, 1)
})

test('DS-13: nothing is asked before the 250', async () => {
  await using l = await lab(['far.example TXT silent'], { relay: ['paused = true'] })
  assert.match(await l.us.submit(letter), /^250 /)
  assert.deepEqual(l.dns.asked, [])
  assert.equal((await l.us.trace('notice-waits')).length, 1)
})

test('DS-13: DNS that never answers ends with the lifetime of notices, and nobody is mailed', async () => {
  const relay = ['retryDelaysMs = [3600000]', 'jitterShare = 0', 'noticeLifetimeMs = 7200000']
  await using l = await lab(['far.example TXT SERVFAIL'], { relay })
  await l.us.submit(letter)
  for (let n = 1; n <= 8 && (await l.us.queue()).length > 0; n++) {
    await until(async () => (await l.us.trace('deferred')).length >= n || (await l.us.queue()).length === 0)
    l.us.later(2 * hourMs)
  }
  const { detail } = await seen(l.us, 'notice-withheld')
  assert.equal(detail['spf'], 'temperror')
  assert.equal(l.far.connections, 0)
})

test('DS-13, AC-07: a client that the access list knows by its name is no stranger, and SPF is not asked', async () => {
  await using l = await lab([...spf('v=spf1 -all'), 'printer.far.example A 127.0.0.1'], {
    access: 'printer.far.example',
  })
  await l.us.submit(letter)
  await l.us.idle()
  assert.equal(l.far.ledger.length, 1)
  assert.match(String((await seen(l.us, 'notified')).detail['proof']), /^access rule [0-9]+$/)
  assert.ok(!l.dns.asked.includes('TXT far.example'))
})

test('DS-13: a sender of this server is told as before, whoever names him, since nothing leaves', async () => {
  await using l = await lab([])
  await l.us.submit({ from: 'admin@example.org', to: letter.to })
  await l.us.idle()
  assert.equal(readNotices(await l.us.mailbox('admin')).length, 1)
  assert.deepEqual([l.far.connections, (await l.us.trace('notice-waits')).length], [0, 0])
})

test('DS-13, AD-14: of what an address sends on a stranger has no notice, whatever becomes of it', async () => {
  const list = '[[address]]\naddress = "away@example.org"\ntargets = ["ann", "cyd@gone.example"]\n'
  await using l = await lab(spf('v=spf1 -all'), { world: list })
  const said = await l.us.submit({ from: 'bob@far.example', to: ['away@example.org NOTIFY=SUCCESS,FAILURE,DELAY'] })
  assert.match(said, /^250 2\.0\.0 Stored and queued as /)
  await seen(l.us, 'notice-withheld')
  await call(l.us.running.folder, { name: 'queue.bounce', parameters: { what: 'cyd@' } })
  await l.us.idle()
  assert.equal(l.far.connections, 0)
  assert.equal(readNotices((await l.us.mailbox('ann')).slice(1)).length, 1) // the owner of the address hears of the failure
})

test('DS-13: what SPF is asked about is kept with the delivery, so that a restart forgets nothing', async () => {
  await using l = await lab(spf('v=spf1 -all'), { relay: ['paused = true'] })
  await l.us.submit(letter)
  const [row] = await l.us.queue()
  assert.deepEqual([row!.memo.stranger?.client, row!.memo.stranger?.ehlo], ['127.0.0.1', 'client.example'])
})
