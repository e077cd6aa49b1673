// Once a day, what failed and what waits, as a mail to the postmaster's mailbox. Started by main. Its key is made of the day,
// so that a restart finds it in the trace and sends none twice. DS-11
import { prepareOwn } from '#/intake/own.ts'
import { ownerOf } from '#/mail-relay/server.ts'
import { composeText } from '#/message/compose.ts'
import { messageKey, type MessageKey } from '#/message/key.ts'
import { cutText } from '#/message/printable.ts'
import type { DeliveryRow, DestinationFigures, QueueFigures } from '#/storage/queue.ts'
import type { Context } from './context.ts'
import { failedByTrace } from './digest-trace.ts'
import { pageRows, selected, shownDelivery, type ShownDelivery } from './queue-select.ts'
import { addressOf } from './send.ts'

const lookEveryMs = 60_000
const dayMs = 86_400_000
const linesMax = 50
const destinationsMax = 20

export function openDigest(context: Context): Disposable {
  const { world, settings } = context
  let lookedAtDay = -1
  return world.clock.every(lookEveryMs, () => {
    const day = Math.floor(world.clock.now() / dayMs)
    if (!settings.now().mailRelay.digest || day === lookedAtDay) return
    lookedAtDay = day
    sendDigest(context, day).catch((error: unknown) => world.log.error('digest', { error }))
  })
}

/** Of the day before, in UTC. False: it was sent already, or there is nothing to tell or nobody to tell it to. */
export async function sendDigest(context: Context, day: number): Promise<boolean> {
  const { store, settings, directory, resolver, world, hostname } = context
  const key = digestKey(day)
  const mailbox = ownerOf({ directory, settingsNow: settings.now }, null)
  if (mailbox === null || (await store.trace({ ref: key, limit: 1 })).length > 0) return false
  const facts = await gather(context, day * dayMs - dayMs)
  if (isNothing(facts)) return false
  const octets = written(context, digestText(facts), key)
  const intake = { store, directory, resolver, settingsNow: settings.now, world, hostname }
  const mail = { key, from: null, to: [], mailboxes: [mailbox], octets, by: 'digest', step: 'sent' }
  const { acceptance } = await prepareOwn(intake, mail)
  if (acceptance === null) return false
  await store.accept(acceptance)
  return true
}

const isNothing = ({ failed, withheld, held, figures }: DigestFacts): boolean =>
  failed.length + withheld + held.length + figures.deferred === 0

const mark = Buffer.from('the digest') // in place of the ten random octets of a key
export const digestKey = (day: number): MessageKey => messageKey(day * dayMs, mark)

/** For one recipient. */
export type Failed = Pick<ShownDelivery, 'from' | 'to' | 'lastReply' | 'message'>
/** What ended without being delivered. */
export type Ended = {
  readonly failed: readonly Failed[]
  /** More failed than were looked at. */
  readonly more: boolean
  /** Notices that nobody was mailed, because their reader may have written nothing. DS-13 */
  readonly withheld: number
}
export type DigestFacts = Ended & {
  readonly figures: QueueFigures
  readonly destinations: readonly DestinationFigures[]
  readonly held: readonly ShownDelivery[]
}

async function gather(context: Context, since: number): Promise<DigestFacts> {
  const { queue } = context.store
  const isKept = context.settings.now().mailRelay.keepFinishedDays > 0
  const [figures, destinations] = await Promise.all([queue.figures(), queue.summary(destinationsMax)])
  const ended = isKept ? await failedByQueue(context, since) : await failedByTrace(context, since)
  return { ...ended, figures, destinations, held: (await firstOf(context, 'held')).map(shown) }
}

async function failedByQueue(context: Context, since: number): Promise<Ended> {
  const lately = ({ finishedAt }: DeliveryRow): boolean => finishedAt !== null && finishedAt >= since
  const failed = (await firstOf(context, 'failed')).filter(lately).map(shown)
  const dropped = (await firstOf(context, 'dropped')).filter((row) => lately(row) && row.memo.stranger !== undefined)
  return { failed, more: failed.length === pageRows, withheld: dropped.length }
}

const shown = (row: DeliveryRow): ShownDelivery => shownDelivery(row, null)

/** The first page is enough: a digest is no archive. */
async function firstOf(context: Context, state: 'failed' | 'dropped' | 'held'): Promise<readonly DeliveryRow[]> {
  for await (const rows of selected(context, { state, finished: false })) return rows
  return []
}

export function digestText({ figures, destinations, failed, more, withheld, held }: DigestFacts): string {
  const { waiting, deferred } = figures
  const slow = destinations.filter((row) => row.deferred > 0)
  return [
    `Failed in the last day: ${failed.length}${more ? ' or more' : ''}. Held: ${figures.held}. Waiting: ${waiting}, ${deferred} of them after an attempt.`,
    ...(withheld > 0 ? [`Confirmations not mailed, because the sender may be forged: ${withheld}.`] : []),
    ...part('Failed', failed, (row) => `${row.from} to ${row.to}: ${flat(row.lastReply)} [${row.message}]`),
    ...part('Held', held, (row) => `${row.from} to ${row.to}: ${flat(row.waitsFor)} [${row.message}]`),
    ...part('Waiting after an attempt', slow, (row) => `${row.destination}: ${row.deferred}`),
    '',
    'netcruiser queue list and netcruiser trace KEY tell more.',
  ].join('\n')
}

function part<T>(title: string, rows: readonly T[], line: (row: T) => string): string[] {
  if (rows.length === 0) return []
  const more = rows.length > linesMax ? [`  and ${rows.length - linesMax} more`] : []
  return ['', `${title}:`, ...rows.slice(0, linesMax).map((row) => `  ${line(row)}`), ...more]
}

const flat = (text: string | null): string => cutText((text ?? '').replace(/\r\n/g, ' / '), 300)

function written(context: Context, text: string, key: MessageKey): Uint8Array {
  const address = addressOf(context, 'postmaster')
  const composed = composeText({
    from: { name: 'NetCruiser Mail', address },
    to: [{ name: null, address }],
    cc: [],
    subject: `Mail that failed or waits on ${context.hostname}`,
    text,
    attachments: [],
    at: context.world.clock.now(),
    messageId: `<${key}@${context.hostname}>`,
  })
  if (!composed.ok) throw new Error(composed.problem)
  return composed.value
}
