// The queue as the page shows it: groups that wait for the same, their deliveries page by page, and what is over.
import { z } from 'zod'
import type { RefusalKind } from '#/mail-relay/classify.ts'
import { classify } from '#/mail-relay/classify.ts'
import { isFinished, openStates, type DeliveryRow, type DeliveryState } from '#/storage/queue.ts'
import type { QueueGroup } from '#/storage/queue-pages.ts'
import { replyText } from '#/message/reply.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { counted } from './queue-counted.ts'
import { closedBy } from './queue.ts'
import { filterOf, gives, selectionFields, shownDelivery, type ShownDelivery } from './queue-select.ts'

const { destination, group, sender, recipient, olderMs, reason } = selectionFields
const limit = z.int().min(1).max(500).default(100)
export const pageRequest = z.strictObject({
  destination,
  group,
  sender,
  recipient,
  olderMs,
  reason,
  /** In an address or the last answer. */
  text: z.string().min(1).max(200).optional(),
  state: z.enum(['waiting', 'leased', 'held']).optional(),
  order: z.enum(['oldest', 'newest']).default('oldest'),
  after: z.string().max(40).optional(),
  limit,
})
export const groupsRequest = z.strictObject({
  by: z.enum(['destination', 'reason']).default('destination'),
  limit: z.int().min(1).max(1000).default(200),
})
export const finishedRequest = z.strictObject({
  text: z.string().min(1).max(200).optional(),
  state: z.enum(['delivered', 'failed', 'dropped']).optional(),
  after: z.string().max(60).optional(),
  limit,
})

/** What a delivery or a group waits for, in a word for which the page has words. */
export type Standing =
  | 'sending'
  | 'held'
  | 'needs-you'
  | 'scheduled'
  | 'first-try'
  | 'unreachable'
  | 'greylisted'
  | 'slowed'
  | 'refuses-us'
  | 'asks-to-wait'

export type QueueRow = ShownDelivery & {
  readonly subject: string | null
  readonly standing: Standing
  readonly ref: string
}
export type QueuePage = { readonly rows: readonly QueueRow[]; readonly next: string | null }

export async function page(context: Context, request: z.infer<typeof pageRequest>): Promise<QueuePage> {
  const { text, state, order, after, limit: max, reason: words, ...chosen } = request
  const states: readonly DeliveryState[] = state === undefined ? openStates : [state]
  const filter = filterOf({ ...chosen, what: text, finished: false }, context.world.clock.now())
  const asked = { ...filter, states, order, ...(after !== undefined && { after }), limit: max + 1 }
  const found = await context.store.queue.pages.page(asked)
  const fitting = words === undefined ? found : found.filter((row) => gives(row, words))
  return paged(context, fitting.slice(0, max), found.length > max ? found[max - 1]!.id : null)
}

export async function finished(context: Context, request: z.infer<typeof finishedRequest>): Promise<QueuePage> {
  const { text, state, after, limit: max } = request
  const states: readonly DeliveryState[] = state === undefined ? ['delivered', 'failed', 'dropped'] : [state]
  const behind = after === undefined ? undefined : cursorOf(after)
  const asked = { states, limit: max + 1, ...(text !== undefined && { text }), ...(behind && { after: behind }) }
  const found = await context.store.queue.pages.finished(asked)
  const last = found[max - 1]
  const next = found.length > max && last ? `${last.finishedAt}.${last.id}` : null
  return paged(context, found.slice(0, max), next)
}

function cursorOf(after: string): { at: number; id: string } {
  const [, at, id] = /^(\d{1,16})\.(\S+)$/.exec(after) ?? []
  if (at === undefined) throw new OperationError('after: give what the page before answered as next')
  return { at: Number(at), id: id! }
}

async function paged(context: Context, found: readonly DeliveryRow[], next: string | null): Promise<QueuePage> {
  const { stories } = context.store
  const subjects = await stories.subjects([...new Set(found.map(({ message }) => message))])
  const closed = closedBy(context.settings.now().mailRelay)
  const rows = found.map((row) => ({
    ...shownDelivery(row, closed),
    ref: row.message,
    subject: subjects.get(row.message) ?? null,
    standing: standingOf(row),
  }))
  return { rows, next }
}

export type ShownGroup = Omit<QueueGroup, 'sample'> & { readonly standing: Standing; readonly said: string | null }
export type QueueGroups = {
  readonly paused: boolean
  /** The queue has moved since this was counted: ask again in a moment. */
  readonly stale: boolean
  /** Why nothing is sent at all, in words. */
  readonly closed: string | null
  readonly waiting: number
  readonly deferred: number
  readonly leased: number
  readonly held: number
  readonly oldestAcceptedAt: number | null
  readonly groups: readonly ShownGroup[]
}

export async function groups(context: Context, asked: z.infer<typeof groupsRequest>): Promise<QueueGroups> {
  const { mailRelay } = context.settings.now()
  const { figures, groups: found, stale } = await counted(context, asked)
  return { paused: mailRelay.paused, closed: closedBy(mailRelay), stale, ...figures, groups: found.map(shownGroup) }
}

function shownGroup({ sample, ...group }: QueueGroup): ShownGroup {
  const said = sample?.memo.hold?.why ?? (sample?.lastReply ? replyText(sample.lastReply) : null)
  const all = group.waiting + group.held + group.leased
  const standing = group.leased === all || !sample ? 'sending' : standingOf(sample)
  return { ...group, said, standing }
}

const byKind: ReadonlyMap<RefusalKind, Standing> = new Map([
  ['greylist', 'greylisted'],
  ['rate', 'slowed'],
  ['about-us', 'refuses-us'],
])

export function standingOf({ state, memo, attempts, lastReply }: DeliveryRow): Standing {
  if (state === 'leased') return 'sending'
  if (state === 'held') return 'held'
  if (memo.hold) return 'needs-you'
  if (attempts === 0) return memo.laterAt === undefined ? 'first-try' : 'scheduled'
  if (lastReply === null || isFinished(state)) return 'asks-to-wait'
  if (lastReply.status?.startsWith('4.4.')) return 'unreachable'
  return byKind.get(classify(lastReply, 'rcpt')) ?? 'asks-to-wait'
}
