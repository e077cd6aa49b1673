// Builds units of work from what the store is told. Pure.
import assert from 'node:assert'
import { answeredSteps } from './away-units.ts'
import { collectedSteps } from './collected-units.ts'
import { writtenSteps } from './draft-units.ts'
import { addDelivery } from './queue-units.ts'
import type { DeliveryRow } from './queue.ts'
import type { StatementName } from './sql/writes.ts'
import type { Acceptance, AccessRow, MailboxChanges, TraceEvent } from './store.ts'
import type { Step, Unit, Value } from './work.ts'

export type Steps = readonly Step[]

/** Whether reading adds a CRLF at the end. A prefix is made of whole fields: behind it nothing is a whole line already.
 *  LIST counts by this what RETR sends. RFC 1939 §11 */
export const needsCrlf = (prefix: string, content: { sizeBytes: number; endsInCrlf: boolean }): boolean =>
  content.sizeBytes === 0 ? prefix === '' : !content.endsInCrlf

/** What the store made of an acceptance: the id of its octets, its deliveries, and what orders trace events of one moment. */
export type Made = { readonly contentId: number; readonly deliveries: readonly DeliveryRow[]; readonly number: number }

/** Everything that one accepted message changes, in one unit. */
export function acceptUnit(a: Acceptance, { contentId, deliveries, number }: Made): Unit {
  const { content, key, at } = a
  const refs = a.local.length + a.remote.length + (a.written ? 1 : 0)
  assert(a.local.length + a.remote.length > 0, 'a message that nobody gets')
  if (a.local.length > 1)
    assert(new Set(a.local.map(({ mailbox }) => mailbox)).size === a.local.length, 'a mailbox gets one copy')
  const steps: Step[] = [
    {
      run: 'addContent',
      with: [contentId, refs, content.sizeBytes, content.crc32, content.file, content.chunks?.[0] ?? null],
    },
  ]
  for (const { mailbox, prefix, datedAt = at, seen = false, uidl = null } of a.local) {
    const size = prefix.length + content.sizeBytes + (needsCrlf(prefix, content) ? 2 : 0)
    steps.push({ run: 'countEntry', with: [mailbox, size, Number(seen)], changes: 1 })
    steps.push({
      run: 'addEntry',
      with: [mailbox, contentId, key, prefix, size, datedAt, Number(seen), uidl],
      changes: 1,
    })
  }
  steps.push(...collectedSteps(a))
  for (const row of deliveries) steps.push(addDelivery(row))
  steps.push(...writtenSteps(a, contentId), ...answeredSteps(a), traceStep(a.event, number))
  if (a.answered) steps.push(traceStep(a.answered.event, number))
  return steps
}

export function traceStep(e: TraceEvent, number: number): Step {
  const to = JSON.stringify(e.to)
  const detail = JSON.stringify(e.detail)
  return { run: 'addTrace', with: [e.ref, e.at, number, e.step, e.client, e.from, to, e.subject, e.messageId, detail] }
}

export const accessValues = (a: Omit<AccessRow, 'id' | 'lastUsedAt' | 'uses'>): Value[] => [
  a.position,
  a.pattern,
  a.action,
  a.note,
  a.expiresAt,
  JSON.stringify(a.senders),
]

/** Removes entries, and contents that nobody else needs. The order matters: contents are found through entries. */
export function removeUnit(
  removal: { mailbox: number; uids: readonly number[]; event: TraceEvent },
  number: number,
): Unit {
  const parameters: Value[] = [removal.mailbox, JSON.stringify(removal.uids)]
  return [
    { run: 'uncountEntries', with: parameters, changes: 1 },
    { run: 'dropContents', with: parameters },
    { run: 'unrefContents', with: parameters },
    { run: 'dropEntries', with: parameters },
    traceStep(removal.event, number),
  ]
}

/** Only what changes is written: two changes at once do not undo each other. */
export function changeMailboxUnit(id: number, c: MailboxChanges): Unit {
  const steps: Step[] = []
  const set = (run: StatementName, value: Value | undefined): void => {
    if (value !== undefined) steps.push({ run, with: [id, value], changes: 1 })
  }
  set('setMailboxName', c.name)
  set('setMailboxPop3', c.pop3 === undefined ? undefined : Number(c.pop3))
  set('setMailboxArgon2', c.argon2)
  set('setMailboxScram', c.scram)
  set('setMailboxQuota', c.quotaBytes)
  set('setMailboxDisabled', c.disabled)
  set('setMailboxForward', c.forward && JSON.stringify(c.forward))
  if (c.away?.on) steps.push({ run: 'forgetAnsweredWhenOff', with: [id] })
  set('setMailboxAway', c.away && JSON.stringify(c.away))
  set('setMailboxDeleted', c.deletedAt)
  return steps
}
