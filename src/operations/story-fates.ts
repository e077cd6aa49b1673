// What became of a message, recipient by recipient: as one line of a list, and as the sentence above its story. Pure.
import { formatAddress } from '#/message/address.ts'
import type { DeliveryRow } from '#/storage/queue.ts'
import type { TraceEvent } from '#/storage/store.ts'
import { refusalOf } from './story-refusals.ts'
import { named, said, text, texts, type StoryShape } from './story-step.ts'
import type { Said } from './story-words.ts'

export type Fate = 'delivered' | 'waiting' | 'held' | 'sending' | 'failed' | 'dropped'
export type RecipientFate = {
  readonly to: string
  readonly is: Fate
  readonly attempts: number
  /** When it ended; of one that waits, the next try. */
  readonly at: number
}
export type Fates = {
  readonly recipients: readonly RecipientFate[]
  readonly mailboxes: readonly string[]
  readonly discarded: boolean
}

const fateOf: ReadonlyMap<string, Fate> = new Map([
  ['delivered', 'delivered'],
  ['deferred', 'waiting'],
  ['interrupted', 'waiting'],
  ['failed', 'failed'],
  ['bounced', 'failed'],
  ['held', 'held'],
  ['released', 'waiting'],
  ['retried', 'waiting'],
  ['rerouted', 'waiting'],
  ['dropped', 'dropped'],
  ['notice-withheld', 'dropped'],
])

/** By the events alone; with the rows of the queue what is open is as it is now. */
export function fatesOf(events: readonly TraceEvent[], rows: readonly DeliveryRow[] = []): Fates {
  const recipients = new Map<string, RecipientFate>()
  const mailboxes = new Set<string>()
  let discarded = false
  for (const { step, at, to, detail } of events) {
    for (const one of texts(detail['queuedFor'])) recipients.set(one, { to: one, is: 'waiting', attempts: 0, at })
    for (const one of texts(detail['storedIn'])) mailboxes.add(one)
    discarded ||= texts(detail['discardedFor']).length > 0
    const is = fateOf.get(step)
    if (is === undefined) continue
    const next = Number(detail['nextAttemptAt'] ?? at)
    for (const one of to) {
      if (step === 'rerouted' && recipients.get(one)?.is === 'held') continue // it stays held: by-hand.ts
      const attempts = Number(detail['attempt'] ?? recipients.get(one)?.attempts ?? 0)
      recipients.set(one, { to: one, is, attempts, at: is === 'waiting' ? next : at })
    }
  }
  for (const row of rows) if (row.finishedAt === null) recipients.set(formatAddress(row.to), openFate(row))
  return { recipients: [...recipients.values()], mailboxes: [...mailboxes], discarded }
}

function openFate({ to, state, attempts, memo, dueAt }: DeliveryRow): RecipientFate {
  const is = state === 'held' ? 'held' : state === 'leased' ? 'sending' : 'waiting'
  return { to: formatAddress(to), is, attempts, at: memo.retryAt ?? dueAt }
}

export type RowState = { readonly shape: StoryShape; readonly state: Said }
const row = (shape: StoryShape, state: Said): RowState => ({ shape, state })

/** One line for the whole: what needs somebody comes before what is done. */
export function rowState(events: readonly TraceEvent[], fates = fatesOf(events)): RowState {
  const { recipients, mailboxes, discarded } = fates
  const are = (is: Fate): readonly RecipientFate[] => recipients.filter((one) => one.is === is)
  const [waiting, held, sending, failed] = [are('waiting'), are('held'), are('sending'), are('failed')]
  const delivered = are('delivered')
  if (failed.length > 0 && delivered.length + mailboxes.length > 0)
    return row('problem', said('row-partly', { delivered: delivered.length + mailboxes.length, failed: failed.length }))
  if (failed.length > 0) return row('problem', said('row-failed'))
  if (held.length > 0) return row('held', said('row-held'))
  if (waiting.length > 0) return row('wait', waitingState(waiting))
  if (sending.length > 0) return row('now', said('row-sending'))
  if (delivered.length > 0) {
    const attempt = Math.max(...delivered.map(({ attempts }) => attempts))
    return row('ok', attempt > 1 ? said('row-delivered-try', { attempt }) : said('row-delivered'))
  }
  if (mailboxes.length > 1) return row('ok', said('row-stored-many', { count: mailboxes.length }))
  if (mailboxes.length === 1) return row('ok', said('row-stored', { mailbox: mailboxes[0]! }))
  if (events.some(({ step }) => step === 'notice-withheld')) return row('off', said('row-withheld'))
  if (are('dropped').length > 0) return row('off', said('row-dropped'))
  return discarded ? row('off', said('row-discarded')) : sessionState(events)
}

