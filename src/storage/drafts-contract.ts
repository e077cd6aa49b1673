// What every store engine must do with drafts and copies of sent messages, as a test that runs against each.
// Called by the engines' own test files only.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { MessageKey } from '#/message/key.ts'
import { acceptance, type Opened } from './contract.ts'
import { noMailbox, type DraftMark } from './drafts.ts'
import type { DeliveryRow } from './queue.ts'
import { address } from './queue-contract.ts'
import type { Acceptance, Store, StoreError } from './store.ts'

type Open = () => Promise<Opened>
const remote = { to: address('bob@far.example'), parameters: { notify: null, orcpt: null }, allowedBy: 'test' }
const page = { after: null, limit: 10 }
const big = 'x'.repeat(300_000)

async function attach(store: Store, draft: string, { id, text = 'text' }: { id: string; text?: string }) {
  const spool = store.spool()
  await spool.write(Buffer.from(text))
  return store.drafts.attach(draft, { id, name: `${id}.txt`, type: 'text/plain' }, await spool.finish())
}

async function mark(store: Store, id = 'd1'): Promise<DraftMark> {
  const found = await store.drafts.find(id)
  assert.ok(found)
  return found
}

async function send(store: Store, draft: DraftMark, leavesAt: number | null): Promise<Acceptance> {
  const made = await acceptance(store, [])
  const accepted = { ...made, remote: [remote], written: { owner: noMailbox, draft, leavesAt } }
  await store.accept(accepted)
  return accepted
}

const takenBack = (store: Store, rows: readonly DeliveryRow[]) =>
  store.queue.move({
    at: 9,
    moves: rows.map((row) => ({ row, to: { ...row, state: 'dropped' } })),
    takenBack: rows[0]!.message,
  })
const sound = async (store: Store): Promise<void> => assert.deepEqual((await store.verify()).problems, [])
const conflict = (error: StoreError): boolean => error.kind === 'conflict'

