// What the postmaster and the administrator see of failures of others, and what not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer, zoneOf } from '#/dns/test-server.ts'
import { host } from './notice-rig.ts'
import { Receiver } from './receiver.ts'

test('DS-09 the copy for the postmaster is without the message, whatever its sender gets back', async () => {
  await using dns = await startTestServer(zoneOf('far.example MX 10 mx.far.example', 'mx.far.example A 127.0.0.1'))
  await using far = await Receiver.open({ script: { rcpt: { say: '550 5.1.1 no such user' } } })
  await using us = await host({ dns: dns.address, mxPort: far.port, relay: ['postmasterCopies = true'] })
  await us.submit({ to: ['no@far.example'], parameters: 'RET=FULL', body: 'between us' })
  await us.idle()
  const [mine, copy] = [await us.mailbox('ann'), await us.mailbox('admin')].map((notices) => notices.join())
  assert.match(mine!, /between us/)
  assert.match(copy!, /Final-Recipient: rfc822; ?no@far\.example/)
  assert.doesNotMatch(copy!, /between us/)
  assert.equal((await us.trace('notified')).length, 1)
})
