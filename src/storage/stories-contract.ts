// What the index over the trace of every store engine must do, as a test that runs against each. Called by the engines' own
// test files only.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { newKey, type Opened } from './contract.ts'
import type { StoryFate, StoryQuery } from './stories.ts'
import type { Store, TraceEvent } from './store.ts'

type Open = () => Promise<Opened>

const plain = { client: null, from: null, to: [], subject: null, messageId: null, detail: {} }
export const traced = (ref: string, step: string, more: Partial<TraceEvent> = {}): TraceEvent => ({
  ref,
  at: 1000,
  step,
  ...plain,
  ...more,
})
const boat = (at: number): TraceEvent =>
  traced(newKey(at), 'received', {
    at,
    client: '192.0.2.31',
    from: '<mara@example.org>',
    to: ['jens@harbour-supplies.test'],
    subject: 'Angebot für das Thomsen-Boot',
    messageId: '<20261120.4f0e@example.org>',
    detail: { user: 'mara', storedIn: ['info'], reply: '250-first\r\n550 second', rules: ['user mara'] },
  })
const found = async (store: Store, query: Partial<StoryQuery>): Promise<string[]> =>
  (await store.stories.search({ limit: 50, ...query })).stories.map(({ ref }) => ref)

const finds: readonly (readonly [what: string, query: Partial<StoryQuery>, found: boolean])[] = [
  ['an address of a recipient', { text: 'jens@harbour-supplies.test' }, true],
  ['a domain', { who: 'harbour-supplies.test' }, true],
  ['an address without case', { who: 'MARA@Example.org' }, true],
  ['a word of the subject without its dots', { subject: 'fur boot' }, true],
  ['the beginning of a word', { text: 'thoms' }, true],
  ['a Message-ID', { id: '<20261120.4f0e@example.org>' }, true],
  ['a client', { client: '192.0.2.31' }, true],
  ['words of different parts', { text: 'mara thomsen 192.0.2.31' }, true],
  ['the second line of a reply', { text: '550 second' }, true],
  ['a step', { step: 'received' }, true],
  ['a mailbox that got it', { mailbox: 'info' }, true],
  ['a mailbox that sent it', { mailbox: 'mara' }, true],
  ['a fate', { fate: 'delivered' }, true],
  ['a time', { from: 5000, until: 5001 }, true],
  ['another client', { client: '192.0.2.3' }, false],
  ['an address up to a word of its domain', { who: 'jens@harbour' }, true],
  ['an address in the subject', { subject: 'jens' }, false],
  ['one word of two', { text: 'mara nobody' }, false],
  ['half of the name of a mailbox', { mailbox: 'in' }, false],
  ['another step', { step: 'delivered' }, false],
  ['another fate', { fate: 'refused' }, false],
  ['a time before', { until: 5000 }, false],
  ['a time behind', { from: 5001 }, false],
  ['no word', { text: '%' }, false],
  ['syntax of the index', { text: 'NOT "OR* (' }, false],
  ['a name in the details', { text: 'storedIn' }, false],
]

export function storiesContract(name: string, open: Open): void {
  test(`${name}: a story is found by what its events say, and only by that`, async () => {
    await using opened = await open()
    const event = boat(5000)
    await opened.store.record([event])
    for (const [what, query, is] of finds)
      assert.deepEqual(await found(opened.store, query), is ? [event.ref] : [], what)
    assert.deepEqual(await found(opened.store, { text: event.ref }), [event.ref])
    assert.deepEqual(await found(opened.store, { id: `${event.ref}-00000` }), [event.ref], 'by the key of a delivery')
  })

  test(`${name}: a story is found by each of its events, told whole, and names the fates of its recipients`, async () => {
    await using opened = await open()
    const { store } = opened
    const { ref } = boat(1)
    await store.record([
      traced(ref, 'received'),
      traced(ref, 'deferred', { at: 1001, detail: { reply: '451 slowly' } }),
    ])
    assert.deepEqual(await found(store, { text: 'slowly' }), [ref])
    await store.record([traced(ref, 'failed', { at: 1002, to: ['bob@b.example'] })])
    assert.deepEqual(await found(store, { text: 'slowly bob@b.example' }), [ref])
    for (const [fate, is] of [
      ['failed', true],
      ['delivered', false],
      ['waiting', false],
    ] as [StoryFate, boolean][])
      assert.deepEqual(await found(store, { fate }), is ? [ref] : [], fate)
    const [story] = (await store.stories.search({ limit: 1 })).stories
    assert.deepEqual(
      story?.events.map(({ step }) => step),
      ['received', 'deferred', 'failed'],
    )
  })

  test(`${name}: mail that was written in the console is found by the mailbox of its writer`, async () => {
    await using opened = await open()
    const events = ['user ann', 'mailbox ann', 'annette'].map((by) => traced(newKey(), 'sent', { detail: { by } }))
    await opened.store.record(events)
    assert.deepEqual(
      new Set(await found(opened.store, { mailbox: 'ann' })),
      new Set(events.slice(0, 2).map(({ ref }) => ref)),
    )
  })

  test(`${name}: what tells of a message is found by its key`, async () => {
    await using opened = await open()
    const { store } = opened
    const [ref, other] = [newKey(), newKey(2000)]
    await store.record([traced(ref, 'received'), traced(other, 'notified', { at: 2000, detail: { about: ref } })])
    assert.deepEqual(
      (await store.stories.mentions(ref, 9)).map((one) => one.ref),
      [other],
    )
  })

  test(`${name}: pages go on where they ended, newest first, whatever arrives meanwhile`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        async (times, limit, byWord) => {
          await using opened = await open()
          const { store } = opened
          const events = times.map((time) => traced(newKey(time), 'received', { at: time, subject: 'boat' }))
          await store.record(events)
          const seen: string[] = []
          const query = byWord ? { subject: 'boat' } : {}
          for (let after: string | undefined; ;) {
            const page = await store.stories.search({ ...query, limit, ...(after && { after }) })
            seen.push(...page.stories.map(({ ref }) => ref))
            await store.record([
              traced(newKey(1000 + seen.length), 'received', { at: 1000 + seen.length, subject: 'boat' }),
              traced(events[0]!.ref, 'deferred', { at: 2000 + seen.length }),
            ])
            if (page.next === null) break
            after = page.next
          }
          const at = new Map(events.map((event) => [event.ref, event.at]))
          assert.deepEqual(new Set(seen), new Set(at.keys()))
          assert.equal(seen.length, at.size)
          const order = seen.map((ref) => at.get(ref)!)
          assert.deepEqual(
            order,
            order.toSorted((a, b) => b - a),
          )
        },
      ),
      { numRuns: 15 },
    )
  })

  test(`${name}: what is pruned is found no more, and the rest still is when the store is opened again`, async () => {
    await using opened = await open()
    const { store } = opened
    const [old, young] = [boat(3000), boat(5000)]
    await store.record([old, young])
    assert.deepEqual(await found(store, {}), [young.ref, old.ref])
    await store.pruneTrace(4000)
    assert.deepEqual(await found(store, {}), [young.ref])
    const again = await opened.again()
    assert.deepEqual(await found(again, { subject: 'thomsen' }), [young.ref])
    assert.equal((await again.stories.search({ limit: 1 })).indexing, false)
  })
}
