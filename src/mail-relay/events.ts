// An attempt as rows of the trace: one for each fate, naming its recipients. Pure. Called by attempt.ts.
import { formatAddress, formatPath } from '#/message/address.ts'
import { replyText } from '#/message/reply.ts'
import type { DeliveryRow } from '#/storage/queue.ts'
import type { TraceEvent } from '#/storage/store.ts'
import type { Instant } from '#/world/world.ts'
import type { Outcome } from './outcome.ts'
import type { Settled } from './settle.ts'

export type Told = { readonly row: DeliveryRow; readonly outcome: Outcome; readonly settled: Settled }
export type Circumstances = { readonly at: Instant; readonly because: string; readonly notes: readonly string[] }

export function attemptEvents(told: readonly Told[], circumstances: Circumstances): TraceEvent[] {
  const alike = told.length === 1 ? [told] : [...Map.groupBy(told, kindOf).values()]
  return alike.map((group) => attemptEvent(group, circumstances))
}

/** What a row says is true of each recipient that it names. */
const kindOf = ({ settled, outcome: { host, route, uncertain, hold } }: Told): string =>
  JSON.stringify([settled.is, settled.expired, host, route, uncertain, hold])

function attemptEvent(group: readonly Told[], { at, because, notes }: Circumstances): TraceEvent {
  const { row, outcome, settled } = group[0]!
  const { host, tls, hold } = outcome
  const replies = group.map(replyOf)
  const isSame = replies.every((reply) => reply === replies[0])
  return {
    ...about(row, at),
    step: settled.is,
    to: group.map(addressOf),
    // What is undefined is not written.
    detail: {
      attempt: row.attempts,
      route: outcome.route,
      because,
      host: host ?? undefined,
      tls: tls ?? undefined,
      ours: host !== null && !outcome.fromRemote ? true : undefined, // our words about that host, not its own
      reply: isSame ? replies[0] : undefined,
      replies: isSame ? undefined : recipientsByReply(group),
      nextAttemptAt: settled.is === 'deferred' ? nextAttemptOf(group) : undefined,
      waitsFor: hold ?? undefined,
      uncertain: outcome.uncertain ? 'it may have arrived: the answer was lost' : undefined,
      repeated: row.memo.crashes ? 'the attempt before ended with the program: it may arrive twice' : undefined,
      expired: settled.expired ? 'tried for long enough' : undefined,
      tried: notes.length > 0 ? notes : undefined,
    },
  }
}

const replyOf = ({ outcome }: Told): string => replyText(outcome.reply)

const recipientsByReply = (group: readonly Told[]): Record<string, readonly string[]> =>
  Object.fromEntries(Array.from(Map.groupBy(group, replyOf), ([said, told]) => [said, told.map(addressOf)]))

const addressOf = ({ row }: Told): string => formatAddress(row.to)

const nextAttemptOf = (group: readonly Told[]): Instant =>
  Math.min(...group.map(({ settled: { fate } }) => fate.memo.retryAt ?? fate.dueAt))

/** The fields that every event of a delivery has. */
export function about(row: DeliveryRow, at: Instant): Omit<TraceEvent, 'step' | 'detail'> {
  const { message: ref, from, to } = row
  const who = { client: null, from: formatPath(from), to: [formatAddress(to)] }
  return { ref, at, ...who, subject: null, messageId: null }
}
