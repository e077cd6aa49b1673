// Work that strangers make slow or large costs one answer, never the program.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { ThreadError, WorkThread } from './thread.ts'

const limits = { deadlineMs: 3000, heapMegabytesMax: 32, waitingMax: 5 }
/** What the thread does, as a module of its own. */
const module = new URL(
  `data:text/javascript,${encodeURIComponent(`export async function work({ ask }) {
    if (ask === 'hang') for (;;);
    if (ask === 'grow') for (const all = [];;) all.push(Array.from({ length: 10000 }, () => ({})))
    if (ask === 'throw') throw new Error('a sentence')
    if (ask === 'exit') process.exit(1)
    return { value: ask }
  }`)}`,
)

for (const [ask, why] of [
  ['hang', /too long/],
  ['grow', /memory|ended/],
  ['throw', /a sentence/],
  ['exit', /ended/],
] as const)
  test(`SX-05 work that would ${ask} is told in words, and what comes behind it is answered`, async () => {
    const thread = new WorkThread(module, limits)
    const [bad, good] = await Promise.allSettled([thread.ask({ ask }), thread.ask<string>({ ask: 'fine' })])
    assert.equal(bad.status, 'rejected')
    assert.ok(bad.reason instanceof ThreadError)
    assert.match(bad.reason.message, why)
    assert.deepEqual(good, { status: 'fulfilled', value: 'fine' })
  })

test('SX-05 more than a few at once are refused in words', async () => {
  const thread = new WorkThread(module, limits)
  const asked = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => thread.ask({ ask: `${i}` })))
  const refused = asked.filter(({ status }) => status === 'rejected')
  assert.equal(refused.length, 4)
})
