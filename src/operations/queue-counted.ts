// Counting a long queue takes a tenth of a second, and pages ask whenever something moved. So a count is given again while
// nothing has changed, and for a while when it has: a twentieth of one thread at most goes into counting. Used by queue-page.ts.
import type { QueueFigures } from '#/storage/queue.ts'
import type { QueueGroup } from '#/storage/queue-pages.ts'
import type { Store } from '#/storage/store.ts'
import type { Context } from './context.ts'

export type Counted = { readonly figures: QueueFigures; readonly groups: readonly QueueGroup[] }
type Kept = { readonly counted: Counted; readonly version: number; readonly freshUntil: number }
type Asked = { readonly by: 'destination' | 'reason'; readonly limit: number }

const restShare = 20
const longestMs = 5000
const keptMax = 4
/** A clock that was set back does not keep an old count for long. */
const isBetween = (now: number, { freshUntil }: Kept): boolean => now < freshUntil && now >= freshUntil - longestMs
const kept = new WeakMap<Store, Map<string, Kept>>()

/** `stale`: the queue has moved since; whoever shows it asks again soon. */
export async function counted({ store, world }: Context, { by, limit }: Asked): Promise<Counted & { stale: boolean }> {
  const mine = kept.get(store) ?? new Map<string, Kept>()
  kept.set(store, mine)
  const name = `${by} ${limit}`
  const last = mine.get(name)
  const version = store.versions.queue
  const now = world.clock.now()
  if (last && (last.version === version || isBetween(now, last)))
    return { ...last.counted, stale: last.version !== version }
  const [figures, groups] = await Promise.all([store.queue.figures(), store.queue.pages.groups(by, limit)])
  const end = world.clock.now()
  const rest = Math.min(longestMs, Math.max(0, end - now) * restShare)
  if (mine.size >= keptMax) mine.clear()
  mine.set(name, { counted: { figures, groups }, version, freshUntil: end + rest })
  return { figures, groups, stale: false }
}
