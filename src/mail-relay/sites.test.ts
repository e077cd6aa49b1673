// When there is something to do for which destination.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { destinationsMax } from './limits.ts'
import { Sites } from './sites.ts'

const listed = (...rows: [string, number][]) => rows.map(([destination, dueAt]) => ({ destination, dueAt, waiting: 1 }))

test('QU-08 what is due is taken once, and the rest stays with its time', () => {
  const sites = new Sites()
  sites.refresh(listed(['a', 10], ['b', 20], ['c', 30]))
  assert.deepEqual(sites.take(20, 10), ['a', 'b'])
  assert.deepEqual([sites.take(20, 10), sites.next()], [[], 30])
})

test('the earlier of two times counts', () => {
  const sites = new Sites()
  sites.note('a', 20)
  sites.note('a', 30)
  assert.equal(sites.next(), 20)
  sites.note('a', 10)
  assert.equal(sites.next(), 10)
})

test('not more are taken than were asked for', () => {
  const sites = new Sites()
  for (const name of ['a', 'b', 'c']) sites.note(name, 0)
  assert.deepEqual([sites.take(0, 2), sites.take(0, 2)], [['a', 'b'], ['c']])
})

test('what was noted while the store was read is not forgotten', () => {
  const sites = new Sites()
  sites.note('new', 5)
  sites.note('known', 7)
  sites.refresh(listed(['known', 50], ['other', 60]))
  assert.deepEqual(sites.take(10, 10).sort(), ['known', 'new'])
})

test('nothing to do is told apart from something far away', () => {
  const sites = new Sites()
  assert.equal(sites.next(), Number.POSITIVE_INFINITY)
})

test('QU-18 not more destinations are kept than fit', () => {
  const sites = new Sites()
  for (let i = 0; i < 10; i++) sites.note(`old ${i}`, 1)
  sites.refresh(Array.from({ length: destinationsMax }, (_, i) => ({ destination: `${i}`, dueAt: 2, waiting: 1 })))
  assert.equal(sites.take(2, Number.POSITIVE_INFINITY).length, destinationsMax)
})
