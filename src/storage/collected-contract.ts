// What every store engine must do with remote accounts and their messages, as a test that runs against each. Called by the
// engines' own test files only.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import type { AccountId, CollectedMark, RemoteKey, RemoteRow } from './collected.ts'
import { acceptance, type Opened } from './contract.ts'
import { address } from './queue-contract.ts'
import type { Acceptance, Store, StoreError } from './store.ts'

type Open = () => Promise<Opened>

export const remoteRow = (uid: string, changes: Partial<RemoteRow> = {}): RemoteRow => ({
  uid,
  headerHash: '',
  state: 'ignored',
  sizeBytes: 10,
  at: 1,
  goneAt: null,
  tries: 0,
  problem: null,
  message: null,
  mailbox: null,
  localUid: null,
  sameness: '',
  ...changes,
})

/** A message as it was collected: `acceptance` with its mark. */
export async function collectedMessage(
  store: Store,
  mailboxes: readonly number[],
  mark: Partial<CollectedMark> & { readonly account: AccountId },
): Promise<Acceptance> {
  const made = await acceptance(store, mailboxes)
  return { ...made, collected: { uid: 'u1', headerHash: 'h1', sizeBytes: 20, sameness: '', problem: null, ...mark } }
}

const conflict = (error: unknown): boolean => (error as StoreError).kind === 'conflict'
const newAccount = ({ collected }: Store): Promise<AccountId> => collected.addAccount('{}', '{}')
const uidsOf = (keys: readonly RemoteKey[]): string[] => keys.map(({ uid }) => uid).toSorted()
const event = {
  ref: 'r',
  at: 1,
  step: 'deleted',
  client: null,
  from: null,
  to: [],
  subject: null,
  messageId: null,
  detail: {},
}

export function collectedContract(name: string, open: Open): void {
  accountContract(name, open)
  storingContract(name, open)
  memoryContract(name, open)
  readingContract(name, open)
}

function accountContract(name: string, open: Open): void {
  test(`${name}: PC-07 accounts keep their ids, and a change of one part leaves the other`, async () => {
    await using opened = await open()
    const { collected } = opened.store
    const ids = [await collected.addAccount('{"a":1}', '{}'), await collected.addAccount('{"b":"ä\\u0000"}', '{}')]
    await collected.putAccount(ids[0]!, { settings: null, status: '{"is":"busy"}' })
    await collected.putAccount(ids[1]!, { settings: '{"b":2}', status: null })
    const now = [
      { id: ids[0], settings: '{"a":1}', status: '{"is":"busy"}' },
      { id: ids[1], settings: '{"b":2}', status: '{}' },
    ]
    assert.deepEqual(await collected.accounts(), now)
    const again = await opened.again()
    assert.deepEqual(await again.collected.accounts(), now)
    assert(!ids.includes(await newAccount(again)))
  })

  test(`${name}: PC-12 an account goes with its memory, and what is told of it later is not kept`, async () => {
    await using opened = await open()
    const { store } = opened
    const { collected } = store
    const ann = await store.addMailbox('ann', 1000)
    const [gone, other] = [await newAccount(store), await newAccount(store)]
    await store.accept(await collectedMessage(store, [ann.id], { account: gone }))
    for (const id of [gone, other]) await collected.mark(id, [remoteRow('x')])
    for (const id of [gone, other]) await collected.addRun(id, { at: 5, report: '{}' }, 0)
    assert.deepEqual([await collected.removeAccount(gone), await collected.removeAccount(gone)], [true, false])
    await assert.rejects(collected.putAccount(gone, { settings: '{}', status: null }), conflict)
    await assert.rejects(store.accept(await collectedMessage(store, [ann.id], { account: gone, uid: 'u2' })), conflict)
    await collected.mark(gone, [remoteRow('x')])
    await collected.addRun(gone, { at: 6, report: '{}' }, 0)
    for (const [id, count] of [[gone, 0] as const, [other, 1] as const]) {
      assert.equal((await collected.messages(id)).length, count)
      assert.equal((await collected.runs(id, 9)).length, count)
    }
    assert.equal((await store.mailboxState(ann.id)).messages, 1) // what was collected stays
    assert.deepEqual((await store.verify()).problems, [])
  })

  test(`${name}: PC-22 runs are told newest first, and old ones of the same account are dropped`, async () => {
    await using opened = await open()
    const { collected } = opened.store
    const [one, other] = [await newAccount(opened.store), await newAccount(opened.store)]
    await collected.addRun(other, { at: 1, report: 'other' }, 0)
    for (const at of [1, 2, 3]) await collected.addRun(one, { at, report: `run ${at}` }, 0)
    assert.deepEqual(await collected.runs(one, 2), [
      { at: 3, report: 'run 3' },
      { at: 2, report: 'run 2' },
    ])
    await collected.addRun(one, { at: 3, report: 'the same moment' }, 3)
    assert.deepEqual(await collected.runs(one, 9), [{ at: 3, report: 'the same moment' }])
    assert.equal((await collected.runs(other, 9)).length, 1)
  })
}

