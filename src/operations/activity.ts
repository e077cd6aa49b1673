// What is happening now: the last steps of the trace as codes and values, which the page and the command line put into words.
import { z } from 'zod'
import type { TraceEvent } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { sentence, states, type State, type Values } from './status-shapes.ts'

export const activityCodes = [
  'stored',
  'queued',
  'stored-and-queued',
  'refused',
  'refused-more',
  'sent',
  'notified',
  'notice-waits',
  'notice-withheld',
  'away-answered',
  'away-quiet',
  'alert',
  'delivered',
  'deferred',
  'delayed',
  'failed',
  'held',
  'read',
  'deleted',
  'collected',
  'removed-remotely',
  'mailbox-filling',
  'mailbox-full',
  'by-hand',
  'other',
] as const
export type ActivityCode = (typeof activityCodes)[number]

export const activityRequest = z.strictObject({
  /** Only steps that look like this: `problem`, `wait`. */
  state: z.enum(states).optional(),
  limit: z.int().min(1).max(100).default(100),
})
export const activity = z.strictObject({
  /** Names the step, for lists that only add. */
  key: z.string(),
  at: z.number(),
  state: z.enum(states),
  ...sentence.extend({ code: z.enum(activityCodes) }).shape,
  /** Of the story that it belongs to. */
  ref: z.string(),
})
export type Activity = z.infer<typeof activity>

const latestMax = 200

export async function recentActivity(
  { store }: Context,
  { state, limit }: z.infer<typeof activityRequest>,
): Promise<Activity[]> {
  const events = await store.notes.latest(latestMax)
  return events
    .map(activityOf)
    .filter((one) => state === undefined || one.state === state)
    .slice(0, limit)
}

/** What of the details is shown, where it is there. */
type Detail = Partial<Record<'reply' | 'host' | 'account' | 'by', string>> &
  Partial<Record<'storedIn' | 'queuedFor', readonly string[]>> &
  Partial<Record<'sizeBytes' | 'messages' | 'more' | 'nextAttemptAt' | 'percent', number>>

/** Pure. */
export function activityOf(event: TraceEvent): Activity {
  const { ref, at, step, client, from, to, subject } = event
  const detail = event.detail as Detail // as the rooms write it; what has another shape is left out
  const [code, state] = kindOf(step, detail)
  const [first, ...others] = detail.storedIn && code === 'stored' ? detail.storedIn : to
  const values = {
    step,
    client,
    from: bare(from),
    subject,
    to: bare(first),
    others: others.length === 0 ? null : others.length,
    reply: flat(detail.reply),
    ...picked(detail),
  }
  return { key: `${ref} ${at} ${step} ${to[0] ?? ''}`, at, state, code, values: present(values), ref }
}

const picked = ({ host, account, by, sizeBytes, messages, more, percent, nextAttemptAt }: Detail): object => ({
  host,
  account,
  by,
  sizeBytes,
  messages,
  more,
  percent,
  nextAttemptAt,
})

/** A path as the trace has it, without its brackets; the empty one of a bounce stays `<>`. */
const bare = (path: string | null | undefined): string | null | undefined => path?.replace(/^<(.+)>$/, '$1')

const present = (values: Readonly<Record<string, unknown>>): Values =>
  Object.fromEntries(
    Object.entries(values).filter((pair): pair is [string, string | number] =>
      ['string', 'number'].includes(typeof pair[1]),
    ),
  )

const flat = (reply: unknown): string | undefined =>
  typeof reply === 'string' ? reply.replaceAll('\r\n', ' / ').slice(0, 300) : undefined

function kindOf(step: string, { storedIn, queuedFor, more }: Detail): readonly [ActivityCode, State] {
  if (step === 'received') {
    if (storedIn && queuedFor) return ['stored-and-queued', 'ok']
    return queuedFor ? ['queued', 'ok'] : ['stored', 'ok']
  }
  if (step === 'refused') return [more === undefined ? 'refused' : 'refused-more', 'off'] // a stranger is no problem
  return kinds.get(step) ?? ['other', 'off']
}

const kinds: ReadonlyMap<string, readonly [ActivityCode, State]> = new Map([
  ['stored', ['stored', 'ok']],
  ['sent', ['sent', 'ok']],
  ['notified', ['notified', 'off']],
  ['notice-waits', ['notice-waits', 'off']],
  ['notice-withheld', ['notice-withheld', 'off']], // a stranger is no problem
  ['away-answered', ['away-answered', 'off']],
  ['away-quiet', ['away-quiet', 'off']],
  ['alert', ['alert', 'wait']],
  ['delivered', ['delivered', 'ok']],
  ['deferred', ['deferred', 'wait']],
  ['interrupted', ['deferred', 'wait']],
  ['delayed', ['delayed', 'wait']],
  ['failed', ['failed', 'problem']],
  ['held', ['held', 'held']],
  ['read', ['read', 'ok']],
  ['deleted', ['deleted', 'ok']],
  ['collected', ['collected', 'ok']],
  ['removed-remotely', ['removed-remotely', 'ok']],
  ['mailbox-filling', ['mailbox-filling', 'wait']],
  ['mailbox-full', ['mailbox-full', 'problem']],
  ['retried', ['by-hand', 'off']],
  ['released', ['by-hand', 'off']],
  ['rerouted', ['by-hand', 'off']],
  ['edited', ['by-hand', 'off']],
  ['dropped', ['by-hand', 'off']],
  ['bounced', ['by-hand', 'off']],
])
