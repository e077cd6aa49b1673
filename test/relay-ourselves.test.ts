// The outgoing conversation against our own mail server: both halves of TLS, SCRAM, pipelining and dots meet.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connected, fates, mailTo } from './relay-rig.ts'
import { smtpRig } from './smtp-rig.ts'

const account = { user: 'ann', password: 'ann secret' }

test('RO-13, RO-28: our own server takes mail over TLS from who signs in by SCRAM, and refuses strangers in its own words', async () => {
  await using rig = await smtpRig({ tls: true, mailServer: { softErrorsMax: 100, hardErrorsMax: 100 } })
  const notes: string[] = []
  const plan = { tls: 'required', credentials: account, note: (line: string) => void notes.push(line) } as const
  const live = await connected(rig.port, { plan })
  const mail = mailTo(['bob@example.org', 'nobody@example.org'])
  const from = mailTo(['ann@example.org']).recipients[0]!.address
  const first = await live.deliver({ ...mail, from })
  assert.deepEqual(fates(first), ['250 dot', '550 rcpt'])
  assert.equal(first.tls?.version, 'TLSv1.3')
  for (let i = 0; i < 20; i++) assert.deepEqual(fates(await live.deliver({ ...mail, from })), ['250 dot', '550 rcpt'])
  await live.close()
  assert.deepEqual(await rig.stored(), { ann: 0, bob: 21 })
  assert.ok(notes.includes('C: AUTH SCRAM-SHA-256 ***'))
})
