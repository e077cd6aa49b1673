// What every store engine must keep about the running of the server. Called by the engines' own test files only.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { acceptance, newKey, type Opened } from './contract.ts'
import { slotMs, type FigureName, type LoginNote } from './notes.ts'
import type { Store, TraceEvent } from './store.ts'

type Open = () => Promise<Opened>

const event = (step: string, at: number, more: Partial<TraceEvent> = {}): TraceEvent => {
  const nobody = { client: null, from: null, to: ['ann'], subject: null, messageId: null }
  return { ref: newKey(at), at, step, ...nobody, detail: {}, ...more }
}
const counted = (store: Store, name: FigureName, since = 0): number =>
  store.notes
    .figures(since)
    .filter((figure) => figure.name === name)
    .reduce((sum, { count }) => sum + count, 0)

/** `now`: as the engine's clock tells it. */
export function notesContract(name: string, open: Open, now: () => number): void {
  test(`${name}: figures count what became durable, by quarters of an hour, also after opening anew`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    await store.accept(await acceptance(store, [ann.id]))
    await assert.rejects(store.accept(await acceptance(store, [ann.id, 999]))) // kept nowhere, counted nowhere
    assert.equal(counted(store, 'accepted'), 1)
    const at = now()
    await store.record([
      event('refused', at, { detail: { reply: '550 no' } }),
      event('refused', at, { detail: { more: 7 } }),
      event('read', at, { detail: { messages: 3 } }),
      event('collected', at + slotMs),
    ])
    const seen = (one: Store): number[] => (['refused', 'read', 'collected'] as const).map((what) => counted(one, what))
    assert.deepEqual(seen(store), [8, 3, 1])
    assert.deepEqual([counted(store, 'refused', at), counted(store, 'refused', at + slotMs)], [8, 0])
    const again = await opened.again()
    assert.deepEqual(seen(again), [8, 3, 1])
    assert.equal(counted(again, 'accepted'), 0) // that of 1970 is older than a week
    await again.record([event('read', at, { detail: { messages: 2 } })])
    assert.equal(counted(again, 'read'), 5)
  })

  test(`${name}: the latest events are in the order in which they happened, whatever message they are of`, async () => {
    await using opened = await open()
    const { store } = opened
    const old = event('received', 1000)
    await store.record([old, event('received', 2000)])
    await store.record([event('delivered', 3000, { ref: old.ref })])
    const steps = async (one: Store): Promise<string[]> =>
      (await one.notes.latest(2)).map(({ step, at }) => `${step} ${at}`)
    assert.deepEqual(await steps(store), ['delivered 3000', 'received 2000'])
    const again = await opened.again()
    assert.deepEqual(await steps(again), ['delivered 3000', 'received 2000'])
    await again.record([event('read', 4000)])
    assert.deepEqual(await steps(again), ['read 4000', 'delivered 3000'])
  })

  test(`${name}: PS-19: logins that are alike are one row with their number, latest first, in pages`, async () => {
    await using opened = await open()
    const { store } = opened
    const at = now()
    const note = (after: number, changes: Partial<LoginNote> = {}): void =>
      store.notes.noteLogin({
        service: 'pop3',
        name: 'ann',
        client: '192.0.2.1',
        outcome: 'ok',
        at: at + after,
        ...changes,
      })
    note(1)
    note(2, { name: 'bob', outcome: 'wrong' })
    note(3)
    note(4, { service: 'smtp' })
    const first = await store.notes.logins({ service: 'pop3', limit: 1 })
    assert.deepEqual(
      first.map((row) => [row.name, row.times, row.firstAt - at, row.lastAt - at]),
      [['ann', 2, 1, 3]],
    )
    const again = await opened.again()
    const second = await again.notes.logins({ service: 'pop3', after: first[0]!, limit: 9 })
    assert.deepEqual(
      second.map((row) => [row.name, row.outcome]),
      [['bob', 'wrong']],
    )
    assert.deepEqual(await again.notes.logins({ service: 'pop3', name: 'cyd', limit: 9 }), [])
    assert.equal(counted(again, 'logins'), 2)
  })

  test(`${name}: a problem is kept from when it was first seen until a month after it was solved`, async () => {
    await using opened = await open()
    const { notes } = opened.store
    const [open1, solved] = [
      { id: 'a', since: 5, value: '{}', dismissedAt: null, solvedAt: null },
      { id: 'a', since: 3, value: '{}', dismissedAt: 4, solvedAt: now() },
    ]
    await notes.putProblem({ ...solved, solvedAt: null })
    await notes.putProblem(solved)
    await notes.putProblem({ id: 'b', since: 1, value: '{}', dismissedAt: null, solvedAt: 2 })
    await notes.putProblem(open1)
    notes.noteLogin({ service: 'pop3', name: 'ann', client: '192.0.2.1', outcome: 'ok', at: now() })
    await notes.flush()
    assert.deepEqual(await (await opened.again()).notes.problems(), [open1, solved])
  })
}
