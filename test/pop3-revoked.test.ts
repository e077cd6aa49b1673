// A session that is open while its mailbox is closed to it. AUT-14
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, entered } from './pop3-client.ts'
import { pop3Rig } from './pop3-rig.ts'

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