function storingContract(name: string, open: Open): void {
  test(`${name}: PC-13, P3C-06 a message and the row that tells of it are kept together`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1000)
    const account = await newAccount(store)
    await store.accept(await acceptance(store, [ann.id]))
    const made = await collectedMessage(store, [ann.id], { account, sameness: 's', problem: 'no mailbox matched' })
    await store.accept({ ...made, at: 7000 })
    const row = remoteRow('u1', {
      headerHash: 'h1',
      state: 'stored',
      sizeBytes: 20,
      at: 7000,
      problem: 'no mailbox matched',
      message: made.key,
      mailbox: ann.id,
      localUid: 2,
      sameness: 's',
    })
    assert.deepEqual(await store.collected.messages(account), [row])
    const again = await opened.again()
    assert.deepEqual(await again.collected.messages(account), [row])
    assert.equal((await again.mailboxState(ann.id)).messages, 2)
    assert.deepEqual((await again.verify()).problems, [])
  })

  for (const state of ['stored', 'removed'] as const)
    test(`${name}: PC-13, P3C-05 a message that is here already, ${state}, is not kept again, and nothing goes out`, async () => {
      await using opened = await open()
      const { store } = opened
      const ann = await store.addMailbox('ann', 1000)
      const account = await newAccount(store)
      await store.accept(await collectedMessage(store, [ann.id], { account }))
      const [row] = await store.collected.messages(account)
      await store.collected.mark(account, [{ ...row!, state }])
      const twice = await collectedMessage(store, [ann.id], { account })
      const to = { to: address('x@far.example'), parameters: { notify: null, orcpt: null }, allowedBy: 'test' }
      await assert.rejects(store.accept({ ...twice, remote: [to] }), conflict)
      assert.equal((await store.mailboxState(ann.id)).messages, 1)
      assert.deepEqual(await store.queue.find({ limit: 9 }), [])
      assert.deepEqual(await store.collected.messages(account), [{ ...row, state }])
      assert.deepEqual((await store.verify()).problems, [])
    })

  test(`${name}: PC-12, PC-34 a message that was removed there without a copy here is kept when it comes back`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1000)
    const account = await newAccount(store)
    await store.collected.mark(account, [remoteRow('u1', { headerHash: 'h1', state: 'removed' })])
    await store.accept(await collectedMessage(store, [ann.id], { account }))
    const [row] = await store.collected.messages(account)
    assert.deepEqual([row?.state, row?.mailbox, row?.localUid], ['stored', ann.id, 1])
    assert.equal((await store.mailboxState(ann.id)).messages, 1)
  })

  test(`${name}: PC-23 a message that the mailbox does not take leaves the row as it was`, async () => {
    await using opened = await open()
    const { store } = opened
    const account = await newAccount(store)
    const before = remoteRow('u1', { headerHash: 'h1', state: 'failed', tries: 2, problem: 'lost' })
    const unread = remoteRow('u1', { state: 'failed', tries: 1, problem: 'lost' })
    await store.collected.mark(account, [before, unread])
    await assert.rejects(store.accept(await collectedMessage(store, [999_999], { account })), conflict)
    assert.deepEqual(await store.collected.messages(account), [unread, before])
  })

  test(`${name}: PC-20 a message that failed and is here now is stored, and what was noted before it was read is dropped`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1000)
    const account = await newAccount(store)
    const failed = { state: 'failed', tries: 3, problem: 'lost', goneAt: 9 } as const
    await store.collected.mark(account, [
      remoteRow('u1', { ...failed, headerHash: 'h1' }),
      remoteRow('u1', failed),
      remoteRow('u2', failed),
    ])
    const made = await collectedMessage(store, [ann.id], { account })
    await store.accept(made)
    const copy = { at: made.at, message: made.key, mailbox: ann.id, localUid: 1 }
    assert.deepEqual(await store.collected.messages(account), [
      remoteRow('u1', { headerHash: 'h1', state: 'stored', sizeBytes: 20, ...copy }),
      remoteRow('u2', failed),
    ])
  })

  test(`${name}: PC-08 messages of one UID are told apart by their header sections, those of other accounts by these`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1000)
    const [one, other] = [await newAccount(store), await newAccount(store)]
    for (const headerHash of ['h1', 'h2', ''])
      await store.accept(await collectedMessage(store, [ann.id], { account: one, headerHash }))
    await store.accept(await collectedMessage(store, [ann.id], { account: other }))
    const hashes = (await store.collected.messages(one)).map(({ headerHash }) => headerHash)
    assert.deepEqual(hashes, ['', 'h1', 'h2'])
    assert.equal((await store.collected.messages(other)).length, 1)
    assert.equal((await store.mailboxState(ann.id)).messages, 4)
  })

  test(`${name}: PC-26 of a message for several mailboxes the first copy is remembered, of one for outside none`, async () => {
    await using opened = await open()
    const { store } = opened
    const [ann, bob] = [await store.addMailbox('ann', 1000), await store.addMailbox('bob', 1000)]
    const account = await newAccount(store)
    await store.accept(await acceptance(store, [bob.id]))
    await store.accept(await collectedMessage(store, [bob.id, ann.id], { account, uid: 'both' }))
    const outside = await collectedMessage(store, [], { account, uid: 'outside' })
    const to = { to: address('x@far.example'), parameters: { notify: null, orcpt: null }, allowedBy: 'test' }
    await store.accept({ ...outside, remote: [to] })
    const copies = (await store.collected.messages(account)).map(({ uid, mailbox, localUid }) => [
      uid,
      mailbox,
      localUid,
    ])
    assert.deepEqual(copies, [
      ['both', bob.id, 2],
      ['outside', null, null],
    ])
    assert.deepEqual(await store.collected.deletedHere(account), [])
  })
}