export function draftsContract(name: string, open: Open): void {
  test(`${name}: SE-04 a draft is written version by version, and what was read too early changes nothing`, async () => {
    await using opened = await open()
    const { drafts } = opened.store
    const draft = { id: 'd1', owner: noMailbox, at: 5, fields: '1' }
    assert.deepEqual([await drafts.add(draft, 1), await drafts.add({ ...draft, id: 'd2' }, 1)], [true, false])
    assert.equal(await drafts.put({ id: 'd1', version: 1, at: 6, fields: '2' }), true)
    assert.equal(await drafts.put({ id: 'd1', version: 1, at: 7, fields: '3' }), false)
    const again = await opened.again()
    assert.partialDeepStrictEqual(await again.drafts.find('d1'), { version: 2, at: 6, fields: '2', attached: [] })
    assert.deepEqual([await again.drafts.remove('d1'), await again.drafts.remove('d1')], [true, false])
  })

  test(`${name}: SE-04 attachments are kept with their draft and go with it`, async () => {
    await using opened = await open()
    const { store } = opened
    await store.drafts.add({ id: 'd1', owner: 7, at: 5, fields: '' }, 9)
    for (const id of ['a', 'b']) assert.equal(await attach(store, 'd1', { id, text: id + big }), true)
    assert.equal(await attach(store, 'none', { id: 'a' }), false)
    assert.equal(await store.drafts.bytes(7), 2 * (big.length + 1))
    const [file] = (await store.drafts.list(7, page))[0]!.attached
    let octets = ''
    for await (const chunk of await store.queue.content(file!)) octets += Buffer.from(chunk as Uint8Array).toString()
    assert.equal(octets, `a${big}`)
    await sound(store)
    assert.deepEqual([await store.drafts.detach('d1', 'a'), await store.drafts.detach('d1', 'a')], [true, false])
    assert.equal((await mark(store)).files, 3)
    await store.drafts.remove('d1')
    assert.equal(await store.drafts.bytes(7), 0)
    await sound(store)
  })

  test(`${name}: SE-04 a draft becomes one message and one copy, whoever asks twice or changes it meanwhile`, async () => {
    await using opened = await open()
    const { store } = opened
    await store.drafts.add({ id: 'd1', owner: noMailbox, at: 5, fields: '' }, 9)
    const before = await mark(store)
    await attach(store, 'd1', { id: 'a', text: big })
    await assert.rejects(send(store, before, null), conflict)
    const both = await Promise.allSettled([1, 2].map(async () => send(store, await mark(store), null)))
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
    assert.equal(await store.drafts.find('d1'), undefined)
    const copies = await store.drafts.sent(noMailbox, page)
    assert.deepEqual([copies.length, await store.drafts.messageOf(noMailbox, 'd1')], [1, copies[0]!.message])
    assert.equal((await store.queue.ofMessage(copies[0]!.message)).length, 1)
    await sound(store)
    await store.drafts.removeSent(noMailbox, copies[0]!.message)
    assert.deepEqual(await store.drafts.sent(noMailbox, page), [])
    await sound(await opened.again())
  })

  test(`${name}: SE-07 a message that is taken back leaves its draft as it was, and no copy`, async () => {
    await using opened = await open()
    const { store } = opened
    await store.drafts.add({ id: 'd1', owner: noMailbox, at: 5, fields: 'kept' }, 9)
    await attach(store, 'd1', { id: 'a' })
    const { key } = await send(store, await mark(store), 5000)
    assert.deepEqual([await store.drafts.list(noMailbox, page), (await mark(store)).version], [[], 1])
    assert.equal(await store.drafts.put({ id: 'd1', version: 1, at: 6, fields: '' }), false)
    assert.deepEqual([await attach(store, 'd1', { id: 'b' }), await store.drafts.remove('d1')], [false, false])
    assert.deepEqual(
      (await store.drafts.leaving(noMailbox, 9)).map(({ message, leavesAt }) => [message, leavesAt]),
      [[key, 5000]],
    )
    await store.drafts.prune()
    await takenBack(store, await store.queue.ofMessage(key))
    const [back] = await store.drafts.list(noMailbox, page)
    assert.partialDeepStrictEqual(back, { fields: 'kept', version: 2, message: null, attached: [{ id: 'a' }] })
    assert.deepEqual(await store.drafts.sent(noMailbox, page), [])
    await sound(store)
  })

  test(`${name}: SE-07 when the first attempt has begun the draft is forgotten and the copy stays`, async () => {
    await using opened = await open()
    const { store } = opened
    await store.drafts.add({ id: 'd1', owner: noMailbox, at: 5, fields: '' }, 9)
    await attach(store, 'd1', { id: 'a', text: big })
    const { key } = await send(store, await mark(store), 5000)
    const [row] = await store.queue.ofMessage(key)
    await store.queue.move({ at: 6, moves: [{ row: row!, to: { ...row!, attempts: 1, dueAt: 9000 } }] })
    await store.drafts.prune()
    assert.deepEqual([await store.drafts.find('d1'), (await store.drafts.sent(noMailbox, page)).length], [undefined, 1])
    await sound(store)
  })

  test(`${name}: MB-02: what was written from a mailbox goes when it is purged`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1)
    for (const id of ['d1', 'd2']) await store.drafts.add({ id, owner: ann.id, at: 5, fields: '' }, 9)
    await attach(store, 'd1', { id: 'a', text: big })
    const made = await acceptance(store, [ann.id], `A: b\r\n\r\n${big}\r\n`)
    await store.accept({ ...made, written: { owner: ann.id, draft: await mark(store, 'd2'), leavesAt: null } })
    await store.changeMailbox(ann.id, { deletedAt: 5 })
    await store.purgeMailbox(ann.id)
    const left: (MessageKey | undefined)[] = [await store.drafts.messageOf(ann.id, 'd2')]
    assert.deepEqual([left, await store.drafts.list(ann.id, page)], [[undefined], []])
    await sound(await opened.again())
  })
}
