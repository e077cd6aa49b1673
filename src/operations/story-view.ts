// What the owner of a mailbox sees of a story: their part in it. Who else got the mail, and how, is not theirs to know; of
// what they sent themselves they see all. Pure.
import type { TraceEvent } from '#/storage/store.ts'
import { text, texts } from './story-step.ts'

export type Viewer = {
  readonly mailbox: string
  /** Whether mail for this address comes into the mailbox. */
  readonly leadsHere: (address: string) => boolean
}
export type Part = 'sender' | 'recipient'

/** By signing in to the Mail Server, or by writing it in the console. */
function isSender({ step, detail }: TraceEvent, mailbox: string): boolean {
  if (text(detail['user']) === mailbox) return true
  return step === 'sent' && [`user ${mailbox}`, `mailbox ${mailbox}`].includes(text(detail['by']))
}

/** Null: the mailbox had no part in it. */
export function partIn(events: readonly TraceEvent[], mailbox: string): Part | null {
  if (events.some((event) => isSender(event, mailbox))) return 'sender'
  const got = ({ step, to, detail }: TraceEvent): boolean =>
    texts(detail['storedIn']).includes(mailbox) || ((step === 'read' || step === 'deleted') && to[0] === mailbox)
  return events.some(got) ? 'recipient' : null
}

/** Steps of other stories that tell a sender of theirs. */
export const noticeSteps: ReadonlySet<string> = new Set(['notified', 'notice-waits', 'notice-withheld'])

const ofRecipients: ReadonlySet<string> = new Set([
  'received',
  'sent',
  'collected',
  'alert',
  'notified',
  'stored',
  'read',
  'deleted',
])
const shownDetail: ReadonlySet<string> = new Set([
  'tls',
  'ehlo',
  'sizeBytes',
  'account',
  'host',
  'uid',
  'messages',
  'removedFields',
  'mailbox',
  'sender',
  'why',
])

/** Empty: not theirs. */
export function viewOf(events: readonly TraceEvent[], viewer: Viewer): readonly TraceEvent[] {
  const part = partIn(events, viewer.mailbox)
  if (part === 'sender') return events
  return part === null
    ? []
    : events.filter((event) => isOfRecipient(event, viewer.mailbox)).map((event) => narrowed(event, viewer))
}

/** Whether another owner is away is theirs to know. */
const isOfRecipient = ({ step, detail }: TraceEvent, mailbox: string): boolean =>
  ofRecipients.has(step) || (awaySteps.has(step) && detail['mailbox'] === mailbox)
const awaySteps: ReadonlySet<string> = new Set(['away-answered', 'away-quiet'])

function narrowed(event: TraceEvent, { mailbox, leadsHere }: Viewer): TraceEvent {
  const kept = Object.entries(event.detail).filter(([name]) => shownDetail.has(name))
  const storedIn = texts(event.detail['storedIn']).filter((one) => one === mailbox)
  const to = event.to.filter((one) => one === mailbox || leadsHere(one))
  return { ...event, to, detail: { ...Object.fromEntries(kept), ...(storedIn.length > 0 && { storedIn }) } }
}
