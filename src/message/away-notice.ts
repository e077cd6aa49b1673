// What a mailbox answers while its owner is away: an automatic reply, sent with a null reverse-path. RFC 3834 §3
// Called by intake. Pure; never decides whether anybody is answered. LP-05
import type { Address, Parsed } from './address.ts'
import { composeText, isMessageId } from './compose.ts'
import { foldField } from './fold.ts'
import { referencesMax, repeatedSubjectCharsMax } from './limits.ts'
import { forPeople } from './printable.ts'

export type AwayNotice = {
  /** The owner's address to which the message came. */
  readonly from: Address
  readonly to: Address
  /** The owner's; null: that of the message, marked. */
  readonly subject: string | null
  readonly text: string
  readonly at: number
  readonly messageId: string // with its < >
  readonly answers: {
    readonly subject: string | null
    readonly messageId: string | null
    /** As its References said, oldest first. */
    readonly references: readonly string[]
  }
}

/** The complete message. */
export function composeAwayNotice({ from, to, subject, text, at, messageId, answers }: AwayNotice): Parsed<Uint8Array> {
  const composed = composeText({
    from: { name: null, address: from },
    to: [{ name: null, address: to }],
    cc: [],
    subject: subject ?? repeated(answers.subject),
    text,
    attachments: [],
    at,
    messageId,
    references: threadOf(answers),
  })
  if (!composed.ok) return composed
  const mark = foldField('Auto-Submitted', 'auto-replied (vacation)') // RFC 3834 §5
  return { ok: true, value: Buffer.concat([Buffer.from(mark), composed.value]) }
}

/** RFC 3834 §3.1.5 */
function repeated(subject: string | null): string {
  const shown = Array.from(forPeople(subject ?? ''))
    .slice(0, repeatedSubjectCharsMax)
    .join('')
    .trim()
  return `Auto: ${shown === '' ? 'your message' : shown}`
}

/** The first of a thread and its last ones; only identifiers of the form go into a field of ours. HDR-06, RFC 5322 §3.6.4 */
function threadOf({ messageId, references }: AwayNotice['answers']): readonly string[] {
  if (messageId === null || !isMessageId(messageId)) return []
  const before = references.filter((id) => isMessageId(id) && id !== messageId)
  const kept = before.length < referencesMax ? before : [before[0]!, ...before.slice(2 - referencesMax)]
  return [...kept, messageId]
}
