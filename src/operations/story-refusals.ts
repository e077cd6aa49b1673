// Why a client was refused, from the exact reply that it got. Pure; used by story-steps.ts.
import type { StoryCode } from './story-words.ts'

/** The first that fits. */
const reasons: readonly (readonly [RegExp, StoryCode])[] = [
  [/forward mail to other servers/, 'no-forwarding'],
  [/may not use this sender/, 'not-this-sender'],
  [/^[45]50 5\.7\.1 Relaying denied/, 'not-listed'],
  [/^530 /, 'sign-in-first'],
  [/^5\d\d 5\.1\.1 /, 'no-such-address'],
  [/^\d\d\d [45]\.2\.2 /, 'box-full'],
  [/^5\d\d 5\.3\.4 /, 'too-large'],
  [/^5\d\d 5\.4\.6 /, 'loop'],
  [/^5\d\d 5\.[56]\.\d /, 'malformed'],
  [/^4\d\d 4\.3\.\d /, 'no-space'],
  [/^4/, 'ask-again'],
]

export const refusalOf = (reply: string): StoryCode =>
  reasons.find(([form]) => form.test(reply))?.[1] ?? 'refused-other'
