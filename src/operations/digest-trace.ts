// What failed since a moment, as the trace tells it: for a server that keeps no finished deliveries. Of digest.ts. DS-11
import type { TraceEvent } from '#/storage/store.ts'
import type { StoryQuery } from '#/storage/stories.ts'
import type { Context } from './context.ts'
import type { Ended, Failed } from './digest.ts'

const storiesMax = 200
const endings: ReadonlySet<string> = new Set(['failed', 'bounced'])

/** Of messages that came within the time for which mail is tried. */
export async function failedByTrace({ store, settings }: Context, since: number): Promise<Ended> {
  const from = since - settings.now().mailRelay.lifetimeMs
  const lately = async (query: Omit<StoryQuery, 'limit'>): Promise<{ events: TraceEvent[]; more: boolean }> => {
    const { stories, next, indexing } = await store.stories.search({ ...query, from, limit: storiesMax })
    const events = stories.flatMap((story) => story.events).filter(({ at }) => at >= since)
    return { events, more: next !== null || indexing }
  }
  const ended = await lately({ fate: 'failed' })
  const withheld = await lately({ step: 'notice-withheld' })
  return {
    failed: ended.events.filter(({ step }) => endings.has(step)).flatMap(failedOf),
    more: ended.more,
    withheld: withheld.events.filter(({ step }) => step === 'notice-withheld').length,
  }
}

/** One for each recipient, whom several replies may tell apart. See events.ts of the relay. */
function failedOf({ ref: message, from, to, step, detail }: TraceEvent): Failed[] {
  const { reply = step === 'bounced' ? 'Sent back by hand' : null, replies = {} } = detail as {
    readonly reply?: string
    readonly replies?: Readonly<Record<string, readonly string[]>>
  }
  const replyTo = (one: string): string | null =>
    Object.entries(replies).find(([, recipients]) => recipients.includes(one))?.[0] ?? reply
  return to.map((one) => ({ message, from: from ?? '', to: one, lastReply: replyTo(one) }))
}
