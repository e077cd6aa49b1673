// What becomes of deliveries that a program left leased when it ended. Pure. Called by the engine at its start, and by operations
// on a stopped server. QU-02, QU-03
import type { DeliveryRow, Fate, Move, MovesUnit } from '#/storage/queue.ts'
import type { TraceEvent } from '#/storage/store.ts'
import type { Instant } from '#/world/world.ts'
import { about } from './events.ts'

/** After so many ends of the program a message is not tried again by itself. QUE-20 */
export const crashesMax = 3
const restMs = 60_000

/** Nobody knows whether it arrived: it is tried again, after the others, at the host that it was last tried at. */
export function recovered(row: DeliveryRow, now: Instant): Fate {
  const crashes = (row.memo.crashes ?? 0) + 1
  const memo = { ...row.memo, crashes }
  const kept = { attempts: row.attempts, lastReply: row.lastReply, lease: null, dueAt: now + (crashes - 1) * restMs }
  if (crashes < crashesMax) return { ...kept, state: 'waiting', memo }
  const why = `the program ended ${crashes} times while this was being delivered`
  return { ...kept, state: 'held', memo: { ...memo, hold: { by: 'relay', why, at: now } } }
}

/** Why an attempt that nobody finished is taken back at a start. */
export const endedWords = 'the program ended during this attempt: it may have arrived'

/** Rows that are leased and that nobody tries any more, told in the trace. */
export function takenBack(rows: readonly DeliveryRow[], at: Instant, uncertain: string): MovesUnit {
  const moves = rows.map((row) => ({ row, to: recovered(row, at) }))
  const events = moves.map(({ row, to }): TraceEvent => ({
    ...about(row, at),
    step: 'interrupted',
    detail: { attempt: row.attempts, uncertain, fate: to.state },
  }))
  return { at, moves, events }
}

/** Leased rows of an attempt that has not begun: as if it had never been meant. */
export const notBegun = (rows: readonly DeliveryRow[], at: Instant): Move[] =>
  rows.map((row) => ({ row, to: { ...row, state: 'waiting', attempts: row.attempts - 1, dueAt: at, lease: null } }))
