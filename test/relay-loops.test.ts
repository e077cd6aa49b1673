// Two of our own servers that send to each other in every way that operators get wrong: it ends, and one person hears of it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { call } from '#/cli/call.ts'
import { startTestServer, zoneOf, type TestServer } from '#/dns/test-server.ts'
import { freePort, host, readNotices, until, type Host } from './notice-rig.ts'

const zone = zoneOf(
  'a.example MX 10 mx.a.example',
  'mx.a.example A 127.0.0.1',
  'b.example MX 10 mx.b.example',
  'mx.b.example A 127.0.0.2',
  'loop.example MX 10 other.loop.example',
  'other.loop.example A 127.0.0.1',
  'behind.example MX 10 nat.behind.example',
  'nat.behind.example A 127.0.0.3',
)
type Pair = AsyncDisposable & { readonly a: Host; readonly b: Host; readonly port: number; readonly dns: TestServer }
type Maps = { readonly a?: string; readonly b?: string; readonly relay?: (peer: string) => readonly string[] }

const mapping = (address: string, ...targets: string[]): string =>
  `[[address]]\naddress = "${address}"\ntargets = ${JSON.stringify(targets)}\n`
const peerTable = (peer: string): string => `[[alternate]]\nname = "peer"\nhosts = ["${peer}"]\ntls = "none"\n`

/** Server a at 127.0.0.1 and server b at 127.0.0.2, on one port, each the mail exchanger of its domain. */
async function pair({ a = '', b = '', relay = () => [] }: Maps = {}): Promise<Pair> {
  const dns = await startTestServer(zone)
  const port = await freePort()
  const serve = (name: string, own: string, peer: string, world: string): Promise<Host> =>
    host({
      hostname: `mx.${name}.example`,
      dns: dns.address,
      mxPort: port,
      address: own,
      port,
      relay: relay(`${peer}:${port}`),
      world: peerTable(`${peer}:${port}`) + world,
    })
  const one = await serve('a', '127.0.0.1', '127.0.0.2', a)
  const two = await serve('b', '127.0.0.2', '127.0.0.1', b)
  return {
    a: one,
    b: two,
    port,
    dns,
    async [Symbol.asyncDispose]() {
      for (const server of [one, two, dns]) await server[Symbol.asyncDispose]()
    },
  }
}

/** Both queues have nothing left to do, at two looks between which nothing came: one look could fall between two hops. */
async function over({ a, b }: Pair): Promise<void> {
  let before = -1
  await until(async () => {
    await sleep(50)
    const waiting = (await a.queue()).length + (await b.queue()).length
    const now = waiting === 0 ? (await received(a)) + (await received(b)) : -1
    const quiet = now >= 0 && now === before
    before = now
    return quiet
  })
}

/** `a/admin: failed x@b.example 5.4.6` for each notice in any mailbox. */
async function notices({ a, b }: Pair): Promise<string[]> {
  const found: string[] = []
  for (const [name, server] of [['a', a] as const, ['b', b] as const])
    for (const mailbox of ['admin', 'ann']) {
      const texts = (await server.mailbox(mailbox)).filter((text) => text.includes('report-type=delivery-status'))
      for (const { report } of readNotices(texts))
        for (const one of report.slice(1))
          found.push(`${name}/${mailbox}: ${one.get('Action')} ${one.get('Final-Recipient')} ${one.get('Status')}`)
    }
  return found
}
const received = async (server: Host): Promise<number> => (await server.trace('received')).length

test('LOOP-02, LP-02: addresses that lead to each other: refused at the first return, its owner is told once', async () => {
  await using both = await pair({
    a: mapping('x@a.example', 'ann', 'x@b.example'),
    b: mapping('x@b.example', 'x@a.example'),
  })
  assert.match(await both.a.submit({ from: 's@a.example', to: ['x@a.example'] }), /^250 /)
  await over(both)
  assert.deepEqual(await notices(both), ['b/admin: failed rfc822;x@a.example 5.4.6'])
  assert.deepEqual([await received(both.a), await received(both.b)], [1, 1])
  assert.equal((await both.a.mailbox('ann')).length, 1) // the kept copy, once
})

test('LOOP-02: domains that catch all for each other end at the second return', async () => {
  const toEachOther = (domain: string, other: string): string =>
    `[[domain]]\nname = "${domain}"\nmode = "by-name"\ntarget = "rest@${other}"\n`
  await using both = await pair({
    a: toEachOther('sub.a.example', 'b.example') + mapping('rest@a.example', 'rest@b.example'),
    b: mapping('rest@b.example', 'rest@a.example'),
  })
  assert.match(await both.a.submit({ from: 's@a.example', to: ['any@sub.a.example'] }), /^250 /)
  await over(both)
  const told = await notices(both)
  assert.equal(told.length, 1)
  assert.match(told[0]!, /5\.4\.6$/)
  assert.ok((await received(both.a)) + (await received(both.b)) <= 4)
})

