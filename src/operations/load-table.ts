// The table of operations takes a tenth of a second to load. Where mail must go on meanwhile it comes part by part.
// Called by control.ts and by the console. Decision 18
import type { Clock } from '#/world/world.ts'
import type * as Whole from './table.ts'

type TableModule = typeof Whole

// prettier-ignore
const parts: readonly (() => Promise<unknown>)[] = [
  () => import('zod'),
  () => import('./tables/access.ts'),
  () => import('./tables/address.ts'),
  () => import('./tables/backup.ts'),
  () => import('./tables/care.ts'),
  () => import('./tables/collect.ts'),
  () => import('./tables/connections.ts'),
  () => import('./tables/machine.ts'),
  () => import('./tables/draft.ts'),
  () => import('./tables/mailbox.ts'),
  () => import('./tables/people.ts'),
  () => import('./tables/message.ts'),
  () => import('./tables/queue.ts'),
  () => import('./tables/relay.ts'),
  () => import('./tables/send.ts'),
  () => import('./tables/settings.ts'),
  () => import('./tables/status.ts'),
  () => import('./tables/trace.ts'),
  () => import('./tables/tutorial.ts'),
]

let whole: Promise<TableModule> | null = null

/** Resolves when every operation is there. Loads once. */
export const loadTable = (clock: Pick<Clock, 'sleep'>): Promise<TableModule> => (whole ??= load(clock))

async function load(clock: Pick<Clock, 'sleep'>): Promise<TableModule> {
  for (const part of parts) {
    await part()
    await clock.sleep(0)
  }
  return import('./table.ts')
}
