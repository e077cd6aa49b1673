// One message whose recipients fail in several transactions at nearly the same time: how many notices its sender gets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer, zoneOf } from '#/dns/test-server.ts'
import { host, readNotices, until, type Host, type HostOptions } from './notice-rig.ts'
import { Receiver, type Move } from './receiver.ts'

const zone = zoneOf(
  ...['one', 'two', 'far'].flatMap((name) => [
    `${name}.example MX 10 mx.${name}.example`,
    `mx.${name}.example A 127.0.0.1`,
  ]),
)
const rcpt = (line: string): Move | undefined => {
  if (line.includes('<no')) return { say: '550 5.1.1 no such user', delayMs: line.includes('@two') ? 30 : 0 }
  return line.includes('<later') ? { say: '450 4.2.1 come again' } : undefined
}

async function withHost(
  options: Partial<HostOptions>,
  work: (us: Host, far: Receiver) => Promise<void>,
): Promise<void> {
  await using dns = await startTestServer(zone)
  await using far = await Receiver.open({ script: { rcpt } })
  await using us = await host({ dns: dns.address, mxPort: far.port, ...options })
  await work(us, far)
}
/** The recipients that each notice names. */
const told = async (us: Host): Promise<string[][]> =>
  readNotices(await us.mailbox('ann')).map(({ report }) =>
    report.slice(1).map((one) => one.get('Final-Recipient')!.replace('rfc822;', '').trim()),
  )
const failed = (us: Host, count: number) =>
  until(async () => (await us.trace('failed')).flatMap(({ to }) => to).length === count)

test('DS-05: who fails at several hosts in one round is told of in one notice; who got it or waits is in none', () =>
  withHost({}, async (us, far) => {
    const to = ['no@one.example', 'bob@one.example', 'no@two.example', 'no@far.example', 'later@far.example']
    await us.submit({ to })
    await failed(us, 3)
    assert.deepEqual(
      (await told(us)).map((names) => names.toSorted()),
      [['no@far.example', 'no@one.example', 'no@two.example']],
    )
    assert.equal(far.ledger.length, 1)
    const [row] = await us.queue()
    assert.deepEqual([row?.to.local, row?.state, (await us.queue()).length], ['later', 'waiting', 1])
  }))

test('DS-05: recipients that are too many for one transaction are told of in one notice', () =>
  withHost({ relay: ['recipientsPerMessageMax = 100'] }, async (us) => {
    const to = Array.from({ length: 150 }, (_, i) => `no${i}@far.example`)
    await us.submit({ to })
    await failed(us, 150)
    assert.deepEqual(
      (await told(us)).map((names) => names.toSorted()),
      [to.toSorted()],
    )
  }))

test('DS-05, DS-12: what failed and waits for others to be told of is told when the program ends', async () => {
  await using dns = await startTestServer(zone)
  const silent = (line: string): Move | undefined => (line.includes('@two') ? { end: 'silence' } : rcpt(line))
  await using far = await Receiver.open({ script: { rcpt: silent } })
  await using us = await host({ dns: dns.address, mxPort: far.port })
  await us.submit({ to: ['no@one.example', 'bob@two.example'] })
  await until(async () => far.heard.filter((line) => line.startsWith('RCPT')).length === 2)
  assert.deepEqual(await told(us), [])
  const drained = us.running.relay.drain(10_000)
  await until(async () => (await told(us)).length > 0)
  assert.deepEqual(await told(us), [['no@one.example']])
  await far[Symbol.asyncDispose]()
  await drained
})
