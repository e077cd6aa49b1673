// An event of the trace as a station of the course. Pure.
import type { Played } from '../../../../src/operations/tutorial.ts'
import type { Shape } from '../../parts/shapes.ts'
import type { StoryWord } from '../../texts/tutorial-story.ts'

export type TutorialEvent = Played['events'][number]
export type StopShown = {
  readonly shape: Shape
  readonly what: StoryWord
  readonly who: string
  readonly reply: string
}

const known: Readonly<Record<string, readonly [Shape, StoryWord]>> = {
  received: ['ok', 'received'],
  refused: ['off', 'refused'],
  read: ['ok', 'read'],
  sent: ['ok', 'sent'],
  deferred: ['wait', 'deferred'],
  delivered: ['ok', 'delivered'],
  'removed-remotely': ['ok', 'removed'],
  collected: ['ok', 'collected'],
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const bare = (path: string): string => path.replace(/[<>]/g, '')

/** Whom it is about, and the exact words of the server that said something. */
export function stopOf({ step, from, to, subject, detail }: TutorialEvent): StopShown {
  const [shape, what] = known[step] ?? ['off', 'other']
  const people = [from ?? '', to.join(', ')].map(bare).filter(Boolean).join(' → ')
  const place = text(detail['host'])
  return {
    shape,
    what,
    who: [people, subject ?? '', place].filter((one) => one !== '').join(' · '),
    reply: [text((detail['tried'] as unknown[] | undefined)?.[0]), text(detail['reply'])].filter(Boolean).join(' / '),
  }
}
