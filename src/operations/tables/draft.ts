// Messages that are being written: what the command line, the control socket and the console may ask for.
import { theirs } from '../draft-fields.ts'
import * as drafts from '../drafts.ts'
import { changes, reads } from '../operation.ts'

export const draftOperations = {
  'draft.save': changes('Keeps a draft as it is now; one that somebody else changed meanwhile is not overwritten', {
    parameters: drafts.saveRequest,
    answer: drafts.savedDraft,
    owner: theirs,
    run: drafts.saveDraft,
  }),
  'draft.list': reads('Drafts, newest first', {
    parameters: drafts.pageAsked,
    answer: drafts.draftPage,
    owner: theirs,
    run: drafts.listDrafts,
  }),
  'draft.show': reads('A draft with its attachments', {
    parameters: drafts.draftAsked,
    answer: drafts.shownDraft,
    owner: theirs,
    run: drafts.showDraft,
  }),
  'draft.remove': changes('Removes a draft with its attachments', {
    parameters: drafts.draftAsked,
    answer: drafts.removed,
    owner: theirs,
    run: drafts.removeDraft,
  }),
  'draft.detach': changes('Takes an attachment away from a draft', {
    parameters: drafts.detachRequest,
    answer: drafts.removed,
    owner: theirs,
    run: drafts.detachFile,
  }),
}
