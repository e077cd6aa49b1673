// The way out, tried for real: the transcript, its secrets masked, and what is sent and what is not.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { startTestServer, zoneOf } from '#/dns/test-server.ts'
import type { Tested } from '#/operations/relay-test.ts'
import { operationsRig, type Operations } from './operations-rig.ts'
import { Receiver, type ReceiverOptions } from './receiver.ts'

const tried = async (rig: Operations, request: object): Promise<{ ok: boolean; text: string }> => {
  const { ok, lines } = (await rig.run('relay.test', request)) as Tested
  return { ok, text: lines.join('\n') }
}
async function labFor(far: Receiver) {
  const rig = await operationsRig()
  const dns = await startTestServer(zoneOf('far.example MX 10 mx.far.example', 'mx.far.example A 127.0.0.1'))
  for (const [name, value] of Object.entries({
    'dns.servers': [dns.address],
    'mailRelay.mxPort': far.port,
    'mailRelay.allowPrivateTargets': true,
  }))
    await rig.run('settings.set', { name, value })
  return {
    rig,
    async [Symbol.asyncDispose]() {
      await rig[Symbol.asyncDispose]()
      await dns[Symbol.asyncDispose]()
    },
  }
}

test('the first host that answers is asked for the recipient, and nothing is sent', async () => {
  await using far = await Receiver.open()
  await using lab = await labFor(far)
  const { ok, text } = await tried(lab.rig, { to: 'bob@far.example' })
  assert.ok(ok)
  for (const line of [
    /^== the mail exchanger of the recipient's domain$/m,
    /^-- connecting to mx\.far\.example \[127\.0\.0\.1\]:\d+$/m,
    /^C: MAIL FROM:<postmaster@mx\.example\.net>/m,
    /^C: RCPT TO:<bob@far\.example>/m,
    /^C: RSET$/m,
    /^== 250 2\.1\.5 mx\.far\.example would take mail/m,
  ])
    assert.match(text, line)
  assert.doesNotMatch(text, /C: DATA/)
  assert.equal(far.ledger.length, 0)
})

test('with --send one short message goes out', async () => {
  await using far = await Receiver.open()
  await using lab = await labFor(far)
  const { ok, text } = await tried(lab.rig, { to: 'bob@far.example', from: 'ann@here.example', send: true })
  assert.ok(ok, text)
  assert.equal(far.ledger.length, 1)
  assert.match(far.ledger[0]!.octets, /Subject: Test from mx\.example\.net/)
  await assert.rejects(tried(lab.rig, { alternate: 'lab', send: true }), /--to/)
})

const refusals: readonly [what: string, ReceiverOptions, RegExp][] = [
  ['the recipient', { script: { rcpt: { say: '550 5.1.1 no such user' } } }, /== 550 5\.1\.1 no such user/],
  [
    'the connection',
    { script: { greeting: { say: '554 5.7.1 your address is listed' } } },
    /-- 554 5\.7\.1 your address/,
  ],
]

test('what the host refuses is told in its words', async () => {
  for (const [what, options, words] of refusals) {
    await using far = await Receiver.open(options)
    await using lab = await labFor(far)
    const { ok, text } = await tried(lab.rig, { to: 'bob@far.example' })
    assert.equal(ok, false, what)
    assert.match(text, words, what)
    assert.match(text, /would not get out/)
  }
})

test('a closed port and an unknown domain are told, and the next route is tried', async () => {
  await using far = await Receiver.open()
  await using lab = await labFor(far)
  await lab.rig.run('settings.set', { name: 'mailRelay.mxPort', value: 1 })
  await lab.rig.run('alternate.add', { name: 'lab', hosts: [`127.0.0.1:${far.port}`], tls: 'none' })
  await lab.rig.run('settings.set', { name: 'mailRelay.alternate', value: 'lab' })
  const { ok, text } = await tried(lab.rig, { to: 'bob@far.example' })
  assert.ok(ok)
  assert.match(text, /port 1 refuses connections[^]*== the alternate server 127\.0\.0\.1[^]*would take/)
  assert.match((await tried(lab.rig, { to: 'bob@gone.example' })).text, /-- 450 4\.1\.2/)
})

test('RO-25 an alternate server is signed in to, and no secret is shown', async () => {
  const said: string[] = []
  await using far = await Receiver.open({
    extensions: ['AUTH PLAIN'],
    auth: () => (message) => {
      said.push(message)
      return message.includes('hush') ? '235 2.7.0 welcome' : '535 5.7.8 no'
    },
  })
  await using lab = await labFor(far)
  const account = { user: 'ann', plainAuthAllowed: true, tls: 'opportunistic' }
  await lab.rig.run('alternate.add', { name: 'lab', hosts: [`127.0.0.1:${far.port}`], password: 'hush', ...account })
  const { ok, text } = await tried(lab.rig, { alternate: 'lab' })
  assert.ok(ok, text)
  assert.match(text, /C: AUTH PLAIN[^]*S: 235 2\.7\.0 welcome[^]*ready for our mail/)
  assert.ok(said.length > 0)
  assert.doesNotMatch(text, /hush/)
  assert.ok(!text.includes(Buffer.from('\0ann\0hush').toString('base64')))
  await lab.rig.run('alternate.set', { name: 'lab', password: 'wrong' })
  const refused = await tried(lab.rig, { alternate: 'lab' })
  assert.equal(refused.ok, false)
  assert.match(refused.text, /535 5\.7\.8 no/)
  await assert.rejects(tried(lab.rig, { alternate: 'gone' }), /There is no alternate server gone/)
  await assert.rejects(tried(lab.rig, {}), /Name a recipient/)
})
