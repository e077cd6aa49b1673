// What the queue of every store engine must do, as a test that runs against each. Called by the engines' own test files only.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { parseAddress } from '#/message/address.ts'
import { reply } from '#/message/reply.ts'
import { acceptance, type Opened } from './contract.ts'
import type { DeliveryRow, Fate, Lease } from './queue.ts'
import type { FinishedQuery, QueuePageQuery } from './queue-pages.ts'
import { EntryRefused, type RemoteEntry, type Store, type StoreError } from './store.ts'

type Open = () => Promise<Opened>

export function address(text: string) {
  const parsed = parseAddress(text)
  assert(parsed.ok)
  return parsed.value
}
export const remote = (to: string, more: Partial<RemoteEntry> = {}): RemoteEntry => ({
  to: address(to),
  parameters: { notify: null, orcpt: null },
  allowedBy: 'test',
  ...more,
})
export async function queued(
  store: Store,
  to: readonly RemoteEntry[],
  more: { local?: number[]; lease?: Lease } = {},
): Promise<readonly DeliveryRow[]> {
  const made = await acceptance(store, more.local ?? [])
  return store.accept({ ...made, remote: to, lease: more.lease ?? null })
}
const fate = (row: DeliveryRow, changes: Partial<Fate>): Fate => ({
  state: row.state,
  attempts: row.attempts,
  dueAt: row.dueAt,
  lastReply: row.lastReply,
  memo: row.memo,
  lease: null,
  ...changes,
})
const lease = { node: 'a', until: 60_000 }
const leased = (row: DeliveryRow): Fate => fate(row, { state: 'leased', attempts: row.attempts + 1, lease })
const fine = reply(250, '2.0.0', 'taken')
const delivered = (row: DeliveryRow): Fate => fate(row, { state: 'delivered', lastReply: fine })
const conflict = (error: unknown): boolean => (error as StoreError).kind === 'conflict'
async function text(octets: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
  if (octets instanceof Uint8Array) return Buffer.from(octets).toString('latin1')
  const chunks: Uint8Array[] = []
  for await (const chunk of octets) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

export function queueContract(name: string, open: Open): void {
  stateContract(name, open)
  readingContract(name, open)
}

/** Of stores that show a queue to people. */
export function queuePagesContract(name: string, open: Open): void {
  test(`${name}: QU-11 the queue is paged both ways, whatever moves meanwhile, and filtered by what a person sees`, async () => {
    await using opened = await open()
    const { store } = opened
    const { queue } = store
    const texts = ['a@one.example', 'b@two.example', 'c@one.example', 'd@one.example', 'e@two.example']
    const rows = [
      ...(await queued(
        store,
        texts.map((text) => remote(text)),
      )),
    ]
    const said = reply(451, '4.7.1', 'Greylisted')
    const moves = [0, 2].map((i) => ({ row: rows[i]!, to: fate(rows[i]!, { attempts: 1, lastReply: said }) }))
    const hold = { by: 'mara', why: 'asked Bob', at: 5 }
    const held = { row: rows[4]!, to: fate(rows[4]!, { state: 'held', memo: { hold } }) }
    await queue.move({ at: 5, moves: [...moves, held] })
    const states = ['waiting', 'held', 'leased'] as const
    const page = async (query: Partial<QueuePageQuery>): Promise<string> =>
      (await queue.pages.page({ states, order: 'oldest', limit: 9, ...query })).map(({ to }) => to.local).join('')
    for (const [query, is] of [
      [{}, 'abcde'],
      [{ order: 'newest' }, 'edcba'],
      [{ limit: 2, after: rows[1]!.id }, 'cd'],
      [{ limit: 2, order: 'newest', after: rows[1]!.id }, 'a'],
      [{ destination: 'two.example' }, 'be'],
      [{ destination: 'two.example', order: 'newest', states: ['held'] }, 'e'],
      [{ reason: '451 4.7.1' }, 'ac'],
      [{ reason: 'asked Bob' }, 'e'],
      [{ reason: '' }, 'bd'],
      [{ recipient: 'c@one' }, 'c'],
      [{ sender: 'c@one' }, ''],
      [{ text: 'greylisted' }, 'ac'],
      [{ acceptedBefore: 1000 }, ''],
    ] as [Partial<QueuePageQuery>, string][])
      assert.equal(await page(query), is, JSON.stringify(query))
    const groups = await queue.pages.groups('destination', 9)
    assert.deepEqual(
      groups.map(({ key, waiting, deferred, held: kept, sample }) => [key, waiting, deferred, kept, sample?.to.local]),
      [
        ['one.example', 3, 2, 0, 'a'],
        ['two.example', 1, 0, 1, 'e'],
      ],
    )
    assert.deepEqual(
      (await queue.pages.groups('reason', 9)).map(({ key, waiting, held: kept }) => [key, waiting + kept]),
      [
        ['', 2],
        ['451 4.7.1', 2],
        ['asked Bob', 1],
      ],
    )
  })

  test(`${name}: QU-11 what is over is paged by when it ended, the last first`, async () => {
    await using opened = await open()
    const { store } = opened
    const rows = await queued(
      store,
      ['a@b.example', 'b@b.example', 'c@b.example'].map((text) => remote(text)),
    )
    for (const i of [1, 0, 2])
      await store.queue.move({ at: 9 - i, moves: [{ row: rows[i]!, to: delivered(rows[i]!) }] })
    const page = async (query: Partial<FinishedQuery>): Promise<string> =>
      (await store.queue.pages.finished({ states: ['delivered'], limit: 9, ...query }))
        .map(({ to }) => to.local)
        .join('')
    assert.equal(await page({}), 'abc')
    assert.equal(await page({ after: { at: 9, id: rows[0]!.id } }), 'bc')
    assert.equal(await page({ text: 'c@' }), 'c')
    assert.equal(await page({ states: ['failed'] }), '')
  })
}

function stateContract(name: string, open: Open): void {
  test(`${name}: QU-01 each recipient has a row of its own and the rows that accept returns are the rows that are read`, async () => {
    await using opened = await open()
    const memo = { owner: 'ann' }
    const made = await queued(opened.store, [remote('x@b.example', { priority: 1, memo }), remote('y@c.example')])
    assert.deepEqual(await opened.store.queue.ofMessage(made[0]!.message), made)
    assert.deepEqual(await (await opened.again()).queue.ofMessage(made[0]!.message), made)
    assert.deepEqual(
      made.map((row) => [row.destination, row.siblings, row.state, row.attempts]),
      [
        ['b.example', 2, 'waiting', 0],
        ['c.example', 2, 'waiting', 0],
      ],
    )
  })

  test(`${name}: QU-02 a delivery accepted under a lease has its first attempt counted and is due for nobody else`, async () => {
    await using opened = await open()
    const [row] = await queued(opened.store, [remote('x@b.example')], { lease })
    assert.deepEqual([row!.state, row!.attempts, row!.lease], ['leased', 1, lease])
    assert.deepEqual(await opened.store.queue.due('b.example', 99_999, 10), [])
    assert.deepEqual(await opened.store.queue.find({ states: ['leased'], limit: 10 }), [row])
  })

  test(`${name}: HDR-09 whatever octets an answer, an address or a reason holds, the row reads back as it was written`, async () => {
    await using opened = await open()
    const { store } = opened
    const octets = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i), 0x2028, 0x560a, 0xd83d, 0xde00)
    const to = { local: `${octets}','"`, domain: address('x@far.example').domain }
    const parameters = { notify: null, orcpt: `rfc822;${octets}` }
    const [row] = await queued(store, [{ to, parameters, allowedBy: octets, memo: { owner: octets } }])
    const lastReply = { code: 550, status: octets, lines: [octets, `${octets}\r\n`] }
    const next = fate(row!, { lastReply, memo: { ...row!.memo, via: octets } })
    await store.queue.move({ at: 2, moves: [{ row: row!, to: next }] })
    assert.deepEqual(await store.queue.find({ limit: 10 }), [{ ...row, ...next }])
  })

  test(`${name}: QU-14 a delivery whose lease is over is found, one whose lease runs is not`, async () => {
    await using opened = await open()
    const [row] = await queued(opened.store, [remote('x@b.example')], { lease })
    assert.deepEqual(await opened.store.queue.lapsed(lease.until, 10), [])
    assert.deepEqual(await opened.store.queue.lapsed(lease.until + 1, 10), [row])
  })

  test(`${name}: QU-14 a row that moved meanwhile is a conflict, and nothing of the unit is kept`, async () => {
    await using opened = await open()
    const { queue } = opened.store
    const rows = await queued(opened.store, [remote('x@b.example'), remote('y@b.example')])
    const [x, y] = [rows[0]!, rows[1]!]
    await queue.move({ at: 2000, moves: [{ row: x, to: leased(x) }] })
    await assert.rejects(queue.move({ at: 2000, moves: [y, x].map((row) => ({ row, to: leased(row) })) }), conflict)
    const [afterX, afterY] = await queue.ofMessage(x.message)
    assert.deepEqual([afterX!.state, afterY!.state], ['leased', 'waiting'])
    const other = { ...afterX!, lease: { node: 'a', until: 1 } } // the same node, an older attempt
    await assert.rejects(queue.move({ at: 2000, moves: [{ row: other, to: delivered(other) }] }), conflict)
    await queue.move({ at: 3000, moves: [{ row: afterX!, to: delivered(afterX!) }] })
    const [done] = await queue.ofMessage(x.message)
    assert.deepEqual([done!.state, done!.finishedAt, done!.lastReply, done!.lease], ['delivered', 3000, fine, null])
  })

  test(`${name}: QU-14, QU-11 a waiting row that others changed is not overwritten by who has read it before`, async () => {
    await using opened = await open()
    const { queue } = opened.store
    const [row] = await queued(opened.store, [remote('x@b.example')])
    await queue.move({ at: 2000, moves: [{ row: row!, to: fate(row!, { memo: { delayNoticeAt: 2000 } }) }] })
    await assert.rejects(queue.move({ at: 2000, moves: [{ row: row!, to: leased(row!) }] }), conflict)
    const [told] = await queue.ofMessage(row!.message)
    await queue.move({ at: 3000, moves: [{ row: told!, to: leased(told!) }] })
    assert.deepEqual((await queue.ofMessage(row!.message))[0]!.memo, { delayNoticeAt: 2000 })
  })

  test(`${name}: QU-11 what was changed by hand is not overwritten by who read the row before`, async () => {
    await using opened = await open()
    const { queue } = opened.store
    const [row] = await queued(opened.store, [remote('x@b.example', { memo: { owner: 'änn' } })])
    const edited = fate(row!, { memo: { ...row!.memo, lifetimeMs: 5 }, priority: 1 })
    await queue.move({ at: 2000, moves: [{ row: row!, to: edited }] })
    await assert.rejects(queue.move({ at: 2000, moves: [{ row: row!, to: leased(row!) }] }), conflict)
    const [now] = await queue.ofMessage(row!.message)
    assert.deepEqual([now!.memo.lifetimeMs, now!.priority], [5, 1])
    await assert.rejects(
      queue.move({ at: 2000, moves: [{ row: { ...now!, priority: 0 }, to: leased(now!) }] }),
      conflict,
    )
    await queue.move({ at: 2000, moves: [{ row: now!, to: leased(now!) }] })
    assert.equal((await queue.ofMessage(row!.message))[0]!.priority, 1)
  })

  test(`${name}: QU-01 the octets go with the last delivery, and not before`, async () => {
    await using opened = await open()
    const { queue } = opened.store
    const ann = await opened.store.addMailbox('ann', 1000)
    const rows = await queued(opened.store, [remote('x@b.example'), remote('y@b.example')], { local: [ann.id] })
    await queue.move({ at: 2000, moves: [{ row: rows[0]!, to: delivered(rows[0]!) }] })
    assert.equal(await text(await queue.content(rows[1]!)), 'Subject: x\r\n\r\nbody\r\n')
    await queue.move({ at: 2000, moves: [{ row: rows[1]!, to: fate(rows[1]!, { state: 'failed' }) }] })
    const again = await opened.again()
    assert.deepEqual((await again.verify()).problems, [])
    assert.equal((await again.facts()).messages, 1) // ann still has hers
    await again.removeEntries(ann.id, [1], { ...(await again.trace({ limit: 1 }))[0]!, step: 'deleted' })
    await assert.rejects(again.queue.content(rows[0]!), (error) => (error as StoreError).kind === 'missing')
  })

  test(`${name}: DS-12 a notice is kept together with the failure that it tells of, or neither is`, async () => {
    await using opened = await open()
    const { queue } = opened.store
    const [row] = await queued(opened.store, [remote('x@b.example')])
    const ann = await opened.store.addMailbox('ann', 1000)
    const moves = [{ row: row!, to: fate(row!, { state: 'failed' as const }) }]
    const lost = await acceptance(opened.store, [ann.id + 1]) // no such mailbox
    const beside = await acceptance(opened.store, [ann.id])
    await assert.rejects(queue.move({ at: 2000, moves, acceptances: [beside, lost] }), (error) => {
      assert(error instanceof EntryRefused)
      assert.deepEqual([error.kind, error.acceptance, error.mailbox], ['conflict', 1, ann.id + 1])
      return true
    })
    await assert.rejects(
      queue.move({ at: 2000, moves: [{ row: { ...row!, state: 'held' }, to: moves[0]!.to }] }),
      (error) => {
        return conflict(error) && !(error instanceof EntryRefused)
      },
    )
    assert.equal((await queue.ofMessage(row!.message))[0]!.state, 'waiting')
    const notice = { ...(await acceptance(opened.store, [ann.id])), remote: [remote('z@d.example')] }
    const made = await queue.move({ at: 2000, moves, acceptances: [notice] })
    assert.deepEqual(await queue.ofMessage(notice.key), made)
    assert.equal((await opened.store.mailboxState(ann.id)).messages, 1)
    assert.deepEqual((await opened.store.verify()).problems, [])
  })
}