function waitingState(waiting: readonly RecipientFate[]): Said {
  const attempts = Math.max(...waiting.map((one) => one.attempts))
  const nextAt = Math.min(...waiting.map(({ at }) => at))
  return attempts === 0 ? said('row-waiting-first', { nextAt }) : said('row-waiting', { attempts, nextAt })
}

/** A story that is no message's. */
function sessionState(events: readonly TraceEvent[]): RowState {
  const event = events[0]
  const { step = '', to = [], detail = {}, client = null } = event ?? {}
  const count = Number(detail['messages'] ?? texts(detail['stored']).length)
  switch (step) {
    case 'refused':
      if (typeof detail['more'] === 'number') return row('off', said('refused-more', { count: detail['more'] }))
      return row(detail['user'] ? 'problem' : 'off', said(refusalOf(text(detail['reply'])), { client: client ?? '' }))
    case 'read':
      return row('ok', said('row-read', { count }))
    case 'deleted':
      return row('off', said('row-deleted'))
    case 'removed-remotely':
      return row('off', said('row-removed'))
    case 'login-failed':
      return row('problem', said('row-login-failed'))
    case 'mailbox-filling':
    case 'mailbox-full':
      return row('problem', said('row-mailbox-full', { mailbox: to[0] ?? '' }))
    default:
      return row('off', said('row-other', { step }))
  }
}

const namedMax = 4

/** `later`: steps of other stories that tell of this one. */
export function summary(events: readonly TraceEvent[], fates: Fates, later: readonly TraceEvent[]): Said[] {
  const [first] = events
  if (first?.step === 'refused') return [said('sum-refused')]
  const tookFrom = first?.at ?? 0
  const shown = fates.recipients.filter(({ is }) => is !== 'delivered')
  const delivered = fates.recipients.filter(({ is }) => is === 'delivered')
  const told = later.some(({ step, detail }) => step === 'notified' && detail['kind'] === 'failed')
  return [
    ...(delivered.length > namedMax
      ? [said('sum-many', { count: delivered.length })]
      : delivered.map((one) => recipientSentence(one, tookFrom))),
    ...fates.mailboxes.slice(0, namedMax).map((mailbox) => mailboxSentence(mailbox, later)),
    ...grouped(shown).map((one) => recipientSentence(one, tookFrom)),
    ...(told ? [said('sum-told')] : []),
  ]
}

/** Those who wait or failed alike are one sentence. */
function grouped(fates: readonly RecipientFate[]): RecipientFate[] {
  const alike = Map.groupBy(fates, ({ is, attempts }) => `${is} ${attempts}`)
  return [...alike.values()].map((group) => ({
    ...group[0]!,
    to: named(group.map(({ to }) => to)),
    at: Math.min(...group.map(({ at }) => at)),
  }))
}

function recipientSentence({ to, is, attempts, at }: RecipientFate, from: number): Said {
  switch (is) {
    case 'delivered':
      return attempts > 1
        ? said('sum-tries', { to, tookMs: at - from, attempt: attempts })
        : said('sum-at-once', { to })
    case 'waiting':
      return attempts === 0
        ? said('sum-waiting-first', { to, nextAt: at })
        : said('sum-waiting', { to, attempts, nextAt: at })
    case 'held':
      return said('sum-held', { to })
    case 'sending':
      return said('sum-sending', { to })
    case 'failed':
      return said('sum-failed', { to })
    case 'dropped':
      return said('sum-dropped', { to })
  }
}

function mailboxSentence(mailbox: string, later: readonly TraceEvent[]): Said {
  const saw = (name: string): boolean => later.some(({ step, to }) => step === name && to[0] === mailbox)
  if (saw('deleted')) return said('sum-deleted', { mailbox })
  return said(saw('read') ? 'sum-read' : 'sum-stored', { mailbox })
}
