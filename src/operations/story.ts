// The story of a message in words: times, who said what, which rule decided. Pure.
import type { TraceEvent } from '#/storage/store.ts'
import { quietWords } from './story-away.ts'

const words: ReadonlyMap<string, string> = new Map([
  ['read', 'read by POP3'],
  ['deleted', 'deleted by POP3'],
  ['message-deleted', 'moved to Deleted'],
  ['message-restored', 'restored from Deleted'],
  ['message-purged', 'deleted for good'],
  ['imported', 'imported'],
  ['login-failed', 'login failed'],
  ['sent', 'sent from here'],
  ['stored', 'stored here'],
  ['deferred', 'not delivered yet'],
  ['delayed', 'still waits, and its sender was told'],
  ['notified', 'notice'],
  ['notice-waits', 'notice that waits until its reader is known to be the sender'],
  ['notice-withheld', 'notice that is not mailed, because its reader may have written nothing'],
  ['notice-lost', 'notice that could not be kept'],
  ['away-answered', 'away notice for its sender'],
  ['away-quiet', 'no away notice for its sender'],
  ['interrupted', 'delivery interrupted'],
  ['retried', 'tried again by hand'],
  ['rerouted', 'sent another way by hand'],
  ['edited', 'changed by hand'],
  ['dropped', 'dropped by hand, nobody is told'],
  ['bounced', 'sent back by hand'],
  ['taken-back', 'taken back before it left'],
  ['removed-remotely', 'removed on the server it was collected from'],
])

/** Events of one ref stand together, oldest first; stories newest first. */
export function tell(events: readonly TraceEvent[], time: (at: number) => string): string {
  const stories = Map.groupBy(events, ({ ref }) => ref)
  return [...stories.values()].map((story) => told(story, time)).join('\n\n')
}

const told = (story: readonly TraceEvent[], time: (at: number) => string): string =>
  story
    .toSorted((a, b) => a.at - b.at)
    .map((event) => sentence(event, time))
    .join('\n')

function sentence(event: TraceEvent, time: (at: number) => string): string {
  const head = `${time(event.at)}  ${words.get(event.step) ?? event.step}`
  const parts = [
    event.client === null ? '' : `by ${event.client}`,
    event.from === null ? '' : `from ${event.from}`,
    event.to.length === 0 ? '' : `to ${event.to.join(', ')}`,
    event.subject === null || event.subject === '' ? '' : `subject "${event.subject}"`,
    event.messageId === null ? '' : `id ${event.messageId}`,
  ].filter((part) => part !== '')
  const lines = [...attemptLines(event), ...detailLines(event, time)]
  return [`${head} ${parts.join(', ')}  [${event.ref}]`, ...lines.map((line) => `    ${line}`)].join('\n')
}

/** What the relay writes of an attempt. */
type Attempt = Partial<Record<'route' | 'because' | 'host' | 'tls' | 'reply', string>> & {
  readonly attempt?: number
  readonly ours?: true
  readonly tried?: readonly string[]
}
const inAttempt: ReadonlySet<string> = new Set(['attempt', 'route', 'because', 'host', 'tls', 'reply', 'ours', 'tried'])
const isAttempt = ({ detail }: TraceEvent): boolean => detail['attempt'] !== undefined && detail['route'] !== undefined

/** "by mx.example [192.0.2.1]:25 over TLSv1.3; it said: 250 2.0.0 taken" */
function attemptLines(event: TraceEvent): string[] {
  if (!isAttempt(event)) return []
  const { attempt, route = '', because, host, tls, reply, ours, tried = [] } = event.detail as Attempt // events.ts of the relay
  const over = tls === undefined ? (event.step === 'delivered' ? ' without TLS' : '') : ` over ${tls}`
  const said = reply === undefined ? '' : `${ours ? ': ' : '; it said: '}${flat(reply)}`
  return [
    host === undefined ? flat(reply ?? '') : `${ours ? 'at' : 'by'} ${host}${over}${said}`,
    `attempt ${attempt}, ${routeWords(route)} (${because})`,
    ...tried.map((note) => `before: ${flat(note)}`),
  ].filter((line) => line !== '')
}

const routeWords = (route: string): string =>
  route.startsWith('alternate:')
    ? `through the alternate server ${route.slice('alternate:'.length)}`
    : `through the ${route === 'mx' ? 'mail exchanger' : 'address'} of the domain`

const flat = (text: string): string => text.replace(/\r\n/g, ' / ')

function detailLines(event: TraceEvent, time: (at: number) => string): string[] {
  const told = isAttempt(event) ? inAttempt : new Set()
  const why = quietWords(event)
  return Object.entries(why === undefined ? event.detail : { ...event.detail, why })
    .filter(([name, value]) => value !== null && value !== undefined && !told.has(name))
    .map(([name, value]) => `${names.get(name) ?? name}: ${valueText(name, value, time)}`)
}

const names: ReadonlyMap<string, string> = new Map([
  ['nextAttemptAt', 'next attempt'],
  ['laterAt', 'not before'],
  ['waitsFor', 'waits for'],
  ['queuedFor', 'queued for'],
  ['storedIn', 'stored in'],
  ['spf', 'SPF'],
])

function valueText(name: string, value: unknown, time: (at: number) => string): string {
  if (typeof value === 'number' && name.endsWith('At')) return time(value)
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ')
  return typeof value === 'string' ? value.replaceAll('\r\n', '\n    ') : JSON.stringify(value)
}
