// The story of a message in words: times, who said what, which rule decided. Pure.
import type { TraceEvent } from '#/storage/store.ts'

const words: ReadonlyMap<string, string> = new Map([
  ['received', 'received'],
  ['refused', 'refused'],
  ['read', 'read by POP3'],
  ['deleted', 'deleted by POP3'],
  ['login-failed', 'login failed'],
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
  const details = Object.entries(event.detail).filter(([, value]) => value !== null && value !== undefined)
  const lines = details.map(
    ([name, value]) =>
      `    ${name}: ${typeof value === 'string' ? value.replaceAll('\r\n', '\n    ') : JSON.stringify(value)}`,
  )
  return [`${head} ${parts.join(', ')}  [${event.ref}]`, ...lines].join('\n')
}
