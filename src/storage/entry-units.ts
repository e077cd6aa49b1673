// What is done to the messages of a mailbox, as units of work. Pure. Called by the engine.
import { purgedDraftSteps } from './draft-units.ts'
import type { TraceEvent } from './store.ts'
import { traceStep } from './units.ts'
import type { Step, Unit, Value } from './work.ts'

type Chosen = { readonly mailbox: number; readonly uids: readonly number[] }
type Told = { readonly events: readonly TraceEvent[]; readonly number: () => number }

const traced = ({ events, number }: Told): Step[] => events.map((event) => traceStep(event, number()))

export function markUnit({ mailbox, uids }: Chosen, seen: boolean): Unit {
  const parameters = [mailbox, JSON.stringify(uids), Number(seen)]
  return [
    { run: 'countSeen', with: parameters },
    { run: 'setSeen', with: parameters },
  ]
}

/** The content stays with the row that goes among the deleted ones. */
export function deleteUnit({ mailbox, uids, at }: Chosen & { at: number }, told: Told): Unit {
  const json = JSON.stringify(uids)
  return [
    { run: 'uncountEntries', with: [mailbox, json], changes: 1 },
    { run: 'keepDeleted', with: [mailbox, json, at] },
    { run: 'dropEntries', with: [mailbox, json] },
    ...traced(told),
  ]
}

export const restoreUnit = (
  { mailbox, uid, uidl }: { mailbox: number; uid: number; uidl: string },
  told: Told,
): Unit => [
  { run: 'countRestored', with: [mailbox, uid], changes: 1 },
  { run: 'restoreEntry', with: [mailbox, uid, uidl], changes: 1 },
  { run: 'dropDeleted', with: [mailbox, JSON.stringify([uid])], changes: 1 },
  ...traced(told),
]

export const purgeDeletedUnit = ({ mailbox, uids }: Chosen, told: Told): Unit => [
  ...purgeDeletedSteps({ mailbox, uids }),
  ...traced(told),
]

export function purgeDeletedSteps({ mailbox, uids }: Chosen): Step[] {
  const parameters = [mailbox, JSON.stringify(uids)]
  return [
    { run: 'dropDeletedContents', with: parameters },
    { run: 'unrefDeletedContents', with: parameters },
    { run: 'dropDeleted', with: parameters },
  ]
}

/** A mailbox that was not soft-deleted first is a conflict, and keeps its mail. */
export function purgeUnit(
  id: number,
  { uids, deleted }: { uids: readonly number[]; deleted: readonly number[] },
  trace: Step,
): Unit {
  const parameters: Value[] = [id, JSON.stringify(uids)]
  return [
    { run: 'dropMailbox', with: [id], changes: 1 },
    { run: 'dropAppPasswords', with: [id] }, // a mailbox of this number may be made again
    { run: 'dropSessionsOfMailbox', with: [id] },
    { run: 'dropTokensOfMailbox', with: [id] },
    { run: 'dropSameness', with: [id] },
    { run: 'dropAnswered', with: [id] },
    ...purgedDraftSteps(id),
    { run: 'dropContents', with: parameters },
    { run: 'unrefContents', with: parameters },
    { run: 'dropEntries', with: parameters },
    ...purgeDeletedSteps({ mailbox: id, uids: deleted }),
    trace,
  ]
}
