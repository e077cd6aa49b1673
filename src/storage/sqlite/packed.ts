// A group of units on its way to the writer thread: two flat arrays. What is nested is cloned object by object when it is
// posted, and that, not the disk, limited how many messages a second are accepted. Used by writer.ts and writer-thread.ts.
import { writes, type StatementName } from '../sql/writes.ts'
import type { Step, Unit, Value } from '../work.ts'

export type Packed = {
  /** For each unit how many steps it has; behind that for each step its statement, the rows it must change, its values. */
  readonly shape: readonly number[]
  readonly values: readonly Value[]
}

const names = Object.keys(writes) as StatementName[] // the keys of a literal of ours, in one order in both threads
const numbers = new Map(names.map((name, number) => [name, number]))
const anyChanges = -1

export function pack(group: readonly Unit[]): Packed {
  const shape: number[] = []
  let count = 0
  for (const unit of group) {
    shape.push(unit.length)
    for (const step of unit) {
      shape.push(numbers.get(step.run)!, step.changes ?? anyChanges, step.with.length)
      count += step.with.length
    }
  }
  const values = Array<Value>(count) // pushed one by one it would be grown, and copied, again and again
  let at = 0
  for (const unit of group) for (const step of unit) for (const value of step.with) values[at++] = value
  return { shape, values }
}

/** The same units again. */
export function unpack({ shape, values }: Packed): Unit[] {
  const group: Unit[] = []
  let at = 0
  let taken = 0
  const step = (): Step => {
    const run = names[shape[at++]!]!
    const changes = shape[at++]!
    const parameters = values.slice(taken, (taken += shape[at++]!))
    return changes === anyChanges ? { run, with: parameters } : { run, with: parameters, changes }
  }
  while (at < shape.length) group.push(Array.from({ length: shape[at++]! }, step))
  return group
}

/** What is handed over, not copied: every Uint8Array in a unit owns its buffer (content.ts sees to it). */
export function buffersOf({ values }: Packed): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = []
  for (const value of values) if (value instanceof Uint8Array) buffers.push(value.buffer as ArrayBuffer) // never shared
  return buffers
}
