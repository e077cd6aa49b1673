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

/** Counted by index: an iterator over each step's values was a tenth of all garbage while mail is collected. */
export function pack(group: readonly Unit[]): Packed {
  const shape: number[] = []
  let count = 0
  for (const unit of group) {
    shape.push(unit.length)
    for (let i = 0; i < unit.length; i++) {
      const { run, changes = anyChanges, with: values } = unit[i]!
      shape.push(numbers.get(run)!, changes, values.length)
      count += values.length
    }
  }
  const values = Array<Value>(count) // pushed one by one it would be grown, and copied, again and again
  let at = 0
  for (const unit of group)
    for (let i = 0; i < unit.length; i++) {
      const some = unit[i]!.with
      for (let j = 0; j < some.length; j++) values[at++] = some[j]!
    }
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
