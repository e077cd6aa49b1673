// Units on their way to the writer thread: what is packed, posted and unpacked is what it was.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { writes, type StatementName } from './sql/writes.ts'
import { buffersOf, pack, unpack } from './sqlite/packed.ts'
import type { Step, Unit } from './work.ts'

const names = Object.keys(writes) as StatementName[] // the keys of that literal
const octets = fc.uint8Array({ maxLength: 40 }).map((some) => new Uint8Array(some)) // owns its buffer
const value = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true }), fc.constant(null), octets)
const step: fc.Arbitrary<Step> = fc.record(
  { run: fc.constantFrom(...names), with: fc.array(value, { maxLength: 12 }), changes: fc.nat(1_000_000) },
  { requiredKeys: ['run', 'with'], noNullPrototype: true },
)
const group: fc.Arbitrary<Unit[]> = fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 6 })

test('IN-01 any group of units is packed, posted and unpacked unchanged, also units without a step', () => {
  fc.assert(
    fc.property(group, (units) => {
      const wanted = structuredClone(units)
      const packed = pack(units)
      assert.deepEqual(unpack(structuredClone(packed, { transfer: buffersOf(packed) })), wanted)
    }),
    { numRuns: 2000 },
  )
})

test('IN-01 octets are handed over to the other thread, each buffer once, and none is copied', () => {
  const bodies = [new Uint8Array(3).fill(1), new Uint8Array(5).fill(2)]
  const packed = pack(bodies.map((body, i): Unit => [{ run: 'addContent', with: [i, 'text', null, body] }]))
  assert.deepEqual(
    buffersOf(packed),
    bodies.map(({ buffer }) => buffer),
  )
  structuredClone(packed, { transfer: buffersOf(packed) })
  assert.deepEqual(
    bodies.map(({ length }) => length),
    [0, 0],
  )
})
