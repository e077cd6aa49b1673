// What the queue of every store engine must do about mail that waits long, as a test that runs against each.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { Opened } from './contract.ts'
import { address, queued, remote } from './queue-contract.ts'
import type { RemoteEntry } from './store.ts'

/** Called by the engines' own test files only. */
export function queueDelaysContract(name: string, open: () => Promise<Opened>): void {
  test(`${name}: RO-34, DL-03 what waits for something that was mended, or for a notice, comes sooner`, async () => {
    await using opened = await open()
    const { queue } = opened.store
    const late = { dueAt: 90_000 }
    const hold = (by: string) => ({ hold: { by, why: 'x', at: 0 }, retryAt: 90_000 })
    const to = [
      remote('held@b.example', { ...late, memo: hold('relay') }),
      remote('other@b.example', { ...late, memo: { retryAt: 90_000, heldMs: 2000 } }),
      remote('told@b.example', { ...late, memo: { retryAt: 90_000, delayNoticeAt: 5000 } }),
      remote('later@b.example', { ...late, memo: { laterAt: 90_000 } }),
    ]
    const [first] = await queued(opened.store, to)
    const dues = async (): Promise<number[]> => (await queue.ofMessage(first!.message)).map(({ dueAt }) => dueAt)
    await queue.retryHeld(7000)
    assert.deepEqual(await dues(), [7000, 90_000, 90_000, 90_000])
    assert.equal((await queue.ofMessage(first!.message))[0]!.memo.retryAt, undefined)
    await queue.tellSooner(8000, { delayMs: 20_000, repeatMs: 0 }) // accepted at 1000
    assert.deepEqual(await dues(), [7000, 23_000, 90_000, 90_000])
    await queue.tellSooner(8000, { delayMs: 50_000, repeatMs: 30_000 })
    assert.deepEqual(await dues(), [7000, 23_000, 35_000, 90_000])
    await queue.tellSooner(8000, { delayMs: 10, repeatMs: 30_000 })
    assert.deepEqual(await dues(), [7000, 8000, 35_000, 90_000])
  })

  test(`${name}: DL-01, DL-02 what is due and so old that somebody must hear of it is found, and no more than is asked for`, async () => {
    await using opened = await open()
    const { queue } = opened.store
    const asking = (notify: RemoteEntry['parameters']['notify']) => ({ parameters: { notify, orcpt: null } })
    const to = [
      remote('old@b.example'),
      remote('asked@b.example', { priority: 1, ...asking(['FAILURE', 'DELAY']) }),
      remote('again@c.example', { memo: { delayNoticeAt: 2000 } }),
      remote('excused@b.example', { memo: { heldMs: 4000 } }),
      remote('tried@b.example', { memo: { retryAt: 50_000 } }),
      remote('later@b.example', { dueAt: 9500 }),
      remote('bulk@b.example', { priority: 1 }),
      remote('never@b.example', asking('NEVER')),
      remote('failure@b.example', asking(['FAILURE'])),
      remote('owned@b.example', { memo: { owner: 'ann' } }),
      remote('notice@b.example', { memo: { notice: true } }),
      remote('meant@b.example', { memo: { laterAt: 2 } }),
      remote('held@b.example', { held: true, memo: { hold: { by: 'ann', why: '', at: 1 } } }),
      remote('waits@b.example', { memo: { hold: { by: 'relay', why: '', at: 1 } } }),
      remote('nobody@b.example', { from: null }),
    ]
    const from = address('sender@far.example')
    const entries = to.map((entry) => ({ from, ...entry }))
    await queued(opened.store, entries) // accepted at 1000
    const found = async (now: number, repeatMs: number, limit = 99): Promise<string> =>
      (await queue.untold(now, { delayMs: 5000, repeatMs }, limit))
        .map(({ to: { local } }) => local)
        .toSorted()
        .join(' ')
    assert.equal(await found(5999, 0), '')
    assert.equal(await found(6000, 0), 'asked old tried')
    assert.equal(await found(6000, 4000), 'again asked old tried')
    assert.equal(await found(6000, 4001), 'asked old tried')
    assert.equal(await found(10_000, 0), 'asked excused later old tried')
    assert.equal((await queue.untold(10_000, { delayMs: 5000, repeatMs: 0 }, 2)).length, 2)
  })
}
