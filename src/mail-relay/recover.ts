// What becomes of deliveries that a program left leased when it ended. Pure. Called by the engine at its start. QU-02, QU-03
import type { DeliveryRow, Fate } from '#/storage/queue.ts'
import type { Instant } from '#/world/world.ts'

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
