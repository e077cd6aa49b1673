// What becomes of a delivery after an attempt: delivered, failed, or waiting for the next one. Pure; the heart of the relay.
// Called by the engine with what the walk learnt. D2, RO-14..17, RO-27, QU-05, QU-06
import type { Reply } from '#/message/reply.ts'
import type { DeliveryRow, Fate, Memo } from '#/storage/queue.ts'
import type { Instant } from '#/world/world.ts'
import { delayNoticeAt } from './delays.ts'
import type { Outcome } from './outcome.ts'
import { expiresAt, isExpired, retryAt, type Patience } from './retry.ts'
import { waitTold } from './wait-told.ts'

export type SettlePolicy = Patience & { readonly routeTriesMax: number }
export type SettleAsked = {
  readonly now: Instant
  readonly policy: SettlePolicy
  /** Names of the routes of the ladder, in order. */
  readonly routes: readonly string[]
  /** In [0, 1). */
  readonly random: number
}
export type Settled = {
  readonly is: 'delivered' | 'failed' | 'deferred'
  readonly fate: Fate
  /** Failed because it was tried for long enough, not because it was refused for good. */
  readonly expired: boolean
}

/** How often a route that the operator must mend is tried: slowly, so that nobody is locked out. RO-27 */
const probeMs = 15 * 60_000
/** After "too much for today" from a server that calls it final. RO-31 */
const paceMs = 60 * 60_000
const soonTriesMax = 3

export function settle(row: DeliveryRow, outcome: Outcome, asked: SettleAsked): Settled {
  const { now, policy } = asked
  const final = (state: 'delivered' | 'failed', expired = false): Settled => ({
    is: state,
    expired,
    fate: { ...kept(row, outcome.reply), state, dueAt: now, memo: { ...row.memo, via: outcome.host ?? '' } },
  })
  if (outcome.reply.code < 400) return final('delivered')
  if (isFinal(outcome)) return final('failed')
  const memo = nextMemo(row, outcome, asked)
  const later = { ...row, memo }
  if (outcome.hold === null && isExpired(later, policy, now)) return final('failed', true)
  const again = againAt(later, outcome, asked)
  const told = delayNoticeAt(later, policy)
  const dueAt = told === null ? again : Math.max(now, Math.min(again, told))
  const fate: Fate = { ...kept(row, outcome.reply), state: 'waiting', dueAt, memo: { ...memo, retryAt: again } }
  return { is: 'deferred', expired: false, fate }
}

const kept = ({ attempts }: DeliveryRow, lastReply: Reply): Pick<Fate, 'attempts' | 'lastReply' | 'lease'> => ({
  attempts,
  lastReply,
  lease: null,
})

/** A 5yz about our pace is no answer for good. RO-31 */
const isFinal = ({ reply, kind, hold }: Outcome): boolean =>
  reply.code >= 500 && kind !== 'rate' && kind !== 'auth' && hold === null

function againAt(row: DeliveryRow, { hold, kind, reply }: Outcome, { now, policy, random }: SettleAsked): Instant {
  const again = retryAt(row, policy, { now, random })
  if (hold !== null) return now + probeMs
  const paced = kind === 'rate' && reply.code >= 500 ? Math.max(again, now + paceMs) : again
  const told = kind === 'rate' || kind === 'greylist' ? waitTold(reply) : null
  if (told === null) return paced
  // Sooner than planned only at the first tries: some ask for the same short wait for ever.
  const asked = now + Math.round(told * (1 + policy.jitterShare * random))
  const isSooner = kind === 'greylist' && row.attempts <= soonTriesMax
  const wanted = isSooner ? asked : Math.max(paced, asked)
  return Math.min(wanted, Math.max(paced, expiresAt(row, policy)))
}

function nextMemo(row: DeliveryRow, outcome: Outcome, asked: SettleAsked): Memo {
  const {
    onceRoute: _,
    uncertain: _before,
    route: _route,
    routeTries: _tries,
    hold: held,
    missingSince,
    ...rest
  } = row.memo
  const { now } = asked
  const heldMs = (row.memo.heldMs ?? 0) + (held ? now - held.at : 0)
  return {
    ...rest,
    ...standing(row, outcome, asked),
    ...(outcome.host === null ? {} : { via: outcome.host }),
    ...(heldMs > 0 && { heldMs }),
    ...(outcome.hold !== null && { hold: { by: 'relay', why: outcome.hold, at: now } }),
    ...(outcome.atOnce !== undefined && row.attempts > 1 && { atOnce: outcome.atOnce }), // once it may be chance
    ...(outcome.missing && { missingSince: missingSince ?? now }),
    ...(outcome.uncertain && { uncertain: { route: outcome.route, host: outcome.host ?? '' } }),
  }
}

/** D2: answers stay on their route; after K temporary ones the next route gets its turn, behind the last one the first. Where
 *  nobody answered all routes were tried: the next attempt begins with the first. */
function standing(
  { memo }: DeliveryRow,
  outcome: Outcome,
  { routes, policy }: SettleAsked,
): Pick<Memo, 'route' | 'routeTries'> {
  if (!outcome.uncertain && !outcome.fromRemote && outcome.stage !== 'dns') return {}
  const tries = (memo.route === outcome.route ? (memo.routeTries ?? 0) : 0) + 1
  if (outcome.uncertain || tries < policy.routeTriesMax) return { route: outcome.route, routeTries: tries }
  return { route: routeBehind(outcome.route, routes), routeTries: 0 }
}

/** The address is there for hosts that do not answer, and for no other reason, unless it comes first. D1 */
function routeBehind(name: string, routes: readonly string[]): string {
  const at = routes.indexOf(name)
  const next = routes.find((route, i) => i > at && route !== 'address')
  return next ?? routes[0] ?? name
}
