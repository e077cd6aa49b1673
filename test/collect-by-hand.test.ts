// Single messages of a remote mailbox, by hand, where something comes between: nothing is deleted there that is not here.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { maildrop } from './pop3-remote.ts'
import { scripted } from './collect-rig.ts'

test('PC-33, PC-35 what was deleted there unread and is there again is fetched and deleted only with a copy here', () =>
  scripted({ messages: maildrop(1), account: { first: 'new' } }, async ({ rig, remote, id, mail, states }) => {
    const { messages } = remote
    const [first] = await rig.collector.act(id, ['uid-0'], 'delete')
    assert.deepEqual([first?.is, await mail()], ['deleted', []])
    remote.messages = messages // the server had a backup
    const [report] = await rig.collector.act(id, ['uid-0'], 'fetch-delete')
    assert.equal(report?.is, 'deleted')
    assert.equal((await mail()).length, 1)
    assert.deepEqual(await states(), ['uid-0 removed'])
  }))

test('PC-35, PC-23 an account that goes while a message is fetched and deleted leaves the message there', () =>
  scripted(
    { messages: maildrop(1), account: { first: 'new' }, script: { retr: () => ({ delayMs: 200 }) } },
    async ({ rig, remote, id, mail }) => {
      const acting = rig.collector.act(id, ['uid-0'], 'fetch-delete')
      while (!remote.counts.has('retr')) await sleep(10)
      await rig.accounts.remove(id)
      const [report] = await acting
      assert.equal(report?.is, 'failed')
      assert.deepEqual([remote.removed, await mail()], [[], []])
    },
  ))
