// What every store engine must keep of absent owners and of whom their mailboxes answered. Called by the engines' own test
// files only.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { AnsweredMark, Away } from './away.ts'
import { acceptance, type Opened } from './contract.ts'
import type { Acceptance, Store, StoreError } from './store.ts'

type Open = () => Promise<Opened>

const conflict = (error: StoreError): boolean => error.kind === 'conflict'
const away: Away = { on: true, text: 'Zurück am 3. März', subject: null, from: 5, until: null }
const day = 86_400_000

async function answer(store: Store, mailbox: number, mark: Partial<AnsweredMark> = {}): Promise<Acceptance> {
  const at = mark.at ?? 100 * day
  const made = await acceptance(store, [mailbox])
  const event = { ...made.event, ref: `answered ${at} ${mark.sender ?? ''}`, step: 'away-answered' }
  const given = { mailbox, sender: 'x@far.example', at, since: at - 7 * day, perHourMax: 3, event, ...mark }
  return { ...made, answered: given }
}

export function awayContract(name: string, open: Open): void {
  test(`${name}: LP-05: a mailbox keeps what it answers, until that is taken back`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    assert.equal(ann.away, null)
    await store.changeMailbox(ann.id, { away })
    await store.changeMailbox(ann.id, { quotaBytes: 5 })
    const again = await opened.again()
    assert.deepEqual((await again.mailboxes())[0]?.away, away)
    await again.changeMailbox(ann.id, { away: null })
    assert.equal((await again.mailboxes())[0]?.away, null)
  })

  test(`${name}: LP-05: an answer is kept together with whom it answers, or not at all`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    const at = 100 * day
    await store.accept(await answer(store, ann.id))
    await assert.rejects(store.accept(await answer(store, ann.id, { at: at + 7 * day - 1 })), conflict)
    const again = await opened.again()
    await assert.rejects(again.accept(await answer(again, ann.id, { at: at + 1 })), conflict)
    assert.equal((await again.mailboxState(ann.id)).messages, 1)
    assert.equal((await again.trace({ ref: `answered ${at} `, limit: 9 })).length, 1)
    assert.deepEqual(await again.away.answered(ann.id, 'x@far.example', at - 1), { lastAt: at, lately: 1 })
    assert.deepEqual(await again.away.answered(ann.id, 'y@far.example', at), { lastAt: null, lately: 0 })
    await again.accept(await answer(again, ann.id, { at: at + 7 * day }))
    assert.deepEqual((await again.verify()).problems, [])
  })

  test(`${name}: LP-05: so many answers in an hour and no more; those that are too old are forgotten`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    const at = 100 * day
    for (const n of [1, 2, 3])
      await store.accept(await answer(store, ann.id, { at: at + n, sender: `${n}@far.example` }))
    await assert.rejects(store.accept(await answer(store, ann.id, { at: at + 4 })), conflict)
    await store.accept(await answer(store, ann.id, { at: at + 8 * day }))
    assert.deepEqual(await store.away.answered(ann.id, '1@far.example', 0), { lastAt: null, lately: 1 })
  })

  test(`${name}: LP-05: only off and on again begins anew; a mailbox that is gone answers nobody`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    const lastAt = async (): Promise<number | null> => (await store.away.answered(ann.id, 'x@far.example', 0)).lastAt
    await store.changeMailbox(ann.id, { away })
    await store.accept(await answer(store, ann.id))
    await store.changeMailbox(ann.id, { away: { ...away, text: 'other words' } })
    await store.changeMailbox(ann.id, { away: { ...away, on: false } })
    assert.equal(await lastAt(), 100 * day)
    await store.changeMailbox(ann.id, { away })
    assert.equal(await lastAt(), null)
    await store.accept(await answer(store, ann.id))
    const bob = await store.addMailbox('bob', 1)
    await store.changeMailbox(ann.id, { deletedAt: 5 })
    const gone = {
      ...(await answer(store, bob.id)),
      answered: (await answer(store, ann.id, { sender: 'z@x.example' })).answered!,
    }
    await assert.rejects(store.accept(gone), conflict)
    await store.purgeMailbox(ann.id)
    assert.equal(await lastAt(), null)
  })
}
