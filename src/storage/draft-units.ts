// Drafts and copies of sent messages as steps of a unit of work. Pure. Called by units.ts, queue-units.ts and the engines.
import type { Acceptance } from './store.ts'
import type { Step } from './work.ts'

/** The draft becomes the message: gone with its attachments, or kept until the message leaves. A draft that changed since it was
 *  read is a conflict, and so is a second copy. SE-04 */
export function writtenSteps({ written, key, at, content, event }: Acceptance, contentId: number): Step[] {
  if (!written) return []
  const { owner, draft, leavesAt } = written
  const mark = [draft.id, draft.version, draft.files]
  const copy = [owner, key, draft.id, contentId, at, content.sizeBytes, event.subject ?? '', JSON.stringify(event.to)]
  const left: Step[] =
    leavesAt === null
      ? [...contentsOfDraft(draft.id), { run: 'sendDraft', with: mark, changes: 1 }]
      : [{ run: 'letDraftLeave', with: [...mark, key, leavesAt], changes: 1 }]
  return [...left, { run: 'addSent', with: copy, changes: 1 }]
}

export const contentsOfDraft = (id: string): Step[] => [
  { run: 'dropDraftContents', with: [id] },
  { run: 'dropDraftFiles', with: [id] },
]

/** Behind the moves that take the deliveries back: the copy goes, the draft is there again. */
export const takenBackSteps = (message: string, at: number): Step[] => [
  { run: 'dropSentContent', with: [message] },
  { run: 'unrefSentContent', with: [message] },
  { run: 'dropSentOf', with: [message] },
  { run: 'giveDraftBack', with: [message, at] },
]

/** Of a mailbox that is purged: one of its number may be made again. */
export const purgedDraftSteps = (owner: number): Step[] => [
  { run: 'dropContentsOfDrafts', with: [owner] },
  { run: 'dropFilesOfDrafts', with: [owner] },
  { run: 'dropDrafts', with: [owner] },
  { run: 'dropContentsOfSent', with: [owner] },
  { run: 'unrefContentsOfSent', with: [owner] },
  { run: 'dropAllSent', with: [owner] },
]
