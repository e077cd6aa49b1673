// An account that somebody changes while it is collected: the run under way ends first, what it has kept stays, and the next one
// goes by the new settings at once. PC-05, PC-22, PC-29
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RemoteRow } from '#/storage/collected.ts'
import { rigWith, run } from './collect-commands-rig.ts'
import type { Operations } from './operations-rig.ts'
import { maildrop, Pop3Remote } from './pop3-remote.ts'

const count = 40
const slow = { retr: { delayMs: 20 } } as const

type Collecting = (rig: Operations, run: { remote: Pop3Remote; id: number; running: Promise<unknown> }) => Promise<void>

/** A remote mailbox that gives slowly, one message at a time, and a run of its account that has kept something. */
async function collecting(work: Collecting): Promise<void> {
  await using remote = await Pop3Remote.open({
    messages: maildrop(count),
    script: slow,
    capabilities: ['TOP', 'UIDL', 'USER'],
  })
  await using rig = await rigWith('ann', 'bob')
  const { port } = remote
  const account = { name: 'far', mailbox: 'ann', host: '127.0.0.1', port, tls: 'none', plainAuthAllowed: true, privateAllowed: true, user: 'ann', password: 'secret', first: 'everything' } // prettier-ignore
  await run(rig, 'add', { ...account, leave: true })
  const { id } = rig.context.accounts.byName('far')!
  const running = rig.context.collector.run(id)
  while ((await keptBy(rig, id)).length === 0) await sleep(5)
  await work(rig, { remote, id, running })
  await running
}

const keptBy = (rig: Operations, id: number): Promise<RemoteRow[]> => rig.store.collected.messages(id)
const countIn = async (rig: Operations, name: string): Promise<number> =>
  (await rig.store.list(rig.context.directory.mailbox(name)!.id)).uids.length

test('PC-22 nothing more comes into the old mailbox when it is said which the new one is, and each message is here once', () =>
  collecting(async (rig, { remote, id }) => {
    await run(rig, 'set', { name: 'far', mailbox: 'bob' })
    const before = await countIn(rig, 'ann')
    assert.ok(before > 0 && before < count, `${before}`)
    assert.deepEqual(rig.context.collector.progress(), [])
    remote.behave({ script: {} })
    assert.equal((await rig.context.collector.run(id)).fetched, count - before)
    assert.deepEqual([await countIn(rig, 'ann'), await countIn(rig, 'bob')], [before, count - before])
  }))

test('PC-05 the run that a change has ended goes on at once, not after a whole interval', () =>
  collecting(async (rig, { id, running }) => {
    await run(rig, 'set', { name: 'far', note: 'changed' })
    await running
    const { is, nextRunAt } = rig.context.accounts.byId(id)!.status
    assert.equal(is, 'idle')
    assert.ok(nextRunAt <= rig.context.world.clock.now(), `${nextRunAt}`)
  }))

test('a change that cannot be made ends no run', () =>
  collecting(async (rig, { remote, id, running }) => {
    await run(rig, 'add', { name: 'other', mailbox: 'ann', host: 'pop.example.com', user: 'x', password: 'y' })
    await assert.rejects(run(rig, 'set', { name: 'far', newName: 'other' }), /There is an account other already/)
    remote.behave({ script: {} })
    await running
    assert.equal((await keptBy(rig, id)).length, count)
  }))

test('PC-29 what the run kept until it ended stays there too until somebody confirms that it may go', () =>
  collecting(async (rig, { remote, id }) => {
    const { keptUntilConfirmed } = await run(rig, 'set', { name: 'far', leave: false })
    assert.equal(keptUntilConfirmed, (await keptBy(rig, id)).length)
    remote.behave({ script: {} })
    await rig.context.collector.run(id)
    assert.equal(remote.messages.length, keptUntilConfirmed)
  }))
