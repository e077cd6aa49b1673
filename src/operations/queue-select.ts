// Which deliveries an operator means, found page by page however long the queue is, and how one is shown. QU-11
import { formatAddress, formatPath } from '#/message/address.ts'
import { formatReply } from '#/message/reply.ts'
import { openStates, type DeliveryFilter, type DeliveryRow, type DeliveryState, type Queue } from '#/storage/queue.ts'
import { z } from 'zod'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

const state = z.enum(['waiting', 'leased', 'held', 'delivered', 'failed', 'dropped'])
export const selectionFields = {
  /** A key of a message, the id of a delivery, or text in an address or the last answer. */
  what: z.string().min(1).optional(),
  destination: z.string().optional(),
  olderMs: z.number().min(0).optional(),
  /** In the last answer, or in the words why it is held. */
  reason: z.string().min(1).optional(),
  state: state.optional(),
  finished: z.boolean().default(false),
}
const selectionSchema = z.strictObject(selectionFields)
export type Selection = z.infer<typeof selectionSchema>

const pageRows = 500
const key = /^[0-9a-hjkmnp-tv-z]{26}(?:-\d{5})?$/
const finishedStates: readonly DeliveryState[] = ['delivered', 'failed', 'dropped']

/** In the order of their acceptance; finished ones newest first. */
export async function* selected(context: Context, selection: Selection): AsyncGenerator<DeliveryRow[]> {
  const { queue } = context.store
  const { what, reason } = selection
  const states = statesOf(selection)
  const fits = (row: DeliveryRow): boolean => states.includes(row.state) && (reason === undefined || gives(row, reason))
  if (what !== undefined && key.test(what)) {
    const rows = await queue.ofMessage(what.slice(0, 26))
    return yield rows.filter((row) => (row.id === what || row.message === what) && fits(row))
  }
  for await (const rows of pages(queue, { ...filterOf(selection, context.world.clock.now()), states })) {
    const fitting = rows.filter(fits)
    if (fitting.length > 0) yield fitting
  }
}

/** A message that is named is shown whole. */
function statesOf({ what, state: one, finished }: Selection): readonly DeliveryState[] {
  if (one !== undefined) return [one]
  if (what !== undefined && key.test(what)) return [...openStates, ...finishedStates]
  return finished ? finishedStates : openStates
}

function filterOf({ what, destination, olderMs }: Selection, now: number): DeliveryFilter {
  return {
    limit: pageRows,
    ...(what !== undefined && { text: what }),
    ...(destination !== undefined && { destination: destination.toLowerCase() }),
    ...(olderMs !== undefined && { acceptedBefore: now - olderMs }),
  }
}

async function* pages(queue: Queue, filter: DeliveryFilter): AsyncGenerator<DeliveryRow[]> {
  for (let after: string | undefined; ;) {
    const rows = await queue.find({ ...filter, ...(after !== undefined && { after }) })
    if (rows.length > 0) yield rows
    if (rows.length < filter.limit) return
    after = rows.at(-1)!.id
  }
}

const gives = ({ lastReply, memo }: DeliveryRow, reason: string): boolean =>
  `${lastReply === null ? '' : formatReply(lastReply)} ${memo.hold?.why ?? ''}`
    .toLowerCase()
    .includes(reason.toLowerCase())

/** Counting stops here: more are many. */
export const countMax = 10_000

export async function countSelected(context: Context, selection: Selection): Promise<number> {
  let count = 0
  for await (const rows of selected(context, selection)) {
    count += rows.length
    if (count > countMax) break
  }
  return count
}

/** Nothing named would mean everything: that must be said. */
export function assertNamed({ what, destination, olderMs, reason, state: one }: Selection, all: boolean): void {
  if (all || what !== undefined || one !== undefined) return
  if (destination === undefined && olderMs === undefined && reason === undefined)
    throw new OperationError('Name a message, an address or a destination, or say --all')
}

export type ShownDelivery = {
  readonly id: string
  readonly message: string
  readonly from: string
  readonly to: string
  readonly state: DeliveryState
  readonly attempts: number
  readonly priority: number
  readonly acceptedAt: number
  readonly sizeBytes: number
  readonly allowedBy: string
  readonly nextAttemptAt: number | null
  readonly finishedAt: number | null
  readonly via: string | null
  readonly lastReply: string | null
  /** Why it does not move: a hold, a chosen time, what the operator must mend. */
  readonly waitsFor: string | null
}

/** `closed`: why nothing is sent at all, in words. */
export function shownDelivery(row: DeliveryRow, closed: string | null): ShownDelivery {
  const { id, message, state: is, attempts, priority, acceptedAt, sizeBytes, allowedBy, finishedAt, memo } = row
  return {
    id,
    message,
    from: formatPath(row.from),
    to: formatAddress(row.to),
    state: is,
    attempts,
    priority,
    acceptedAt,
    sizeBytes,
    allowedBy,
    nextAttemptAt: is === 'waiting' ? (memo.retryAt ?? row.dueAt) : null,
    finishedAt,
    via: memo.via ?? null,
    lastReply: row.lastReply === null ? null : formatReply(row.lastReply).trimEnd(),
    waitsFor: waitsFor(row) ?? (is === 'waiting' ? closed : null),
  }
}

function waitsFor({ memo, attempts }: DeliveryRow): string | null {
  if (memo.hold) return `${memo.hold.why} (${memo.hold.by})`
  return memo.laterAt !== undefined && attempts === 0 ? 'its time' : null
}