test('LOOP-02, LP-02: a mark that somebody made up, and one of another address, stop nothing', async () => {
  await using both = await pair({
    a: mapping('x@a.example', 'ann@b.example') + mapping('y@a.example', 'x@a.example'),
    b: mapping('ann@b.example', 'ann', 'y@a.example'),
  })
  const made = `X-NetCruiser-Forwarded: ${'0'.repeat(32)}`
  assert.match(await both.a.submit({ from: 's@a.example', to: ['x@a.example'], header: [made] }), /^250 /)
  await over(both)
  assert.equal((await both.b.mailbox('ann')).length, 1) // y@ leads to ann@b.example as well, which knows its mark
  assert.deepEqual(await notices(both), ['a/admin: failed rfc822;ann@b.example 5.4.6'])
})

for (const from of ['ann@a.example', 's@nowhere.example', ''])
  test(`LP-01, LP-04, LOOP-01: alternate servers that are each other's: mail from <${from}> ends at 100 hops`, async () => {
    await using both = await pair({ relay: () => ['mx = false', 'alternate = "peer"'] })
    assert.match(await both.a.submit({ from, to: ['x@nowhere.example'] }), /^250 /)
    await over(both)
    const told = await notices(both)
    assert.deepEqual(told, from === 'ann@a.example' ? ['a/ann: failed rfc822;x@nowhere.example 5.4.6'] : [])
    const hops = (await received(both.a)) + (await received(both.b))
    const once_ = 101 // the hundred and second is refused
    assert.ok(hops >= once_ && hops <= 2 * once_ + 2, `${hops} hops`)
    const failed = [...(await both.a.trace('failed')), ...(await both.b.trace('failed'))]
    assert.equal(failed.length, from === 's@nowhere.example' ? 2 : 1) // its notice went round as well, and nobody is told of that
  })

test('LOOP-03, LP-03: a domain whose MX is this server, and is none of its domains: 5.4.6, and nobody is called', async () => {
  await using both = await pair()
  await both.a.submit({ from: 'ann@a.example', to: ['x@loop.example'] })
  await over(both)
  assert.deepEqual(await notices(both), ['a/ann: failed rfc822;x@loop.example 5.4.6'])
  assert.equal(await received(both.a), 1)
})

test('LOOP-03, LP-03: this server behind an address that it does not know is known by its greeting', async () => {
  await using both = await pair()
  const nat = net.createServer((socket) => {
    const inside = net.connect({ port: both.port, host: '127.0.0.1' })
    for (const end of [socket, inside]) end.on('error', () => undefined)
    socket.pipe(inside).pipe(socket)
  })
  nat.listen(both.port, '127.0.0.3')
  await once(nat, 'listening')
  await both.a.submit({ from: 'ann@a.example', to: ['x@behind.example'] })
  await over(both)
  nat.close()
  assert.deepEqual(await notices(both), ['a/ann: failed rfc822;x@behind.example 5.4.6'])
  assert.equal(await received(both.a), 1)
})

test('LOOP-04, LP-05: two owners who are away and write to each other are told once each, and it ends', async () => {
  await using both = await pair()
  for (const server of [both.a, both.b])
    await call(server.running.folder, {
      name: 'mailbox.set',
      parameters: { name: 'ann', away: { text: 'I am away.' } },
    })
  const first = { from: 'ann@a.example', to: ['ann@b.example'], header: ['To: ann@b.example'] }
  assert.match(await both.a.submit(first), /^250 /)
  const answers = async (server: Host): Promise<number> =>
    (await server.mailbox('ann')).filter((text) => text.includes('Auto-Submitted: auto-replied (vacation)')).length
  await until(async () => (await answers(both.a)) === 1)
  await over(both)
  assert.match(
    await both.b.submit({ from: 'ann@b.example', to: ['ann@a.example'], header: ['To: ann@a.example'] }),
    /^250 /,
  )
  await until(async () => (await answers(both.b)) === 1)
  for (let n = 0; n < 3; n++) await both.a.submit(first) // again within the week
  await over(both)
  assert.deepEqual([await answers(both.a), await answers(both.b)], [1, 1])
  assert.deepEqual([await received(both.a), await received(both.b)], [6, 6])
  const quiet = async (server: Host): Promise<string[]> =>
    (await server.trace('away-quiet')).map(({ detail }) => String(detail['why']))
  await until(async () => (await quiet(both.b)).length === 4)
  assert.deepEqual(await quiet(both.a), ['null-sender'])
  assert.deepEqual((await quiet(both.b)).toSorted(), ['answered', 'answered', 'answered', 'null-sender'])
})
