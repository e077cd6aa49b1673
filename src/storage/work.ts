// A unit of work is data: named statements with parameters, run in one transaction without conversation in the middle.
// So it can be posted to a thread, grouped with others under one flush, or pipelined to a server.
import type { StatementName } from './sql/writes.ts'

export type Value = string | number | null | Uint8Array
export type Step = {
  readonly run: StatementName
  readonly with: readonly Value[]
  /** How many rows must change; otherwise the whole unit is undone and its caller told 'conflict'. */
  readonly changes?: number
}
export type Unit = readonly Step[]
/** Null: durable. Otherwise nothing of the unit was kept. `step`: the first that did not change what it must. */
export type UnitResult = null | {
  readonly kind: 'full' | 'failed' | 'conflict'
  readonly message: string
  readonly step?: number
}
