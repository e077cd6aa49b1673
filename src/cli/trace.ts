// The command line's verbs for where mail went: what happened, event by event; messages found; the story of one.
import type { Command } from 'commander'
import { tell } from '#/operations/story.ts'
import { sentenceOf, storyWords, type Forms, type Said } from '#/operations/story-words.ts'
import type { StoryStep } from '#/operations/story-step.ts'
import type { ShownStory, TracePage } from '#/operations/trace.ts'
import type { TraceEvent } from '#/storage/store.ts'
import { localTime, nearTime, table, visible } from './print.ts'
import { count, sized } from './sizes.ts'
import { since } from './times.ts'
import { defined, verb, type Show } from './verb.ts'

export function addTrace(program: Command): void {
  verb(program, 'trace [text]', {
    about: 'where did my mail go? By address, subject, Message-ID or IP address',
    does: 'trace',
    example: 'trace ann@example.org',
    ask: ([text]) => defined({ text }),
    show: (events: TraceEvent[]) =>
      events.length === 0 ? 'Nothing is known of that' : tell(events, nearTime).split('\n').map(visible).join('\n'),
  })
  verb(program, 'find [words...]', {
    about: 'messages by any words of their story, a message a line, the latest first',
    does: 'trace.search',
    example: 'find harbour-supplies --fate failed --since 7d',
    ask: ([words], o) =>
      defined({
        ...(words !== undefined && words.length > 0 && { text: [words].flat().join(' ') }),
        fate: o['fate'],
        step: o['step'],
        client: o['client'],
        from: typeof o['since'] === 'string' ? since(o['since']) : undefined,
        after: o['after'],
        limit: count(o['limit']),
      }),
    show: showPage,
  })
    .option('--fate <fate>', 'only what was delivered, is waiting, failed or was refused')
    .option('--step <step>', 'only with this step: received, deferred, held, read, ...')
    .option('--client <address>', 'only from this IP address')
    .option('--since <when>', 'only of this time: 7d, 2026-01-31')
    .option('--after <mark>', 'the page behind this mark, which the page before it ends with')
    .option('--limit <count>', 'how many at most (50)')
  verb(program, 'story <key>', {
    about: 'the story of one message: each step, why, and the exact reply',
    does: 'trace.story',
    example: 'story 01m3kq8x2c5f0a9b7d4e6g8h1j',
    ask: ([ref]) => ({ ref }),
    show: showStory,
  })
}

const spanText = (ms: number): string => {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
const forms: Forms = { time: nearTime, span: spanText, size: sized }
const plain = (said: Said): string => visible(sentenceOf(said, storyWords, forms))

const showPage: Show = ({ rows, next, indexing }: TracePage) =>
  [
    table(
      rows.map(({ to, toCount, subject, state, ...row }) => ({
        ...row,
        to: `${to[0] ?? ''}${toCount > 1 ? ` +${toCount - 1}` : ''}`,
        subject: subject?.slice(0, 40) ?? null,
        fate: plain(state),
        key: row.ref,
      })),
      ['at', 'from', 'to', 'subject', 'fate', 'key'],
      'Nothing is known of that',
    ),
    ...(next === null ? [] : [`More: --after ${next}`]),
    ...(indexing ? ['Older mail is still being indexed: look again in a while.'] : []),
  ].join('\n')

const showStory: Show = (story: ShownStory) =>
  [
    `${story.subject ?? 'A message without a subject'}  [${story.ref}]`,
    `from ${story.from ?? '-'} to ${story.to.join(', ')}${story.messageId === null ? '' : `, id ${story.messageId}`}`,
    story.summary.map(plain).join(' '),
    '',
    ...story.steps.map(stepText),
  ]
    .map(visible)
    .join('\n')

const stepText = ({ at, head, why, reply, planned }: StoryStep): string =>
  [
    `${planned ? 'next ' : ''}${localTime(at)}  ${plain(head)}`,
    ...(why.length > 0 ? [`    ${why.map(plain).join(' ')}`] : []),
    ...(reply === null ? [] : reply.split('\n').map((line) => `    > ${line}`)),
  ].join('\n')
