// The queue as people look at it: page by page in the order of acceptance, in groups that wait for the same, and what is over.
// Used by operations.
import type { Instant } from '#/world/world.ts'
import type { DeliveryRow, DeliveryState } from './queue.ts'

export type QueueOrder = 'oldest' | 'newest'
export type QueuePageQuery = {
  readonly states: readonly DeliveryState[] // open ones
  readonly order: QueueOrder
  readonly destination?: string
  /** As a group of `reason` names it. */
  readonly reason?: string
  /** In the address of the sender or the recipient, or the last reply. */
  readonly text?: string
  readonly sender?: string
  readonly recipient?: string
  readonly acceptedBefore?: Instant
  /** The id of the last row of the page before. */
  readonly after?: string
  readonly limit: number
}
/** What waits or is held for one destination, or for one reason; and what is under way there. */
export type QueueGroup = {
  readonly key: string
  readonly waiting: number
  readonly deferred: number // of those that wait: tried before
  readonly held: number
  readonly leased: number
  readonly bytes: number
  readonly oldestAcceptedAt: Instant
  readonly nextDueAt: Instant | null
  /** The one whose turn comes first. */
  readonly sample: DeliveryRow | null
}
export type FinishedQuery = {
  readonly states: readonly DeliveryState[] // finished ones
  readonly text?: string
  readonly after?: { readonly at: Instant; readonly id: string }
  readonly limit: number
}

export interface QueuePages {
  page(query: QueuePageQuery): Promise<DeliveryRow[]>
  /** Those with most deliveries first. */
  groups(by: 'destination' | 'reason', limit: number): Promise<QueueGroup[]>
  /** The last one first. */
  finished(query: FinishedQuery): Promise<DeliveryRow[]>
}
