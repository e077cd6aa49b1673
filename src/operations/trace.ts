// Where did my mail go, and why? The trace searched by anything it says, one row a message, and the story of one. The owner of
// a mailbox gets the stories that it took part in, and of them their part.
import { z } from 'zod'
import { formatAddress, parseAddress } from '#/message/address.ts'
import type { TraceEvent } from '#/storage/store.ts'
import type { StoryQuery } from '#/storage/stories.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { fatesOf, rowState, summary, type RowState } from './story-fates.ts'
import type { StoryStep } from './story-step.ts'
import { mentioned, stepsOf } from './story-steps.ts'
import { plannedSteps } from './story-tries.ts'
import { noticeSteps, partIn, viewOf, type Viewer } from './story-view.ts'
import type { Said } from './story-words.ts'

const part = z.string().min(1).max(200)
export const searchRequest = z.strictObject({
  /** Any words: an address, a subject, a Message-ID, a client, a part of a reply. */
  text: part.optional(),
  who: part.optional(),
  subject: part.optional(),
  id: part.optional(),
  client: part.optional(),
  step: part.optional(),
  fate: z.enum(['delivered', 'waiting', 'failed', 'refused']).optional(),
  mailbox: part.optional(),
  from: z.number().optional(),
  until: z.number().optional(),
  after: z.string().max(40).optional(),
  limit: z.int().min(1).max(200).default(50),
})
export const storyRequest = z.strictObject({ ref: z.string().min(1).max(100) })

export type TraceRow = RowState & {
  readonly ref: string
  readonly at: number
  readonly lastAt: number
  readonly from: string | null
  readonly to: readonly string[]
  readonly toCount: number
  readonly subject: string | null
  readonly client: string | null
  readonly step: string
  readonly events: number
}
export type TracePage = { readonly rows: readonly TraceRow[]; readonly next: string | null; readonly indexing: boolean }

const shownTo = 3

export async function search(context: Context, request: z.infer<typeof searchRequest>): Promise<TracePage> {
  const query = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined)) as StoryQuery // the same names
  const { stories, next, indexing } = await context.store.stories.search(query)
  const viewer = viewerOf(context)
  const rows = stories.flatMap(({ ref, events, eventCount }): TraceRow[] => {
    const seen = viewer ? viewOf(events, viewer) : events
    return seen.length === 0 ? [] : [rowOf(ref, seen, viewer ? seen.length : eventCount)]
  })
  return { rows, next, indexing }
}

function rowOf(ref: string, events: readonly TraceEvent[], count: number): TraceRow {
  const first = events[0]!
  const to = [...new Set(first.to.length > 0 ? first.to : events.flatMap((event) => event.to))]
  return {
    ref,
    at: first.at,
    lastAt: events.at(-1)!.at,
    from: first.from,
    to: to.slice(0, shownTo),
    toCount: to.length,
    subject: events.find(({ subject }) => subject !== null)?.subject ?? null,
    client: first.client,
    step: first.step,
    events: count,
    ...rowState(events),
  }
}

export type OpenDelivery = {
  readonly id: string
  readonly to: string
  readonly state: 'waiting' | 'leased' | 'held'
}
export type ShownStory = TraceRow & {
  readonly messageId: string | null
  readonly sizeBytes: number | null
  readonly summary: readonly Said[]
  readonly steps: readonly StoryStep[]
  /** What can be acted upon. */
  readonly open: readonly OpenDelivery[]
  /** Where the message still is. */
  readonly kept: readonly { readonly mailbox: string; readonly uid: number }[]
}

const eventsMax = 2000
const mentionsMax = 50

export async function story(context: Context, { ref }: z.infer<typeof storyRequest>): Promise<ShownStory> {
  const { store, settings, world } = context
  const key = ref.replace(/-\d{5}$/, '') // the id of a delivery is fine
  const viewer = viewerOf(context)
  const all = await store.stories.story(key, eventsMax)
  const events = viewer ? viewOf(all, viewer) : all
  if (events.length === 0) throw new OperationError(`Nothing is known of ${ref}: it may be older than the trace`)
  const isAll = !viewer || partIn(all, viewer.mailbox) === 'sender'
  const rows = isAll ? (await store.queue.ofMessage(key)).filter(({ finishedAt }) => finishedAt === null) : []
  const later = await laterOf(context, key, viewer && { ...viewer, isAll })
  const fates = fatesOf(events, rows)
  const steps = [...stepsOf(events), ...later.flatMap((event) => mentioned(event, key) ?? [])].toSorted(
    (a, b) => a.at - b.at,
  )
  const planned = plannedSteps(rows, settings.now().mailRelay, world.clock.now())
  return {
    ...rowOf(key, events, events.length),
    ...rowState(events, fates),
    to: [...new Set([...events[0]!.to, ...fates.recipients.map(({ to }) => to)])].slice(0, eventsMax),
    messageId: events.find(({ messageId }) => messageId !== null)?.messageId ?? null,
    sizeBytes: events.map(({ detail }) => detail['sizeBytes']).find((size) => typeof size === 'number') ?? null,
    summary: summary(events, fates, later),
    steps: [...steps, ...planned].map((one) => (viewer ? { ...one, event: null } : one)),
    open: rows.map(({ id, to, state }) => ({ id, to: formatAddress(to), state: state as OpenDelivery['state'] })), // not finished
    kept: await keptIn(context, key, fates.mailboxes),
  }
}

/** Events of other stories that tell of this one. */
async function laterOf(
  { store }: Context,
  ref: string,
  viewer: { readonly mailbox: string; readonly isAll: boolean } | null,
): Promise<TraceEvent[]> {
  const events = (await store.stories.mentions(ref, mentionsMax)).flatMap((one) => one.events)
  if (!viewer) return events
  return events.filter(({ step, to }) =>
    noticeSteps.has(step) ? viewer.isAll : to.length === 1 && to[0] === viewer.mailbox,
  )
}

const keptMax = 5

async function keptIn({ store, directory }: Context, ref: string, mailboxes: readonly string[]) {
  const kept: { mailbox: string; uid: number }[] = []
  for (const name of mailboxes.slice(0, keptMax)) {
    const id = directory.mailbox(name)?.id
    const uid = id === undefined ? null : await store.uidOf(id, ref)
    if (uid !== null) kept.push({ mailbox: name, uid })
  }
  return kept
}

function viewerOf({ actor, directory }: Context): Viewer | null {
  if (actor?.role !== 'owner') return null
  const mailbox = actor.mailbox ?? ''
  const leadsHere = (address: string): boolean => {
    const parsed = parseAddress(address)
    if (!parsed.ok) return false
    const found = directory.resolve(parsed.value)
    return found.is === 'local' && found.mailboxes.some(({ name }) => name === mailbox)
  }
  return { mailbox, leadsHere }
}
