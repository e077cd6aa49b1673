// What every store engine must do with the messages of a mailbox as people see them. Called by the engines' own test files only.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { collectedMessage } from './collected-contract.ts'
import { acceptance, newKey, type Opened } from './contract.ts'
import type { Store, StoreError, TraceEvent } from './store.ts'

type Open = () => Promise<Opened>

const event = (): TraceEvent => ({
  ref: newKey(),
  at: 1,
  step: 'message-deleted',
  client: null,
  from: null,
  to: [],
  subject: null,
  messageId: null,
  detail: {},
})
const big = `A: big\r\n\r\n${'x'.repeat(998)}\r\n`.repeat(1000)

async function filled(store: Store, texts: readonly string[]): Promise<number> {
  const { id } = await store.addMailbox('ann', 1)
  for (const text of texts) await store.accept(await acceptance(store, [id], text))
  return id
}
async function textOf(store: Store, mailbox: number, uid: number): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of store.openMessage(mailbox, uid)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}
const uidsOf = (rows: readonly { readonly uid: number }[]): number[] => rows.map(({ uid }) => uid)
const all = { before: Number.MAX_SAFE_INTEGER, limit: 100, headBytes: 9 }
const gone = (error: StoreError): boolean => error.kind === 'missing'

export function entriesContract(name: string, open: Open): void {
  listContract(name, open)
  graceContract(name, open)
}

function listContract(name: string, open: Open): void {
  test(`${name}: MB-06: a mailbox is listed newest first by pages, with the first octets of each content, small or large`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await filled(store, ['A: one\r\n\r\n', big, 'A: three\r\n\r\n'])
    const page = await store.entries.heads(ann, { ...all, limit: 2 })
    assert.deepEqual(uidsOf(page), [3, 2])
    assert.deepEqual(
      page.map(({ head }) => Buffer.from(head).toString()),
      ['A: three\r', 'A: big\r\n\r'],
    )
    assert.deepEqual(uidsOf(await store.entries.heads(ann, { ...all, before: 2 })), [1])
    assert.equal(page[0]?.prefix, 'Delivered-To: ann\r\n')
  })

  test(`${name}: MB-06: marks are counted once, however often they are set`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await filled(store, ['A: 1\r\n\r\n', 'A: 2\r\n\r\n', 'A: 3\r\n\r\n'])
    const unseen = async (): Promise<number> => (await store.entries.figures(ann)).unseen
    assert.equal(await unseen(), 3)
    await store.entries.mark(ann, [1, 2], true)
    await store.entries.mark(ann, [2, 9], true)
    assert.equal(await unseen(), 1)
    await store.entries.mark(ann, [2], false)
    assert.equal(await unseen(), 2)
    assert.deepEqual(
      (await store.entries.find(ann, [1, 2, 9])).map(({ uid, seen }) => [uid, seen]),
      [
        [1, true],
        [2, false],
      ],
    )
    await store.removeEntries(ann, [2], event())
    assert.equal(await unseen(), 1)
    assert.deepEqual((await store.verify()).problems, [])
  })
}

