// What is not even read, because too much waits for its next hop already: its senders hear of the delay in time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '#/cli/call.ts'
import { startTestServer, zoneOf } from '#/dns/test-server.ts'
import { dueMax } from '#/mail-relay/limits.ts'
import { clock } from '#/world/node/clock.ts'
import { host, readNotices, until } from './notice-rig.ts'
import { Receiver } from './receiver.ts'

const hourMs = 3_600_000
const waitMs = 20_000
const zone = zoneOf('far.example MX 10 mx.far.example', 'mx.far.example A 127.0.0.1')
const patience = ['jitterShare = 0', 'delayNoticeMs = 3600000', 'lifetimeMs = 86400000']

test('DL-01: senders whose mail is left in the store, since its next hop leaves others hanging, are told in time, once', async () => {
  const count = dueMax + 30
  await using dns = await startTestServer(zone)
  await using far = await Receiver.open({ script: { greeting: { end: 'silence' } } })
  await using us = await host({ dns: dns.address, mxPort: far.port, relay: [...patience, 'paused = true'] })
  await using _first = { [Symbol.asyncDispose]: () => far[Symbol.asyncDispose]() } // or we would wait for it while we end
  for (let i = 0; i < count; i++) await us.submit({ to: [`b${i}@far.example`] })
  await us.submit({ to: ['bulk@far.example'], header: ['Precedence: bulk'] })
  const goOn = { name: 'mailRelay.paused', value: false }
  await call(us.running.folder, { name: 'settings.set', parameters: goOn })
  await until(() => Promise.resolve(far.connections > 0))
  const before = await us.queue()
  us.later(hourMs + 60_000) // the pause did not count
  const hanging = (await us.queue()).filter(({ state }) => state === 'leased').map(({ to }) => to.local)
  const told = async (): Promise<string[]> =>
    readNotices(await us.mailbox('ann')).flatMap(({ report }) =>
      report.slice(1).map((one) => /;\s*(.*)@/.exec(one.get('Final-Recipient')!)![1]!),
    )
  const owed = Array.from({ length: count }, (_, i) => `b${i}`).filter((name) => !hanging.includes(name))
  const end = Date.now() + waitMs
  while ((await us.mailbox('ann')).length < owed.length && Date.now() < end) await clock.sleep(50)
  assert.deepEqual((await told()).toSorted(), owed.toSorted())
  us.later(60_000)
  const now = await us.queue()
  assert.deepEqual(
    now.map(({ id, dueAt, state }) => [id, dueAt, state]),
    before.map(({ id, dueAt, state }) => [id, dueAt, state]), // all keep their places
  )
  assert.equal((await told()).length, owed.length)
})
