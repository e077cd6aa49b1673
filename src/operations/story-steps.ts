// The events of a story as steps that people read: what happened, why, the exact reply. Pure. Codes and values, so that the
// page says them in its language.
import type { TraceEvent } from '#/storage/store.ts'
import { awayNotice, awayStep, isAnswer } from './story-away.ts'
import { refusalOf } from './story-refusals.ts'
import { named, proofOf, said, step, text, texts, type StoryShape, type StoryStep } from './story-step.ts'
import { tryStep } from './story-tries.ts'
import type { Said, StoryCode } from './story-words.ts'

/** Steps of a message's own events, in their order. */
export const stepsOf = (events: readonly TraceEvent[]): StoryStep[] =>
  events.flatMap((event, i) => one(event, events.slice(0, i)))

function one(event: TraceEvent, before: readonly TraceEvent[]): StoryStep[] {
  if (isAnswer(event)) return [awayNotice(event)]
  switch (event.step) {
    case 'away-answered':
    case 'away-quiet':
      return [awayStep(event)]
    case 'received':
    case 'sent':
    case 'collected':
    case 'alert':
      return arrival(event)
    case 'refused':
      return [refused(event)]
    case 'deferred':
    case 'delivered':
    case 'failed':
      return [tryStep(event, before)]
    default:
      return [other(event)]
  }
}

function arrival(event: TraceEvent): StoryStep[] {
  const { detail } = event
  const places = [
    ...texts(detail['storedIn']).map((mailbox) => inside(event, 'ok', said('stored', { mailbox }), mailbox)),
    ...texts(detail['full']).map((mailbox) => ({
      ...inside(event, 'problem', said('not-stored', { mailbox }), mailbox),
      why: [said('mailbox-full')],
    })),
  ]
  const discarded = texts(detail['discardedFor'])
  if (discarded.length > 0)
    places.push({
      ...inside(event, 'off', said('discarded'), ''),
      why: [said('discarded-why', { to: named(discarded) })],
    })
  return [step(event, 'ok', arrivalHead(event), { why: arrivalWhy(event) }), ...places]
}

/** Said by the same event as the step before it. */
const inside = (event: TraceEvent, shape: StoryShape, head: Said, mailbox: string): StoryStep =>
  step(event, shape, head, { reply: null, event: null, to: mailbox === '' ? [] : [mailbox] })

function arrivalHead({ step: name, detail }: TraceEvent): Said {
  if (name === 'collected') return said('collected', { host: text(detail['host']) })
  if (name !== 'received') return said(name === 'sent' ? 'sent' : 'alert')
  return said(detail['user'] || texts(detail['queuedFor']).length > 0 ? 'handed-in' : 'received')
}

function arrivalWhy({ step: name, client, detail }: TraceEvent): Said[] {
  const user = text(detail['user'])
  const tls = text(detail['tls'])
  const size = detail['sizeBytes']
  const removed = texts(detail['removedFields'])
  const laterAt = detail['laterAt']
  const entry = texts(detail['rules'])
    .map((rule) => /^access rule (.+)$/.exec(rule)?.[1])
    .find((found) => found !== undefined)
  return [
    ...(name === 'sent' ? [said('sent-by', { by: text(detail['by']) })] : []),
    ...(name === 'collected'
      ? [said('collected-by', { account: text(detail['account']), uid: text(detail['uid']) })]
      : []),
    ...(name === 'received' && user !== '' ? [said('by-user', { user, client: client ?? '' })] : []),
    ...(name === 'received' && user === ''
      ? [said('by-client', { client: client ?? '', ehlo: text(detail['ehlo']) })]
      : []),
    ...(client === null ? [] : [tls === '' ? said('without-tls') : said('over-tls', { tls })]),
    ...(typeof size === 'number' ? [said('of-size', { sizeBytes: size })] : []),
    ...(user !== '' && texts(detail['queuedFor']).length > 0 ? [said('allowed-user', { user })] : []),
    ...(entry === undefined ? [] : [said('allowed-access', { entry })]),
    ...(detail['distributedBy'] ? [said('distributed', { field: text(detail['distributedBy']) })] : []),
    ...(detail['unmatched'] ? [said('unmatched', { field: text(detail['unmatched']) })] : []),
    ...(removed.length > 0 ? [said('fields-removed', { fields: removed.join(', ') })] : []),
    ...(typeof laterAt === 'number' ? [said('later', { laterAt })] : []),
  ]
}

function refused(event: TraceEvent): StoryStep {
  const { client, to, detail } = event
  if (typeof detail['more'] === 'number') return step(event, 'off', said('refused-more', { count: detail['more'] }))
  const head = to.length > 0 ? said('refused-for', { to: named(to) }) : said('refused')
  const shape = detail['user'] ? 'problem' : 'off' // refusing a stranger is no problem
  return step(event, shape, head, { why: [said(refusalOf(text(detail['reply'])), { client: client ?? '' })], to })
}

