// Which deliveries an operator means, found page by page however long the queue is, and how one is shown. QU-11
import { formatAddress, formatPath } from '#/message/address.ts'
import { replyText } from '#/message/reply.ts'
import type { QueuePageQuery } from '#/storage/queue-pages.ts'
import { isFinished, openStates, type DeliveryRow, type DeliveryState, type Queue } from '#/storage/queue.ts'
import { z } from 'zod'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

const state = z.enum(['waiting', 'leased', 'held', 'delivered', 'failed', 'dropped'])
export const selectionFields = {
  /** These deliveries and no others: what a page has shown. */
  ids: z.array(z.string().max(40)).min(1).max(1000).optional(),
  /** A key of a message, the id of a delivery, or text in an address or the last answer. */
  what: z.string().min(1).optional(),
  destination: z.string().optional(),
  olderMs: z.number().min(0).optional(),
  /** In the last answer, or in the words why it is held. */
  reason: z.string().min(1).optional(),
  /** The reason of a group, as `queue.groups` names it. */
  group: z.string().max(1000).optional(),
  sender: z.string().min(1).max(200).optional(),
  recipient: z.string().min(1).max(200).optional(),
  state: state.optional(),
  finished: z.boolean().default(false),
}
const selectionSchema = z.strictObject(selectionFields)
export type Selection = z.infer<typeof selectionSchema>

/** Deliveries that are read at once. */
export const pageRows = 500
const key = /^[0-9a-hjkmnp-tv-z]{26}(?:-\d{5})?$/
const finishedStates: readonly DeliveryState[] = ['delivered', 'failed', 'dropped']

/** In the order of their acceptance; finished ones newest first. */
export async function* selected(context: Context, selection: Selection): AsyncGenerator<DeliveryRow[]> {
  const { queue } = context.store
  const { what, reason, ids } = selection
  const states = statesOf(selection)
  const fits = (row: DeliveryRow): boolean => states.includes(row.state) && (reason === undefined || gives(row, reason))
  if (ids !== undefined) return yield* named(queue, ids, fits)
  if (what !== undefined && key.test(what)) {
    const rows = await queue.ofMessage(what.slice(0, 26))
    return yield rows.filter((row) => (row.id === what || row.message === what) && fits(row))
  }
  for await (const rows of pages(queue, { ...filterOf(selection, context.world.clock.now()), states })) {
    const fitting = rows.filter(fits)
    if (fitting.length > 0) yield fitting
  }
}

async function* named(
  queue: Queue,
  ids: readonly string[],
  fits: (row: DeliveryRow) => boolean,
): AsyncGenerator<DeliveryRow[]> {
  const wanted = new Set(ids)
  const rows: DeliveryRow[] = []
  for (const message of new Set(ids.map((id) => id.slice(0, 26))))
    rows.push(...(await queue.ofMessage(message)).filter((row) => wanted.has(row.id) && fits(row)))
  if (rows.length > 0) yield rows
}

/** A message that is named is shown whole. */
function statesOf({ what, state: one, finished }: Selection): readonly DeliveryState[] {
  if (one !== undefined) return [one]
  if (what !== undefined && key.test(what)) return [...openStates, ...finishedStates]
  return finished ? finishedStates : openStates
}

type Filter = Omit<QueuePageQuery, 'states' | 'order' | 'after'>

export function filterOf({ what, destination, olderMs, group, sender, recipient }: Selection, now: number): Filter {
  return {
    limit: pageRows,
    ...(group !== undefined && { reason: group }),
    ...(sender !== undefined && { sender }),
    ...(recipient !== undefined && { recipient }),
    ...(what !== undefined && { text: what }),
    ...(destination !== undefined && { destination: destination.toLowerCase() }),
    ...(olderMs !== undefined && { acceptedBefore: now - olderMs }),
  }
}

async function* pages(
  queue: Queue,
  filter: Filter & { readonly states: readonly DeliveryState[] },
): AsyncGenerator<DeliveryRow[]> {
  const isOpen = !filter.states.some(isFinished)
  for (let after: string | undefined; ;) {
    const page = { ...filter, ...(after !== undefined && { after }) }
    const rows = await (isOpen ? queue.pages.page({ ...page, order: 'oldest' }) : queue.find(page))
    if (rows.length > 0) yield rows
    if (rows.length < filter.limit) return
    after = rows.at(-1)!.id
  }
}

export const gives = ({ lastReply, memo }: DeliveryRow, reason: string): boolean =>
  `${lastReply === null ? '' : replyText(lastReply)} ${memo.hold?.why ?? ''}`
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
export function assertNamed(selection: Selection, all: boolean): void {
  if (!all && Object.entries(selection).every(([name, one]) => name === 'finished' || one === undefined))
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
    lastReply: row.lastReply === null ? null : replyText(row.lastReply),
    waitsFor: waitsFor(row) ?? (is === 'waiting' ? closed : null),
  }
}

function waitsFor({ memo, attempts }: DeliveryRow): string | null {
  if (memo.hold) return `${memo.hold.why} (${memo.hold.by})`
  return memo.laterAt !== undefined && attempts === 0 ? 'its time' : null
}
