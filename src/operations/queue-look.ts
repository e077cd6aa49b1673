// The queue in four figures for pages that are open and look again with each change. Counting walks over the whole queue, so an
// answer holds for twenty times as long as it took: however long the queue and however many look, that is a twentieth of a thread.
import type { Context } from './context.ts'

export type QueueLook = {
  readonly open: number
  readonly oldestAt: number | null
  /** Where something was tried and must wait, as far as they are counted. */
  readonly deferredDestinations: number
}
export type QueueLooks = (context: Pick<Context, 'store' | 'world'>) => Promise<QueueLook>

const restShare = 20
const destinationsMax = 100

export function openQueueLooks(): QueueLooks {
  let last: Promise<QueueLook> | null = null
  let goodUntil = 0
  return (context) => {
    const { clock } = context.world
    if (last !== null && clock.now() < goodUntil) return last
    const begun = clock.now()
    goodUntil = Number.POSITIVE_INFINITY // whoever asks meanwhile waits for the same
    last = lookAtQueue(context).finally(() => (goodUntil = clock.now() + restShare * (clock.now() - begun)))
    return last
  }
}

export async function lookAtQueue({ store }: Pick<Context, 'store'>): Promise<QueueLook> {
  const { waiting, leased, held, deferred, oldestAcceptedAt: oldestAt } = await store.queue.figures()
  const destinations = deferred === 0 ? [] : await store.queue.summary(destinationsMax)
  const deferredDestinations = destinations.filter((row) => row.deferred > 0).length
  return { open: waiting + leased + held, oldestAt, deferredDestinations }
}
