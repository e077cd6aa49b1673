// A folder that came out of a backup collects, and deletes nothing on other servers before somebody lets it. PC-30, MB-08
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import { restoreAll } from '#/storage/backup/restore.ts'
import { createBackup } from '#/storage/backup/work.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { CollectRig, dayMs } from './collect-rig.ts'
import { maildrop, Pop3Remote } from './pop3-remote.ts'

const accounts: readonly (readonly [string, Partial<RemoteAccount>])[] = [
  ['deletes at once', { leave: false }],
  ['deletes after days', { leave: true, deleteAfterDays: 0 }],
  ['keeps the newest', { leave: true, keepNewest: 0 }],
  ['deletes what is deleted here', { leave: true, deleteWithLocal: true }],
  ['deletes what is too large', { leave: true, sizeBytesMax: 1024, deleteLargerBytes: 1024 }],
]

for (const [title, changes] of accounts)
  test(`PC-30 after a restore an account that ${title} collects, and deletes nothing there before it is released`, async () => {
    const root = mkdtempSync(join(tmpdir(), 'netcruiser-restored-'))
    try {
      await using remote = await Pop3Remote.open({ messages: maildrop(5) })
      const backup = await backedUp(join(root, 'first'), remote, changes)
      const folder = join(root, 'second')
      restoreAll({ from: backup, to: folder, now: clock.now(), aside: 'x', passphrase: null })
      copyFileSync(join(root, 'first', 'secret.key'), join(folder, 'secret.key')) // it is not in the backup
      remote.messages.push({ uid: 'later', octets: `Subject: later\r\n\r\n${'x'.repeat(2000)}\r\n` })
      await using rig = await CollectRig.open({ folder })
      const { id } = rig.accounts.all()[0]!
      if (changes.deleteWithLocal) await rig.deleteHere((await rig.store.list(rig.ann)).uids.slice(0, 1) as never) // numbers
      rig.later(dayMs)
      const { ok, words, fetched } = await rig.collector.run(id)
      assert.ok(ok && fetched > 0, words)
      assert.equal(remote.gone.length, 0)
      await assert.rejects(rig.collector.act(id, ['later'], 'delete'), /backup of .* before restore release/)
      await assert.rejects(rig.collector.act(id, ['later'], 'fetch-delete'), /before restore release/)
      assert.equal(remote.gone.length, 0)
      await rig.restored.forget()
      await rig.collector.run(id)
      assert.ok(remote.gone.length > 0, 'released, it deletes again')
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })

test('SEC-02 without the key a restored account says so, and collects nothing', async () => {
  const root = mkdtempSync(join(tmpdir(), 'netcruiser-restored-'))
  try {
    await using remote = await Pop3Remote.open({ messages: maildrop(5) })
    const folder = join(root, 'second')
    const backup = await backedUp(join(root, 'first'), remote, {})
    restoreAll({ from: backup, to: folder, now: clock.now(), aside: 'x', passphrase: null })
    await using rig = await CollectRig.open({ folder })
    const { words } = await rig.collector.run(rig.accounts.all()[0]!.id)
    assert.match(words, /cannot be opened with secret.key: restore that file from a backup, or give the secret anew/)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})

/** Of a server that has collected three of the five messages and left all of them there. */
async function backedUp(data: string, remote: Pop3Remote, changes: Partial<RemoteAccount>): Promise<string> {
  await using rig = await CollectRig.open({ folder: data })
  const id = await rig.account(remote, { leave: true, messagesMax: 3 })
  await rig.collector.run(id)
  await rig.change(id, { messagesMax: 100, ...changes })
  const folder = join(data, 'backup')
  const { id: name } = await createBackup({
    store: rig.store,
    data,
    folder,
    at: clock.now(),
    random: randomPool().bytes(8),
    hostname: 'mx.example.org',
    reason: 'asked',
    sealing: null,
    reserveBytes: 0,
  })
  return join(folder, name)
}
