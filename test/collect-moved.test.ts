// An account whose server gets another name, or whose place another server takes: what is known by its UID there is believed
// when its header section says the same, once. Nothing is fetched twice and nothing is taken for what it is not. PC-08, PC-10
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rigWith, run } from './collect-commands-rig.ts'
import type { Operations } from './operations-rig.ts'
import { maildrop, Pop3Remote, type RemoteMessage, type RemoteOptions } from './pop3-remote.ts'

const old = '127.0.0.1'
const moved = '127.0.0.2'
const password = 'secret'
const where = { name: 'far', mailbox: 'ann', host: old, tls: 'none', plainAuthAllowed: true, privateAllowed: true, user: 'ann', password, first: 'everything', leave: true } // prettier-ignore

type Moved = { readonly rig: Operations; readonly to: Pop3Remote; readonly collect: () => Promise<number> }

/** Of a mailbox whose messages have been collected and stay there, and of the server that is named in place of it. */
async function moving(
  there: readonly RemoteMessage[],
  options: RemoteOptions,
  work: (moved: Moved) => Promise<void>,
  account: object = {},
): Promise<void> {
  await using from = await Pop3Remote.open({ messages: there, address: old })
  await using to = await Pop3Remote.open({ ...options, address: moved })
  await using rig = await rigWith('ann')
  await run(rig, 'add', { ...where, port: from.port, ...account })
  const { id } = rig.context.accounts.byName('far')!
  const { collector } = rig.context
  await collector.run(id)
  await run(rig, 'set', { name: 'far', host: moved, port: to.port, password })
  const collect = async (): Promise<number> => (await collector.run(id)).fetched
  await work({ rig, to, collect })
  assert.deepEqual([from.removed, to.removed], [[], []])
}

const retrieved = ({ counts }: Pop3Remote): number => counts.get('retr') ?? 0
/** Of the same UIDs and sizes as `maildrop` has, and other messages. */
const others = (count: number): RemoteMessage[] =>
  maildrop(count).map((one) => ({ ...one, octets: one.octets.replace(/Subject: ./, 'Subject: X') }))

test('PC-10 a provider that gives its server another name and keeps the UIDs is not collected twice', () =>
  moving(maildrop(5), { messages: maildrop(7) }, async ({ to, collect }) => {
    assert.deepEqual([await collect(), retrieved(to), to.counts.get('top')], [2, 2, 5])
    assert.deepEqual([await collect(), retrieved(to), to.counts.get('top')], [0, 2, 5], 'it is looked at once')
  }))

test('PC-08 messages of another server with the same UIDs and sizes are other messages', () =>
  moving(maildrop(5), { messages: others(5) }, async ({ collect }) => {
    assert.equal(await collect(), 5)
    assert.equal(await collect(), 0)
  }))

test('PC-09 where no header section is shown a message is read again, and recognised then', () =>
  moving(maildrop(5), { messages: [...maildrop(3), ...others(5).slice(3)], capabilities: ['UIDL', 'USER'], script: { top: { say: '-ERR' } } }, async ({ rig, to, collect }) => {
    await collect()
    assert.equal(retrieved(to), 5)
    assert.equal((await rig.store.list(rig.context.directory.mailbox('ann')!.id)).uids.length, 7)
    await collect()
    assert.equal(retrieved(to), 5)
  })) // prettier-ignore

test('PC-11 what was there before the first run is known by its UID and size alone, and stays uncollected', () =>
  moving(maildrop(5), { messages: [...maildrop(4), { uid: 'uid-4', octets: 'Subject: longer\r\n\r\nthan the other one\r\n' }] }, async ({ collect }) => {
    assert.equal(await collect(), 1)
    assert.equal(await collect(), 0)
  }, { first: 'new' })) // prettier-ignore

test('PC-10 many messages of which none is known there: somebody is asked first', () =>
  moving(maildrop(30), { messages: others(30) }, async ({ rig, to, collect }) => {
    assert.equal(await collect(), 0)
    const { is, reason } = rig.context.accounts.byName('far')!.status
    assert.deepEqual([is, reason, retrieved(to)], ['stopped', 'uids-changed', 0])
    await run(rig, 'adopt', { name: 'far', none: true })
    assert.equal(await collect(), 30)
  }))

test('PC-10 another port of the same server makes nothing doubtful', () =>
  moving(maildrop(5), { messages: [] }, async ({ rig }) => {
    await using same = await Pop3Remote.open({ messages: maildrop(5), address: moved })
    const { collector, accounts } = rig.context
    const { id } = accounts.byName('far')!
    await accounts.setStatus(id, { unproven: false })
    await run(rig, 'set', { name: 'far', port: same.port, password })
    await collector.run(id)
    assert.equal(same.counts.get('top') ?? 0, 0)
  })) // prettier-ignore
