// Single messages of a remote mailbox, by hand, where something comes between: nothing is deleted there that is not here.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { maildrop, Pop3Remote } from './pop3-remote.ts'
import { CollectRig, scripted } from './collect-rig.ts'

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

test('PC-22, PC-35 a message that is fetched by hand is let go when somebody ends it, and nothing is deleted there', () =>
  scripted(
    { messages: maildrop(2), account: { first: 'new' }, script: { retr: () => ({ delayMs: 60_000 }) } },
    async ({ rig, remote, id, mail }) => {
      const acting = rig.collector.act(id, ['uid-0', 'uid-1'], 'fetch-delete')
      await assert.rejects(rig.collector.browse(id, { before: null, limit: 5 }), /is at work: .* collect cancel far/)
      while (!remote.counts.has('retr')) await sleep(10)
      assert.equal(rig.collector.interrupt(id), true)
      const reports = await acting
      assert.deepEqual(
        reports.map(({ is }) => is),
        ['failed', 'failed'],
      )
      assert.match(reports[0]!.words, /It was stopped/)
      assert.deepEqual([remote.removed, await mail(), rig.collector.interrupt(id)], [[], [], false])
    },
  ))

test('PC-22 a run that waits for its mailbox ends at once when somebody ends it', async () => {
  await using rig = await CollectRig.open()
  const slow = { retr: { delayMs: 60_000 } } as const
  await using remote = await Pop3Remote.open({ messages: maildrop(3), script: slow })
  const [first, second] = [await rig.account(remote), await rig.account(remote)]
  const running = rig.collector.run(first)
  while (!remote.counts.has('retr')) await sleep(5)
  const waiting = rig.collector.run(second)
  await assert.rejects(rig.collector.browse(second, { before: null, limit: 5 }), /collect cancel far0/)
  await sleep(20)
  assert.equal(rig.collector.cancel(second), true)
  const report = await waiting
  assert.deepEqual([report.ok, report.words, rig.collector.progress().length], [false, 'The run was ended', 1])
  remote.behave({ script: {} })
  remote.dropAll()
  await running
  await rig.collector.run(second)
  assert.equal(remote.sessionsMax, 1)
  await rig.check([remote], { mailboxes: [rig.ann] })
  assert.equal((await rig.mail()).length, 3)
})
