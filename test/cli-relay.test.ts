// Alternate servers, routes and the relay's own explanations, as operators use them.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { settingValue } from '#/cli/times.ts'
import { startTestServer, zoneOf } from '#/dns/test-server.ts'
import { operationsRig, type Operations } from './operations-rig.ts'

const add = (rig: Operations, row: object): Promise<unknown> =>
  rig.run('alternate.add', { name: 'smart', hosts: ['smart.example:587'], ...row })
const shown = async (rig: Operations): Promise<unknown> => (await rig.run('alternate.list')) as object[]
const explain = async (rig: Operations, to: string, from?: string): Promise<string> =>
  ((await rig.run('relay.explain', { to, from })) as string[]).join('\n')

const smart = {
  name: 'smart',
  hosts: ['smart.example:587'],
  useMx: false,
  tls: 'required',
  ownAuthority: false,
  pin: null,
  account: 'ann',
  signsIn: 'password',
  plainAuthAllowed: false,
}

test('RO-25 an alternate server is added, changed and listed, and never shows its password', async () => {
  await using rig = await operationsRig()
  const answer = await add(rig, { user: 'ann', password: 'hush' })
  assert.deepEqual(answer, smart)
  await assert.rejects(add(rig, {}), /already/)
  await rig.run('alternate.set', { name: 'smart', hosts: ['a.example', 'b.example'], tls: 'implicit' })
  assert.deepEqual(await shown(rig), [{ ...smart, hosts: ['a.example', 'b.example'], tls: 'implicit' }])
  const exported = (await rig.run('settings.export', { secrets: true })) as { text: string }
  assert.match(exported.text, /password = "hush"/)
  await rig.run('alternate.set', { name: 'smart', user: null })
  assert.deepEqual(await shown(rig), [
    { ...smart, hosts: ['a.example', 'b.example'], tls: 'implicit', account: null, signsIn: null },
  ])
})

test('an account with tokens keeps what is not given anew', async () => {
  await using rig = await operationsRig()
  const token = { tokenEndpoint: 'https://id.example/token', clientId: 'id', clientSecret: 'cs', refreshToken: 'rt' }
  await add(rig, { user: 'ann', ...token })
  await rig.run('alternate.set', { name: 'smart', refreshToken: 'rt2' })
  const { text } = (await rig.run('settings.export', { secrets: true })) as { text: string }
  for (const line of ['clientSecret = "cs"', 'refreshToken = "rt2"', 'clientId = "id"']) assert.ok(text.includes(line))
  await rig.run('alternate.set', { name: 'smart', password: 'p' })
  assert.deepEqual(await shown(rig), [smart])
})

const wrong: readonly [row: object, named: RegExp][] = [
  [{ hosts: [] }, /hosts/],
  [{ hosts: ['2001:db8::1'] }, /host:port/],
  [{ name: 'a b' }, /name/],
  [{ password: 'x' }, /user name/],
  [{ user: 'ann', password: '' }, /empty/],
  [{ user: 'ann', password: 'x', tls: 'none' }, /in clear/],
  [{ pin: 'abc' }, /pin/],
  [{ user: 'ann', refreshToken: 'x' }, /tokenEndpoint/],
  [{ user: 'ann', refreshToken: 'x', tokenEndpoint: 'http://id.example/' }, /https/],
]

test('an alternate server with a mistake is refused in words', async () => {
  await using rig = await operationsRig()
  for (const [row, named] of wrong) await assert.rejects(add(rig, row), named, JSON.stringify(row))
  assert.deepEqual(await shown(rig), [])
})

test('RO-25 a server without certain TLS is taken with a warning', async () => {
  await using rig = await operationsRig()
  assert.match(JSON.stringify(await add(rig, { tls: 'none' })), /warning.*in clear/)
  assert.match(JSON.stringify(await rig.run('relay.show')), /in clear/)
})

test('a server that is imported without its password holds mail, and says so', async () => {
  await using here = await operationsRig()
  await using there = await operationsRig()
  await add(here, { user: 'ann', password: 'hush' })
  const { text } = (await here.run('settings.export')) as { text: string }
  assert.doesNotMatch(text, /hush/)
  await there.run('settings.import', { text })
  assert.match(JSON.stringify(await there.run('relay.show')), /has no password/)
  await there.run('alternate.set', { name: 'smart', password: 'hush' })
  assert.doesNotMatch(JSON.stringify(await there.run('relay.show')), /has no password/)
  await there.run('settings.import', { text })
  assert.match(((await there.run('settings.export', { secrets: true })) as { text: string }).text, /"hush"/)
})

test('a server that a route or the default leads to is removed only by force', async () => {
  await using rig = await operationsRig()
  await add(rig, {})
  await rig.run('settings.set', { name: 'mailRelay.alternate', value: 'smart' })
  await rig.run('route.add', { recipient: 'far.example', routes: ['alternate:smart'] })
  await assert.rejects(rig.run('alternate.remove', { name: 'smart' }), /mailRelay\.alternate, route 1/)
  await rig.run('alternate.remove', { name: 'smart', force: true })
  assert.match(JSON.stringify(await rig.run('relay.show')), /no such alternate server/)
  await assert.rejects(rig.run('alternate.remove', { name: 'smart', force: true }), /There is no/)
})