const byHand: ReadonlyMap<string, readonly [StoryShape, StoryCode]> = new Map([
  ['released', ['now', 'released']],
  ['retried', ['now', 'retried']],
  ['rerouted', ['now', 'rerouted']],
  ['edited', ['now', 'edited']],
  ['dropped', ['off', 'dropped']],
  ['bounced', ['problem', 'bounced']],
])

function other(event: TraceEvent): StoryStep {
  const { step: name, to, detail } = event
  const by = text(detail['by'])
  const hand = byHand.get(name)
  if (hand) {
    const why =
      name === 'dropped'
        ? [said('dropped-why')]
        : name === 'rerouted'
          ? [said('rerouted-way', { route: text(detail['route']) })]
          : detail['recipient']
            ? [said('edited-to', { to: text(detail['recipient']) })]
            : []
    return step(event, hand[0], said(hand[1], { by }), { why, to, link: text(detail['as']) || null })
  }
  switch (name) {
    case 'held': {
      const why = text(detail['why'])
      return step(event, 'held', said('held'), {
        why: [by === '' ? said('held-why', { why }) : said('held-by', { by, why })],
        to,
        waits: true,
      })
    }
    case 'interrupted': {
      const values = { attempt: Number(detail['attempt'] ?? 1), to: named(to) }
      return step(event, 'problem', said('interrupted', values), {
        why: [said('interrupted-why', values)],
        to,
        waits: true,
      })
    }
    case 'delayed':
      return step(event, 'wait', said('delayed'), {
        why: [said('told-to', { to: text(detail['told']) })],
        to,
        waits: true,
      })
    case 'notified':
      return step(event, 'ok', said('notice'), {
        why: [said('notice-about', { to: named(to) }), ...proofOf(event)],
        link: text(detail['about']) || null,
      })
    case 'notice-waits':
    case 'notice-withheld':
      return unproved(event, text(detail['about']))
    case 'notice-lost':
      return step(event, 'problem', said('notice-lost'))
    case 'stored':
      return step(event, 'ok', said('local-now'), { link: text(detail['about']) || null })
    case 'read':
    case 'deleted':
    case 'removed-remotely':
      return sessionStep(event)
    default:
      return step(event, 'off', said('other', { step: name }), { to })
  }
}

/** Of a notice that a stranger asked for; `link` leads to the other of the two messages. DS-13 */
function unproved(event: TraceEvent, link: string): StoryStep {
  const { step: name, to, detail } = event
  const more = { link: link || null, to: texts(detail['recipients']) }
  if (name === 'notice-waits')
    return step(event, 'off', said('told-perhaps'), { ...more, why: [said('told-perhaps-why', { to: named(to) })] })
  const values = { domain: text(detail['domain']), client: text(detail['client']), because: text(detail['because']) }
  const spf = spfCodes.get(text(detail['spf']))
  return step(event, 'off', said('told-not'), {
    ...more,
    why: [...(spf ? [said(spf, values)] : []), said('told-not-why', { to: named(to) })],
  })
}

const spfCodes: ReadonlyMap<string, StoryCode> = new Map([
  ['fail', 'spf-fail'],
  ['softfail', 'spf-softfail'],
  ['neutral', 'spf-neutral'],
  ['none', 'spf-none'],
  ['temperror', 'spf-temperror'],
  ['permerror', 'spf-permerror'],
])

function sessionStep(event: TraceEvent): StoryStep {
  const { step: name, client, to, detail, ref } = event
  const mailbox = to[0] ?? ''
  if (name === 'removed-remotely')
    return step(event, 'off', said('removed-there', { host: text(detail['host']) }), { link: ref })
  const count = Number(detail['messages'] ?? texts(detail['stored']).length)
  const by = count > 1 ? said('read-many', { client: client ?? '', count }) : said('read-by', { client: client ?? '' })
  const shape = name === 'read' ? 'ok' : 'off'
  return step(event, shape, said(name === 'read' ? 'read' : 'deleted', { mailbox }), {
    why: [by],
    to: [mailbox],
    link: ref,
  })
}

/** What another story tells of this message; null when it only names it. */
export function mentioned(event: TraceEvent, ref: string): StoryStep | null {
  const { step: name, ref: link, detail, to } = event
  if (isAnswer(event)) return null // the message has an event of its own: awayStep
  if (name === 'notified' && detail['about'] === ref) {
    const kind = text(detail['kind'])
    const code = kind === 'failed' ? 'told-failed' : kind === 'delayed' ? 'told-delayed' : 'told-delivered'
    return step(event, 'ok', said(code), {
      why: [said('told-to', { to: named(to) }), ...proofOf(event)],
      to: texts(detail['recipients']),
      link,
    })
  }
  const isUnproved = name === 'notice-waits' || name === 'notice-withheld'
  if (isUnproved && detail['about'] === ref) return unproved(event, link)
  if (name === 'stored' && detail['about'] === ref) return step(event, 'ok', said('local-now'), { to, link })
  const isSession = name === 'read' || name === 'deleted' || name === 'removed-remotely'
  return isSession && texts(detail['stored']).includes(ref) ? sessionStep(event) : null
}
