// A session that is open while its mailbox is closed to it. AUT-14
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, entered, listed } from './pop3-client.ts'
import { pop3Rig } from './pop3-rig.ts'

test('PS-04: a message taken away before the session looked shifts no number: it is told to come again', async () => {
  await using rig = await pop3Rig()
  await rig.deliver('\r\none\r\n', '\r\ntwo\r\n', '\r\nthree\r\n')
  const client = await entered(rig.port)
  const stat = await ask(client, 'STAT')
  await rig.store.removeEntries(rig.ann, [1], event)
  for (const command of ['RETR 1', 'LIST', 'DELE 2']) assert.match(await ask(client, command), /^-ERR \[SYS\/TEMP\]/)
  assert.equal(await ask(client, 'STAT'), stat)
  assert.match(await ask(client, 'QUIT'), /^\+OK/)
  client.destroy()
  const next = await entered(rig.port)
  assert.match(await ask(next, 'RETR 1'), /^\+OK/)
  assert.ok((await listed(next)).includes('two'))
  next.destroy()
})

test('PS-04: a mailbox that is purged under an open session is gone message by message, and QUIT promises nothing', async () => {
  await using rig = await pop3Rig()
  await rig.deliver('\r\none\r\n', '\r\ntwo\r\n')
  const client = await entered(rig.port)
  assert.match(await ask(client, 'DELE 1'), /^\+OK/)
  await rig.store.changeMailbox(rig.ann, { deletedAt: 1 })
  await rig.store.purgeMailbox(rig.ann)
  assert.match(await ask(client, 'RETR 2'), /^-ERR \[SYS\/TEMP\] this message was removed meanwhile/)
  assert.match(await ask(client, 'TOP 2 0'), /^-ERR \[SYS\/TEMP\]/)
  assert.match(await ask(client, 'QUIT'), /^-ERR \[SYS\/TEMP\] some deleted messages not removed/)
  client.destroy()
})

const event = {
  ref: 'r',
  at: 1,
  step: 'deleted',
  client: null,
  from: null,
  to: [],
  subject: null,
  messageId: null,
  detail: {},
}

for (const change of [{ pop3: false }, { disabled: 'no-login' }, { argon2: 'another' }, { deletedAt: 1 }] as const)
  test(`AUT-14: an open session ends without deleting after ${JSON.stringify(change)}`, async () => {
    await using rig = await pop3Rig()
    await rig.deliver('\r\nx\r\n')
    const client = await entered(rig.port)
    assert.match(await ask(client, 'DELE 1'), /^\+OK/)
    await rig.store.changeMailbox(rig.ann, change)
    await rig.directory.reload()
    assert.match(await ask(client, 'QUIT'), /^-ERR \[AUTH\]/)
    assert.equal(await client.line(), null)
    assert.equal((await rig.store.mailboxState(rig.ann)).messages, 1)
    client.destroy()
  })