function graceContract(name: string, open: Open): void {
  test(`${name}: MB-03: a deleted message leaves the mailbox and its figures, can still be read, and comes back under a new UID`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await filled(store, ['A: 1\r\n\r\n', big])
    await store.entries.delete(ann, [1, 2, 7], { at: 50, events: [event(), event()] })
    const { deletedBytes, ...figures } = await store.entries.figures(ann)
    assert.deepEqual(figures, { messages: 0, bytes: 0, unseen: 0, deletedMessages: 2 })
    assert.ok(deletedBytes > big.length)
    assert.equal((await store.list(ann)).uids.length, 0)
    assert.match(await textOf(store, ann, 2), /A: big/)
    assert.deepEqual((await store.verify()).problems, [])
    assert.equal(await store.entries.restore(ann, { uid: 2, uidl: 'old' }, event()), true)
    assert.equal(await store.entries.restore(ann, { uid: 2, uidl: 'old' }, event()), false)
    const { uids, uidls } = await store.list(ann)
    assert.deepEqual([[...uids], uidls.get(3)], [[3], 'old'])
    assert.match(await textOf(store, ann, 3), /A: big/)
    assert.deepEqual((await (await opened.again()).verify()).problems, [])
  })

  test(`${name}: MB-03: deleted messages are listed last deleted first, and those of long ago are found for the purge`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await filled(store, ['A: 1\r\n\r\n', 'A: 2\r\n\r\n', 'A: 3\r\n\r\n'])
    await store.entries.delete(ann, [2], { at: 50, events: [] })
    await store.entries.delete(ann, [1, 3], { at: 60, events: [] })
    const page = { behind: null, limit: 2, headBytes: 4 }
    assert.deepEqual(uidsOf(await store.entries.deletedHeads(ann, page)), [3, 1])
    const rest = await store.entries.deletedHeads(ann, { ...page, behind: { deletedAt: 60, uid: 1 } })
    assert.deepEqual(
      rest.map(({ uid, deletedAt }) => [uid, deletedAt]),
      [[2, 50]],
    )
    assert.deepEqual(uidsOf(await store.entries.deletedBefore(60, 10)), [2])
    await store.entries.purge(ann, [2, 3], [event()])
    assert.deepEqual(uidsOf(await store.entries.deletedHeads(ann, page)), [1])
    await assert.rejects(textOf(store, ann, 2), gone)
    assert.deepEqual((await store.verify()).problems, [])
  })

  test(`${name}: MB-05: a content that another mailbox has outlives the purge, and one that nobody has goes with its file`, async () => {
    await using opened = await open()
    const { store } = opened
    const [ann, bob] = [await store.addMailbox('ann', 1), await store.addMailbox('bob', 1)]
    await store.accept(await acceptance(store, [ann.id, bob.id], big))
    await store.entries.delete(ann.id, [1], { at: 5, events: [] })
    await store.entries.purge(ann.id, [1], [])
    assert.match(await textOf(store, bob.id, 1), /A: big/)
    await store.entries.delete(bob.id, [1], { at: 5, events: [] })
    await store.changeMailbox(bob.id, { deletedAt: 6 })
    await store.purgeMailbox(bob.id)
    await assert.rejects(textOf(store, bob.id, 1), gone)
    assert.deepEqual((await (await opened.again()).verify()).problems, [])
  })

  test(`${name}: PS-04: a run for the wire still holds what was deleted since the maildrop was opened`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await filled(store, ['A: 1\r\n\r\n', 'A: 2\r\n\r\n', 'A: 3\r\n\r\n'])
    await store.entries.delete(ann, [2], { at: 5, events: [] })
    const run = await store.readStuffed(ann, Uint32Array.of(1, 2, 3), 1e6)
    assert.deepEqual([...run.status], [0, 0, 0])
    await store.entries.purge(ann, [2], [])
    assert.deepEqual([...(await store.readStuffed(ann, Uint32Array.of(1, 2, 3), 1e6)).status], [0, 1, 0])
  })

  test(`${name}: PC-14: the copy of a collected message counts as here while it can be restored, and after it was`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await filled(store, [])
    const account = await store.collected.addAccount('{}', '{}')
    await store.accept(await collectedMessage(store, [ann], { account, uid: 'a' }))
    const goneThere = async (): Promise<number> => (await store.collected.deletedHere(account)).length
    await store.entries.delete(ann, [1], { at: 5, events: [] })
    assert.equal(await goneThere(), 0)
    await store.entries.restore(ann, { uid: 1, uidl: 'x' }, event())
    assert.equal(await goneThere(), 0)
    assert.equal((await store.collected.messages(account))[0]?.localUid, 2)
    await store.entries.delete(ann, [2], { at: 5, events: [] })
    await store.entries.purge(ann, [2], [])
    assert.equal(await goneThere(), 1)
  })
}
