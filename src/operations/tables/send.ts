// Sending from here: what the command line, the control socket and the console may ask for.
import { changes, reads } from '../operation.ts'
import { queuedDraft, sendDraft, sendDraftRequest } from '../draft-send.ts'
import { theirs } from '../draft-fields.ts'
import { pageAsked, removed } from '../drafts.ts'
import { addressesRequest, ownAddresses, sendAddresses } from '../send-addresses.ts'
import * as cancel from '../send-cancel.ts'
import { previewRequest, previewSend, sendPreview } from '../send-preview.ts'
import * as send from '../send.ts'
import * as sent from '../sent.ts'

export const sendOperations = {
  send: changes('Makes a message and queues it', { parameters: send.sendRequest, run: send.send }),
  'send.raw': changes('Queues a complete message', { parameters: send.sendRawRequest, run: send.sendRaw }),
  'send.addresses': reads('The addresses that one may send as', {
    parameters: addressesRequest,
    answer: ownAddresses,
    owner: theirs,
    run: sendAddresses,
  }),
  'send.preview': reads('What would happen on sending, for each recipient', {
    parameters: previewRequest,
    answer: sendPreview,
    owner: theirs,
    run: previewSend,
  }),
  'send.draft': changes('Queues a draft as a message; asked again it queues nothing more', {
    parameters: sendDraftRequest,
    answer: queuedDraft,
    owner: theirs,
    run: sendDraft,
  }),
  'send.cancel': changes('Takes a message back before its delivery begins; its draft is there again', {
    parameters: cancel.cancelRequest,
    answer: cancel.cancelled,
    owner: theirs,
    run: cancel.cancelSend,
  }),
  'send.waiting': reads('What was sent and can still be taken back, soonest first', {
    parameters: cancel.waitingAsked,
    answer: cancel.waitingPage,
    owner: theirs,
    run: cancel.listWaiting,
  }),
  'sent.list': reads('Copies of what was sent, newest first', {
    parameters: pageAsked,
    answer: sent.sentPage,
    owner: theirs,
    run: sent.listSent,
  }),
  'sent.remove': changes('Removes the copy of a message that was sent', {
    parameters: sent.sentAsked,
    answer: removed,
    owner: theirs,
    run: sent.removeSent,
  }),
}
