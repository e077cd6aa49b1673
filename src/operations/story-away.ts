// What a story tells of an owner who is away: who was answered, who was not and why, and the answer itself. Pure. Of
// story-steps.ts. LP-05
import { quietReasons } from '#/intake/away-rules.ts'
import type { TraceEvent } from '#/storage/store.ts'
import { named, proofOf, said, step, text, texts, type StoryStep } from './story-step.ts'
import { storyWords, type StoryCode } from './story-words.ts'

/** The answer itself, in its own story; one that is withheld is told like any notice. */
export const isAnswer = ({ step: name, detail }: TraceEvent): boolean =>
  detail['kind'] === 'away' && (name === 'notified' || name === 'notice-waits')

/** At the message that is answered, or is not. LP-05 */
export function awayStep(event: TraceEvent): StoryStep {
  const { step: name, detail } = event
  const mailbox = text(detail['mailbox'])
  if (name === 'away-answered') {
    const why = [said('away-told-why'), ...(detail['waitsFor'] ? [said('away-waits-why')] : [])]
    return step(event, 'ok', said('away-told', { to: text(detail['sender']), mailbox }), {
      why,
      to: [text(detail['sender'])],
      link: text(detail['notice']) || null,
    })
  }
  const code = quietCodes.get(text(detail['why']))
  return step(event, 'off', said('away-not', { mailbox }), { why: code ? [said(code)] : [] })
}

const quietCodes: ReadonlyMap<string, StoryCode> = new Map(quietReasons.map((why) => [why, `away-${why}`]))

/** Why nobody was answered, in English; undefined: that is not what the event tells. */
export function quietWords({ step: name, detail }: TraceEvent): string | undefined {
  const code = name === 'away-quiet' ? quietCodes.get(text(detail['why'])) : undefined
  return code && storyWords[code]
}

/** In the story of the answer itself. */
export function awayNotice(event: TraceEvent): StoryStep {
  const { to, detail } = event
  const as = texts(detail['recipients'])
  const about = as.length === 0 ? [] : [said('away-notice-about', { to: named(to), as: named(as) })]
  return step(event, 'ok', said('away-notice'), {
    why: [...about, ...(detail['waitsFor'] ? [said('away-waits-why')] : []), ...proofOf(event)],
    link: text(detail['about']) || null,
  })
}