function memoryContract(name: string, open: Open): void {
  test(`${name}: PC-14 a new state leaves what is known of the copy here, and its events are recorded with it`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1000)
    const account = await newAccount(store)
    await store.accept(await collectedMessage(store, [ann.id], { account, sameness: 's' }))
    const [row] = await store.collected.messages(account)
    const changes = { state: 'removed', sizeBytes: 30, goneAt: 8, tries: 1, problem: 'odd' } as const
    const other = { at: 99, message: null, mailbox: 77, localUid: 88, sameness: 't' }
    const made = remoteRow('u0', { ...changes, at: 5 })
    await store.collected.mark(account, [{ ...row!, ...changes, ...other }, made], {
      events: [{ ...event, step: 'removed' }],
    })
    assert.deepEqual(await store.collected.messages(account), [made, { ...row, ...changes }])
    assert.equal((await store.trace({ limit: 9 })).filter(({ step }) => step === 'removed').length, 1)
  })

  test(`${name}: PC-14 what was removed there keeps all but its state, and a key that nobody knows makes no row`, async () => {
    await using opened = await open()
    const { collected } = opened.store
    const account = await newAccount(opened.store)
    const rows = [remoteRow('a', { headerHash: 'h' }), remoteRow('a', { headerHash: 'i', goneAt: 5 }), remoteRow('b')]
    await collected.mark(account, rows.slice(0, 2))
    await collected.mark(account, rows.slice(2), { removed: [rows[1]!, rows[2]!, remoteRow('c')] })
    const removed = rows.map((row, i) => (i === 0 ? row : { ...row, state: 'removed' }))
    assert.deepEqual(await collected.messages(account), removed)
  })

  test(`${name}: PC-12 what is missing from a listing is noted, undone when it shows up, and makes no rows`, async () => {
    await using opened = await open()
    const { collected } = opened.store
    const [one, other] = [await newAccount(opened.store), await newAccount(opened.store)]
    for (const id of [one, other])
      await collected.mark(
        id,
        ['a', 'b', 'c'].map((uid) => remoteRow(uid)),
      )
    const keys = ['a', 'b', 'new'].map((uid) => ({ uid, headerHash: '' }))
    await collected.markGone(one, [...keys, { uid: 'c', headerHash: 'other' }], 50)
    await collected.markGone(one, keys.slice(1), null)
    const gone = async (id: AccountId): Promise<unknown> =>
      (await collected.messages(id)).map(({ uid, goneAt }) => [uid, goneAt])
    const none = ['a', 'b', 'c'].map((uid) => [uid, null])
    assert.deepEqual(await gone(one), [['a', 50], ...none.slice(1)])
    assert.deepEqual(await gone(other), none)
  })

  test(`${name}: PC-12 forgotten rows are gone, their neighbours and other accounts are not`, async () => {
    await using opened = await open()
    const { collected } = opened.store
    const [one, other] = [await newAccount(opened.store), await newAccount(opened.store)]
    const rows = [remoteRow('a'), remoteRow('a', { headerHash: 'h' }), remoteRow('b')]
    for (const id of [one, other]) await collected.mark(id, rows)
    await collected.forget(one, [rows[1]!, remoteRow('b', { headerHash: 'h' }), remoteRow('c')])
    assert.deepEqual(await collected.messages(one), [rows[0], rows[2]])
    assert.deepEqual(await collected.messages(other), rows)
    await collected.forget(one, [])
    await collected.mark(one, [])
    assert.equal((await collected.messages(one)).length, 2)
  })

  test(`${name}: PC-07, P3C-03 whatever octets a UID holds, it is kept as it is and found by itself alone`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1000)
    const account = await newAccount(store)
    const octets = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i))
    const odd = [
      '',
      "'); DROP TABLE remote_message;--",
      '%',
      '_%',
      '"',
      '\\u0041',
      '<b>',
      '1',
      '01',
      '1.0',
      'null',
      'é',
      'é ',
    ]
    const uids = [...new Set([...octets, ...odd, octets.join(''), 'x'.repeat(10_240)])].toSorted()
    await store.collected.mark(
      account,
      uids.map((uid) => remoteRow(uid)),
    )
    assert.deepEqual(
      (await store.collected.messages(account)).map(({ uid }) => uid),
      uids,
    )
    for (const [i, uid] of uids.entries()) await store.collected.markGone(account, [{ uid, headerHash: '' }], i)
    const gone = (await store.collected.messages(account)).map(({ goneAt }) => goneAt)
    assert.deepEqual(gone, [...uids.keys()])
    for (const uid of uids) await store.accept(await collectedMessage(store, [ann.id], { account, uid }))
    const again = await opened.again()
    assert.deepEqual(
      (await again.collected.messages(account)).map(({ uid, state }) => [uid, state]),
      uids.map((uid) => [uid, 'stored']),
    )
    await again.collected.forget(
      account,
      uids.slice(1).map((uid) => ({ uid, headerHash: 'h1' })),
    )
    assert.deepEqual(uidsOf(await again.collected.messages(account)), uids.slice(0, 1))
  })
}

