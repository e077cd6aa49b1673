// The tries of a delivery as steps: those that were made, those to come. Pure. Used by story-steps.ts and trace.ts.
import { formatAddress } from '#/message/address.ts'
import { delayNoticeAt } from '#/mail-relay/delays.ts'
import { expiresAt, type Patience } from '#/mail-relay/retry.ts'
import type { DeliveryRow } from '#/storage/queue.ts'
import type { TraceEvent } from '#/storage/store.ts'
import { exact, named, said, step, text, texts, type StoryStep } from './story-step.ts'
import type { Said } from './story-words.ts'

export function tryStep(event: TraceEvent, before: readonly TraceEvent[]): StoryStep {
  const { step: name, to, detail } = event
  const shape = name === 'delivered' ? 'ok' : name === 'failed' || detail['waitsFor'] ? 'problem' : 'wait'
  const why = [...since(event, before), ...way(event), ...doubts(event)]
  return step(event, shape, headOf(event), { why, reply: replyOf(event), to, waits: name === 'deferred' })
}

function headOf({ step: name, to, detail }: TraceEvent): Said {
  const attempt = Number(detail['attempt'] ?? 1)
  const route = text(detail['route'])
  if (name === 'delivered') return said('delivered-for', { to: named(to) })
  if (name === 'failed') return said('failed-for', { to: named(to) })
  if (detail['waitsFor']) return said('try-stopped', { attempt })
  if (!detail['host']) return said('try-later', { attempt })
  if (detail['ours']) return said('try-silent', { attempt })
  if (route.startsWith('alternate:')) return said('try-wait-alternate', { attempt, server: serverOf(route) })
  return said(route === 'address' ? 'try-wait-address' : 'try-wait-mx', { attempt })
}

const serverOf = (route: string): string => route.slice('alternate:'.length)

/** How long after the try before. */
function since({ at, to, detail }: TraceEvent, before: readonly TraceEvent[]): Said[] {
  if (!(Number(detail['attempt']) > 1)) return []
  const last = before.findLast((one) => one.step === 'deferred' && one.to.some((address) => to.includes(address)))
  return last ? [said('after', { afterMs: at - last.at })] : []
}

function way({ step: name, detail }: TraceEvent): Said[] {
  const [host, tls, route, because] = ['host', 'tls', 'route', 'because'].map((field) => text(detail[field]))
  const at = tls
    ? said('host-tls', { host: host!, tls })
    : said(name === 'delivered' ? 'host-clear' : 'host', { host: host! })
  const by = route!.startsWith('alternate:')
    ? said('route-alternate', { server: serverOf(route!), because: because! })
    : said(route === 'address' ? 'route-address' : 'route-mx', { because: because! })
  return [
    ...(host ? [at] : []),
    ...(because ? [by] : []),
    ...texts(detail['tried']).map((note) => said('before', { note: exact(note) })),
  ]
}

function doubts({ step: name, detail }: TraceEvent): Said[] {
  return [
    ...(detail['waitsFor'] ? [said('mend', { waitsFor: exact(text(detail['waitsFor'])) })] : []),
    ...(detail['uncertain'] ? [said('uncertain')] : []),
    ...(detail['repeated'] ? [said('repeated')] : []),
    ...(detail['expired'] ? [said('tried-enough')] : []),
    ...(name === 'failed' && detail['host'] && !detail['ours'] && !detail['expired'] ? [said('refused-there')] : []),
    ...(name === 'delivered' && !detail['ours'] ? [said('theirs')] : []),
  ]
}

/** Recipients may have got different answers. */
function replyOf({ detail }: TraceEvent): string | null {
  const { reply, replies } = detail
  if (typeof reply === 'string') return exact(reply)
  if (typeof replies !== 'object' || replies === null) return null
  return Object.entries(replies)
    .map(([words, to]) => `${named(texts(to))}: ${exact(words)}`)
    .join('\n')
}

/** What comes next for deliveries that are not over; those that wait alike are one step. */
export function plannedSteps(rows: readonly DeliveryRow[], patience: Patience, now: number): StoryStep[] {
  const alike = Map.groupBy(rows, ({ state, attempts, memo, dueAt }) => `${state} ${attempts} ${memo.retryAt ?? dueAt}`)
  return [...alike.values()].flatMap((group): StoryStep[] => {
    const [row] = group
    const to = group.map((one) => formatAddress(one.to))
    return row ? [{ ...planned(row, patience, now), to }] : []
  })
}

function planned(row: DeliveryRow, patience: Patience, now: number): StoryStep {
  const { state, attempts, memo, dueAt } = row
  const plain = { reply: null, to: [], waits: false, planned: true, link: null, event: null, why: [] }
  if (state === 'held') return { ...plain, at: now, shape: 'held', head: said('held'), why: [said('held-now')] }
  if (state === 'leased') return { ...plain, at: now, shape: 'now', head: said('sending', { attempt: attempts }) }
  const at = memo.retryAt ?? dueAt
  if (memo.laterAt !== undefined && attempts === 0) return { ...plain, at, shape: 'off', head: said('later-planned') }
  const noticeAt = delayNoticeAt(row, patience)
  const why = [
    said('expires', { expiresAt: expiresAt(row, patience) }),
    ...(noticeAt === null
      ? []
      : [said('delay-notice', { to: row.from === null ? '' : formatAddress(row.from), noticeAt })]),
  ]
  return { ...plain, at, shape: 'off', head: said('try-planned', { attempt: attempts + 1 }), why }
}
