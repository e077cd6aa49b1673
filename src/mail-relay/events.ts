// An attempt as rows of the trace: one for each fate, naming its recipients. Pure. Called by attempt.ts.
import { formatAddress, formatPath } from '#/message/address.ts'
import { formatReply } from '#/message/reply.ts'
import type { DeliveryRow } from '#/storage/queue.ts'
import type { TraceEvent } from '#/storage/store.ts'
import type { Instant } from '#/world/world.ts'
import type { Outcome } from './outcome.ts'
import type { Settled } from './settle.ts'

export type Told = { readonly row: DeliveryRow; readonly outcome: Outcome; readonly settled: Settled }
export type Circumstances = { readonly at: Instant; readonly because: string; readonly notes: readonly string[] }

export function attemptEvents(told: readonly Told[], circumstances: Circumstances): TraceEvent[] {
  const alike = Map.groupBy(told, kindOf)
  return [...alike.values()].map((group) => attemptEvent(group, circumstances))
}

/** What a row says is true of each recipient that it names. */
const kindOf = ({ settled, outcome: { host, route, uncertain, hold } }: Told): string =>
  JSON.stringify([settled.is, settled.expired, host, route, uncertain, hold])

function attemptEvent(group: readonly Told[], { at, because, notes }: Circumstances): TraceEvent {
  const { row, outcome, settled } = group[0]!
  const replies = new Map<string, string[]>()
  for (const one of group) {
    const said = formatReply(one.outcome.reply).trimEnd()
    replies.set(said, [...(replies.get(said) ?? []), formatAddress(one.row.to)])
  }
  const [only] = replies.keys()
  const next = group.map((one) => one.settled.fate.memo.retryAt ?? one.settled.fate.dueAt)
  return {
    ...about(row, at),
    step: settled.is,
    to: group.map((one) => formatAddress(one.row.to)),
    detail: {
      attempt: row.attempts,
      route: outcome.route,
      because,
      ...(outcome.host !== null && { host: outcome.host }),
      ...(outcome.tls !== null && { tls: outcome.tls }),
      ...(outcome.host !== null && !outcome.fromRemote && { ours: true }), // our words about that host, not its own
      ...(replies.size === 1 ? { reply: only } : { replies: Object.fromEntries(replies) }),
      ...(settled.is === 'deferred' && { nextAttemptAt: Math.min(...next) }),
      ...(outcome.hold !== null && { waitsFor: outcome.hold }),
      ...(outcome.uncertain && { uncertain: 'it may have arrived: the answer was lost' }),
      ...(row.memo.crashes && { repeated: 'the attempt before ended with the program: it may arrive twice' }),
      ...(settled.expired && { expired: 'tried for long enough' }),
      ...(notes.length > 0 && { tried: notes }),
    },
  }
}

/** The fields that every event of a delivery has. */
export function about(row: DeliveryRow, at: Instant): Omit<TraceEvent, 'step' | 'detail'> {
  const { message: ref, from, to } = row
  const who = { client: null, from: formatPath(from), to: [formatAddress(to)] }
  return { ref, at, ...who, subject: null, messageId: null }
}