function readingContract(name: string, open: Open): void {
  test(`${name}: PC-28 a stored message whose copy here was deleted is told, whoever else is gone`, async () => {
    await using opened = await open()
    const { store } = opened
    const ann = await store.addMailbox('ann', 1000)
    const [one, other] = [await newAccount(store), await newAccount(store)]
    for (const uid of ['a', 'b', 'c'])
      await store.accept(await collectedMessage(store, [ann.id], { account: one, uid }))
    await store.accept(await collectedMessage(store, [ann.id], { account: other, uid: 'd' }))
    await store.collected.mark(one, [remoteRow('never')])
    assert.deepEqual(await store.collected.deletedHere(one), [])
    await store.removeEntries(ann.id, [1, 2, 4], event)
    const [, b] = await store.collected.messages(one)
    await store.collected.mark(one, [{ ...b!, state: 'removed' }])
    assert.deepEqual(await store.collected.deletedHere(one), [{ uid: 'a', headerHash: 'h1' }])
    assert.deepEqual(uidsOf(await (await opened.again()).collected.deletedHere(other)), ['d'])
  })

  test(`${name}: PC-27 what a mailbox has got is known by its samenesses, over all accounts`, async () => {
    await using opened = await open()
    const { store } = opened
    const [ann, bob] = [await store.addMailbox('ann', 1000), await store.addMailbox('bob', 1000)]
    const [one, other] = [await newAccount(store), await newAccount(store)]
    const got = async (account: AccountId, mailbox: number, sameness: string): Promise<unknown> =>
      store.accept(await collectedMessage(store, [mailbox], { account, uid: `${mailbox} ${sameness}`, sameness }))
    for (const sameness of ['s', 't', '']) await got(one, ann.id, sameness)
    for (const sameness of ['s', 'u']) await got(other, ann.id, sameness)
    await got(one, bob.id, 'v')
    assert.deepEqual(await store.collected.samenesses(ann.id), new Set(['s', 't', 'u']))
    assert.deepEqual(await store.collected.samenesses(bob.id), new Set(['v']))
  })

  test(`${name}: P3C-15 a hundred thousand messages are marked, noted as gone, read and forgotten`, async () => {
    await using opened = await open()
    const { collected } = opened.store
    const account = await newAccount(opened.store)
    const rows = Array.from({ length: 100_000 }, (_, i) => remoteRow(`uid-${String(i).padStart(6, '0')}`))
    await collected.mark(account, rows)
    await collected.markGone(account, rows.slice(0, 50_000), 9)
    const read = await collected.messages(account)
    assert.deepEqual(read[49_999], { ...rows[49_999], goneAt: 9 })
    assert.deepEqual(read.slice(50_000), rows.slice(50_000))
    assert.equal(read.length, rows.length)
    await collected.forget(account, rows.slice(1))
    assert.deepEqual(uidsOf(await collected.messages(account)), [rows[0]!.uid])
  })
}
