// One step of a story as people read it, and what makes one of an event. Pure. Used by story-steps.ts and story-tries.ts.
import type { TraceEvent } from '#/storage/store.ts'
import type { Said, StoryCode } from './story-words.ts'

export type StoryShape = 'ok' | 'wait' | 'held' | 'problem' | 'now' | 'off'
export type StoryStep = {
  readonly at: number
  readonly shape: StoryShape
  readonly head: Said
  readonly why: readonly Said[]
  /** Word for word, control characters as escapes. */
  readonly reply: string | null
  /** Recipients that it is about; none: all. */
  readonly to: readonly string[]
  /** Mail waits behind it. */
  readonly waits: boolean
  /** Still to come. */
  readonly planned: boolean
  /** The story that tells more of it. */
  readonly link: string | null
  /** What is in the trace itself. */
  readonly event: {
    readonly step: string
    readonly client: string | null
    readonly detail: Record<string, unknown>
  } | null
}

export const said = (code: StoryCode, values: Said['values'] = {}): Said => ({ code, values })
export const text = (value: unknown): string => (typeof value === 'string' ? value : '')
export const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
const namedMax = 3

/** Some addresses in words; the rest as a number. */
export const named = (to: readonly string[]): string =>
  to.length <= namedMax ? to.join(', ') : `${to.slice(0, namedMax).join(', ')} +${to.length - namedMax}`

/** Nothing of it can move a cursor or turn the direction of a line. HDR-08 */
export const exact = (reply: string): string =>
  reply
    .replaceAll('\r\n', '\n')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (c) => {
      const code = c.charCodeAt(0).toString(16)
      return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`
    })

export function step(event: TraceEvent, shape: StoryShape, head: Said, more: Partial<StoryStep> = {}): StoryStep {
  const { at, step: name, client, detail } = event
  const reply = text(detail['reply'])
  return {
    at,
    shape,
    head,
    why: [],
    reply: reply === '' ? null : exact(reply),
    to: [],
    waits: false,
    planned: false,
    link: null,
    event: { step: name, client, detail },
    ...more,
  }
}

/** What shows that the sender is who they say. */
export const proofOf = ({ detail: { proof } }: TraceEvent): Said[] =>
  typeof proof === 'string' ? [said('proof', { proof })] : []