test('RO-32 routes are added, moved and removed by their numbers', async () => {
  await using rig = await operationsRig()
  for (const [recipient, route] of [
    ['One.example', 'mx'],
    ['two.example', 'hold'],
    ['three.example', 'fail'],
  ])
    await rig.run('route.add', { recipient, routes: [route] })
  const order = async (): Promise<string[]> =>
    ((await rig.run('route.list')) as { number: number; recipient: string }[]).map((r) => `${r.number} ${r.recipient}`)
  await rig.run('route.move', { number: 3, to: 1 })
  assert.deepEqual(await order(), ['1 three.example', '2 one.example', '3 two.example'])
  await rig.run('route.remove', { number: 2 })
  assert.deepEqual(await order(), ['1 three.example', '2 two.example'])
  await assert.rejects(rig.run('route.remove', { number: 3 }), /no route 3/)
  await assert.rejects(rig.run('route.add', { recipient: 'TWO.example', routes: ['mx'] }), /Route 2/)
  await assert.rejects(rig.run('route.add', { recipient: 'x.example', routes: ['alternate:gone'] }), /gone/)
  await assert.rejects(rig.run('route.add', { routes: ['mx'] }), /names a recipient/)
})

test('RO-32, RO-33 the relay says where mail goes, with live DNS, and what will not work', async () => {
  await using rig = await operationsRig()
  await using server = await startTestServer(
    zoneOf('far.example MX 10 mx.far.example', 'mx.far.example A 192.0.2.1', 'in.example A 10.0.0.1'),
  )
  await rig.run('settings.set', { name: 'dns.servers', value: [server.address] })
  await add(rig, { hosts: ['192.0.2.5:587'] })
  await rig.run('settings.set', { name: 'mailRelay.alternate', value: 'smart' })
  const far = await explain(rig, 'bob@far.example', 'ann@here.example')
  assert.match(far, /first the mail exchanger .*, then the alternate server 192\.0\.2\.5:587 \(the default routes\)/)
  assert.match(far, /mx\.far\.example port 25: 192\.0\.2\.1/)
  assert.match(far, /192\.0\.2\.5 port 587: 192\.0\.2\.5/)
  assert.match(await explain(rig, 'bob@in.example'), /sent back, 550 5\.4\.4 .*10\.0\.0\.1: private/)
  assert.match(await explain(rig, 'bob@gone.example'), /tried again later, 450 4\.1\.2/)
  await rig.run('route.add', { sender: 'ann@here.example', routes: ['hold'] })
  assert.match(
    await explain(rig, 'bob@far.example', 'ann@here.example'),
    /held.*exception for mail from ann@here\.example/,
  )
  await rig.run('settings.set', { name: 'mailRelay.mx', value: false })
  await rig.run('settings.set', { name: 'mailRelay.alternate', value: '' })
  await rig.run('settings.set', { name: 'mailRelay.paused', value: true })
  assert.match(await explain(rig, 'bob@far.example'), /none is ticked[^]*paused/)
  assert.match(JSON.stringify(await rig.run('doctor')), /No route is ticked/)
})

test('DL-03 a delay notice that would come after the end is told', async () => {
  await using rig = await operationsRig()
  await rig.run('settings.set', { name: 'mailRelay.delayNoticeMs', value: 432_000_000 })
  assert.match(JSON.stringify(await rig.run('relay.show')), /nobody is ever told/)
})

test('RO-32 mail to an address of this server is told of without DNS: it goes out only where it is mapped to', async () => {
  await using rig = await operationsRig()
  await using server = await startTestServer(zoneOf('far.example A 192.0.2.1'))
  await rig.run('settings.set', { name: 'dns.servers', value: [server.address] })
  await rig.run('mailbox.add', { name: 'ann' })
  await rig.run('domain.add', { name: 'us.example', mode: 'addresses-only' })
  await rig.run('address.add', { address: 'in@us.example', targets: ['ann'] })
  await rig.run('address.add', { address: 'both@us.example', targets: ['ann', 'bob@far.example'] })
  assert.match(await explain(rig, 'in@us.example'), /^Mail from .* to in@us\.example stays here, in the mailbox ann\.$/)
  assert.match(await explain(rig, 'no@us.example'), /^Mail from .* to no@us\.example is refused:/)
  await assert.rejects(rig.run('relay.test', { to: 'in@us.example' }), /stays here, in the mailbox ann/)
  assert.deepEqual(server.asked, [])
  const both = await explain(rig, 'both@us.example')
  assert.match(both, /stays here, in the mailbox ann, and goes on to bob@far\.example\./)
  assert.match(both, /far\.example port 25: 192\.0\.2\.1/)
})

test('every time of the settings is written as milliseconds or as people write it', () => {
  const cases: readonly [name: string, text: string, value: unknown][] = [
    ['mailRelay.greetingMs', '90s', 90_000],
    ['mailRelay.greetingMs', '1500', 1500],
    ['mailRelay.lifetimeMs', '5d', 432_000_000],
    ['mailRelay.retryDelaysMs', '30s,5m, 3h', [30_000, 300_000, 10_800_000]],
    ['mailRelay.retryDelaysMs', '10s', [10_000]],
    ['mailRelay.retryDelaysMs', '[1000]', [1000]],
    ['mailRelay.greetingMs', 'soon', 'soon'],
    ['server.hostname', '90s', '90s'],
  ]
  for (const [name, text, value] of cases) assert.deepEqual(settingValue(name, text), value, text)
})