function readingContract(name: string, open: Open): void {
  test(`${name}: QU-15 what is due comes by priority, then by time; what is due later does not come`, async () => {
    await using opened = await open()
    const to = ([local, priority, dueAt]: [string, 0 | 1 | 2, number]): RemoteEntry =>
      remote(`${local}@b.example`, { priority, dueAt })
    const entries = (
      [
        ['notice', 2, 1000],
        ['bulk', 1, 1000],
        ['second', 0, 1500],
        ['first', 0, 1000],
        ['later', 0, 9000],
      ] as [string, 0 | 1 | 2, number][]
    ).map(to)
    await queued(opened.store, entries)
    const due = await opened.store.queue.due('b.example', 2000, 3)
    assert.deepEqual(
      due.map((row) => row.to.local),
      ['first', 'second', 'bulk'],
    )
  })

  test(`${name}: QU-08 destinations come soonest first, with what waits for each`, async () => {
    await using opened = await open()
    await queued(opened.store, [remote('x@b.example', { dueAt: 5000 }), remote('y@b.example', { dueAt: 4000 })])
    await queued(opened.store, [remote('x@a.example', { dueAt: 9000 }), remote('h@h.example', { held: true })])
    assert.deepEqual(await opened.store.queue.destinations(10), [
      { destination: 'b.example', dueAt: 4000, waiting: 2 },
      { destination: 'a.example', dueAt: 9000, waiting: 1 },
    ])
    const figures = { waiting: 3, deferred: 0, leased: 0, held: 1, oldestAcceptedAt: 1000 }
    assert.deepEqual(await opened.store.queue.figures(), figures)
  })

  test(`${name}: QU-16 each destination has its figures, those with the most first`, async () => {
    await using opened = await open()
    const { queue } = opened.store
    const to = [remote('h@h.example', { held: true }), remote('x@b.example', { dueAt: 5000 }), remote('y@b.example')]
    const [, x] = await queued(opened.store, to)
    await queue.move({ at: 2000, moves: [{ row: x!, to: fate(x!, { attempts: 1 }) }] })
    const plain = { leased: 0, oldestAcceptedAt: 1000 }
    assert.deepEqual(await queue.summary(10), [
      { destination: 'b.example', waiting: 2, deferred: 1, held: 0, nextDueAt: 1000, ...plain },
      { destination: 'h.example', waiting: 0, deferred: 0, held: 1, nextDueAt: null, ...plain },
    ])
    assert.equal((await queue.figures()).deferred, 1)
    assert.equal((await queue.summary(1)).length, 1)
  })

  test(`${name}: QU-12, QU-13 time in which nothing was sent on purpose counts against nothing that waited then`, async () => {
    await using opened = await open()
    const { queue } = opened.store
    const [x, y] = await queued(opened.store, [remote('x@b.example', { memo: { heldMs: 5 } }), remote('y@b.example')])
    await queue.move({ at: 2000, moves: [{ row: y!, to: leased(y!) }] })
    await queue.excuse(500, 1000)
    assert.equal((await queue.ofMessage(x!.message))[0]!.memo.heldMs, 5)
    await queue.excuse(900, 4000)
    const rows = await queue.ofMessage(x!.message)
    assert.deepEqual(
      rows.map((row) => row.memo.heldMs),
      [3005, undefined],
    )
    await queue.move({ at: 5000, moves: [{ row: rows[0]!, to: delivered(rows[0]!) }] }) // the fence knows the row
  })

  test(`${name}: QU-11 deliveries are found by state, destination and text, page by page, finished ones newest first`, async () => {
    await using opened = await open()
    const { queue } = opened.store
    const rows = await queued(opened.store, [remote('x@b.example'), remote('100%@b.example'), remote('z@c.example')])
    const locals = (found: readonly DeliveryRow[]): string[] => found.map((row) => row.to.local)
    assert.deepEqual(locals(await queue.find({ destination: 'b.example', limit: 10 })), ['x', '100%'])
    assert.deepEqual(locals(await queue.find({ text: '0%@', limit: 10 })), ['100%'])
    assert.deepEqual(locals(await queue.find({ limit: 10, after: rows[0]!.id })), ['100%', 'z'])
    await queue.move({ at: 2000, moves: rows.map((row) => ({ row, to: delivered(row) })) })
    assert.deepEqual(await queue.find({ limit: 10 }), [])
    assert.deepEqual(locals(await queue.find({ states: ['delivered'], limit: 2 })), ['z', '100%'])
    await queue.prune(3000)
    assert.deepEqual(await queue.find({ states: ['delivered'], limit: 2 }), [])
  })

  test(`${name}: CLK-02 a clock that was set back starves nobody, and does not hurry what was meant for later`, async () => {
    await using opened = await open()
    const later = remote('later@b.example', { dueAt: 90_000, memo: { laterAt: 90_000 } })
    const told = remote('told@b.example', { dueAt: 3000, memo: { retryAt: 90_000 } }) // its sender hears of it before
    const soon = remote('soon@b.example', { dueAt: 9000, memo: { retryAt: 9000 } })
    await queued(opened.store, [remote('x@b.example', { dueAt: 90_000, memo: { retryAt: 90_000 } }), later, told, soon])
    await opened.store.queue.replan(2000, 50_000)
    assert.deepEqual(
      (await opened.store.queue.due('b.example', 2000, 10)).map((row) => [row.to.local, row.memo.retryAt]),
      [
        ['x', undefined],
        ['told', undefined],
      ],
    )
  })
}
