// A maildrop over a real store: one session at a time, frozen at login, deletions only by commit. Leases by a moved clock.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountsRig } from '#/accounts/test-rig.ts'
import { acceptance } from '#/storage/contract.ts'
import type { Store, StoreError, TraceEvent } from '#/storage/store.ts'
import { clock } from '#/world/node/clock.ts'
import type { Clock } from '#/world/world.ts'
import { openMaildrop, rememberListings, type Maildrop } from './maildrop.ts'

const event: Omit<TraceEvent, 'detail'> = {
  ref: 'r',
  at: 1,
  step: 'deleted',
  client: null,
  from: null,
  to: ['ann'],
  subject: null,
  messageId: null,
}

/** Its `every` works when the test lets time pass. */
class MovedClock implements Clock {
  #now = 1_000_000
  readonly #works = new Set<() => void>()
  now = (): number => this.#now
  sleep = (ms: number): Promise<void> => {
    this.#now += ms
    return Promise.resolve()
  }
  every(_ms: number, work: () => void): Disposable {
    this.#works.add(work)
    return { [Symbol.dispose]: () => this.#works.delete(work) }
  }
  async pass(ms: number, works = true): Promise<void> {
    this.#now += ms
    if (works) for (const work of this.#works) work()
    await clock.sleep(1)
  }
}

type Drops = AsyncDisposable & {
  readonly store: Store
  readonly time: MovedClock
  readonly ann: number
  receive(count: number): Promise<void>
  open(holder: string, more?: { waitMs?: number; store?: Store; keepsDeleted?: boolean }): Promise<Maildrop | null>
}

async function drops(): Promise<Drops> {
  const rig = await accountsRig({ mailboxes: { ann: {} } })
  const { store } = rig
  const ann = rig.directory.mailbox('ann')!.id
  const [time, listings] = [new MovedClock(), rememberListings()]
  return {
    store,
    time,
    ann,
    async receive(count) {
      for (let i = 0; i < count; i++) await store.accept(await acceptance(store, [ann]))
    },
    open: (holder, { waitMs = 0, store: other = store, keepsDeleted = false } = {}) =>
      openMaildrop(
        { store: other, clock: time, listings, keepsDeleted: () => keepsDeleted },
        { mailbox: ann, holder, waitMs },
      ),
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  }
}

/** The same store with some of its methods replaced: to make one call fail. */
const changed = (store: Store, methods: Partial<Store>): Store =>
  new Proxy(store, {
    get: (target, name) => {
      const value = methods[name as keyof Store] ?? target[name as keyof Store] // names of methods only
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value
    },
  })

async function markAll(maildrop: Maildrop): Promise<void> {
  const { uids } = await maildrop.listing()
  for (let n = 1; n <= uids.length; n++) maildrop.mark(n)
}

test('PS-03: one session at a time; the next may come after the first, waiting a little', async () => {
  await using rig = await drops()
  const first = await rig.open('first')
  assert.equal(await rig.open('second', { waitMs: 500 }), null)
  await first!.close()
  assert.ok(await rig.open('third'))
})

test('PS-03: a session that renews keeps its lock for hours; one that died frees it', async () => {
  await using rig = await drops()
  await rig.open('first')
  for (let i = 0; i < 100; i++) await rig.time.pass(45_000)
  assert.equal(await rig.open('second'), null)
  await rig.time.pass(120_000, false)
  assert.ok(await rig.open('third'))
})

for (const came of [true, false])
  test(`PS-03: a session that lost its lease cannot delete, though the other has ${came ? 'left' : 'stayed'}`, async () => {
    await using rig = await drops()
    await rig.receive(2)
    const first = await rig.open('first')
    await markAll(first!)
    await rig.time.pass(120_000, false) // a machine that slept
    const second = await rig.open('second')
    if (came) await second!.close()
    await assert.rejects(first!.commit(event), (error: StoreError) => error.kind === 'conflict')
    await first!.close()
    assert.equal((await rig.store.mailboxState(rig.ann)).messages, 2)
    assert.equal((await rig.open('third')) !== null, came)
  })

test('PS-03: a refused renewal is remembered, a failed one is tried again', async () => {
  await using rig = await drops()
  await rig.receive(1)
  let answer: () => Promise<boolean> = () => Promise.resolve(true)
  const first = await rig.open('first', { store: changed(rig.store, { lockMaildrop: () => answer() }) })
  await markAll(first!)
  answer = () => Promise.reject(new Error('the network is gone'))
  await rig.time.pass(45_000)
  await assert.rejects(first!.commit(event), /network/)
  answer = () => Promise.resolve(false)
  await rig.time.pass(45_000)
  answer = () => Promise.resolve(true)
  await assert.rejects(first!.commit(event), (error: StoreError) => error.kind === 'conflict')
})

test('PS-03: when the mailbox cannot be read at login, the lock is given back', async () => {
  await using rig = await drops()
  const store = changed(rig.store, { mailboxState: () => Promise.reject(new Error('the disk is gone')) })
  await assert.rejects(rig.open('first', { store }), /disk/)
  assert.ok(await rig.open('second'))
})

test('an empty mailbox reads no list', async () => {
  await using rig = await drops()
  const maildrop = await rig.open('first', {
    store: changed(rig.store, { list: () => Promise.reject(new Error('read')) }),
  })
  assert.equal((await maildrop!.listing()).uids.length, 0)
  assert.deepEqual([maildrop!.has(0), maildrop!.has(1), await maildrop!.commit(event)], [false, false, 0])
})

test('PS-04: what comes after login is not seen before the next one', async () => {
  await using rig = await drops()
  await rig.receive(2)
  const maildrop = await rig.open('first')
  await rig.receive(3)
  assert.equal((await maildrop!.listing()).uids.length, 2)
  assert.deepEqual([maildrop!.messages, maildrop!.has(2), maildrop!.has(3)], [2, true, false])
  await maildrop!.close()
  assert.equal((await (await rig.open('next'))!.listing()).uids.length, 5)
})

test('PS-05, PS-08: marks count until they are taken back, and delete only by commit', async () => {
  await using rig = await drops()
  await rig.receive(3)
  const maildrop = (await rig.open('first'))!
  const { sizes } = await maildrop.listing()
  maildrop.mark(2)
  maildrop.mark(2)
  maildrop.mark(9)
  assert.deepEqual(maildrop.count, { messages: 2, bytes: maildrop.bytes - sizes[1]! })
  assert.equal(maildrop.has(2), false)
  maildrop.unmarkAll()
  assert.deepEqual(maildrop.count, { messages: 3, bytes: maildrop.bytes })
  maildrop.mark(1)
  await maildrop.close() // no QUIT
  assert.equal((await rig.store.mailboxState(rig.ann)).messages, 3)
  const next = (await rig.open('next'))!
  await next.listing()
  next.mark(1)
  assert.equal(await next.commit(event), 1)
  assert.deepEqual([...(await rig.store.list(rig.ann)).uids], [2, 3])
})

test('PS-07: a unique id is printable, short, its own, and the same after a restart of the session', async () => {
  await using rig = await drops()
  await rig.receive(3)
  await rig.store.importUidl(rig.ann, 2, 'from-the-old-server')
  const uidls = async (holder: string): Promise<string[]> => {
    const maildrop = (await rig.open(holder))!
    await maildrop.listing()
    const all = Array.from({ length: maildrop.messages }, (_, i) => maildrop.uidl(i + 1))
    maildrop.mark(1)
    await maildrop.commit(event)
    await maildrop.close()
    return all
  }
  const before = await uidls('first')
  assert.equal(before[1], 'from-the-old-server')
  assert.equal(new Set(before).size, 3)
  for (const uidl of before) assert.match(uidl, /^[!-~]{1,70}$/)
  assert.deepEqual(await uidls('next'), before.slice(1))
})

test('PS-04, MB-06: what a person deletes after login stays in the frozen maildrop, before its first look and after', async () => {
  await using rig = await drops()
  await rig.receive(3)
  const maildrop = (await rig.open('a'))!
  await rig.store.entries.delete(rig.ann, [2], { at: 5, events: [] })
  await rig.receive(1)
  const { uids } = await maildrop.listing()
  assert.deepEqual([...uids], [1, 2, 3])
  await rig.store.entries.delete(rig.ann, [3], { at: 5, events: [] })
  assert.deepEqual([...(await maildrop.read(1, 3, 1e6)).status], [0, 0, 0])
  maildrop.mark(1)
  maildrop.mark(2)
  assert.equal(await maildrop.commit(event), 2)
  await maildrop.close()
  assert.deepEqual([...(await rig.store.list(rig.ann)).uids], [4])
  assert.deepEqual((await rig.store.verify()).problems, [])
})

for (const keepsDeleted of [true, false])
  test(`PS-17: what a mail program deletes ${keepsDeleted ? 'waits for a time of grace where that is set' : 'goes for good'}`, async () => {
    await using rig = await drops()
    await rig.receive(2)
    const maildrop = (await rig.open('a', { keepsDeleted }))!
    await maildrop.listing()
    maildrop.mark(1)
    await maildrop.commit(event)
    await maildrop.close()
    const { messages, deletedMessages } = await rig.store.entries.figures(rig.ann)
    assert.deepEqual([messages, deletedMessages], [1, keepsDeleted ? 1 : 0])
  })
