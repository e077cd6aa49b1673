// How many header sections may be asked for at once before what was seen is removed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headsAtFirst, headsAtOnce, slowHeadMs } from './limits.ts'
import { Pace } from './pace.ts'

const after = (pipelining: boolean, ...took: readonly number[]): number => {
  const pace = new Pace(pipelining)
  for (const ms of took) pace.answered(ms)
  return pace.count
}

test('PC-22 a server that takes one command at a time is asked for one header section, and then told what goes', () => {
  assert.equal(after(false), 1)
  assert.equal(after(false, 20, 20, 20), 1)
})

test('PC-22 one that takes commands in a row is asked for more and more while it is quick, and for fewer when it is slow', () => {
  assert.equal(after(true), headsAtFirst)
  assert.equal(after(true, 20, 20), headsAtFirst * 4)
  assert.equal(after(true, ...Array<number>(1000).fill(20)), headsAtOnce)
  assert.equal(after(true, slowHeadMs), headsAtFirst / 2)
  assert.equal(after(true, ...Array<number>(9).fill(slowHeadMs)), 1)
  assert.equal(after(true, -3_600_000), headsAtFirst * 2) // the clock was set back
})
