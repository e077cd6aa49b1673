// The messages of a mailbox: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as files from '../mailbox-files.ts'
import { Imported } from '../mailbox-import.ts'
import * as asked from '../message-requests.ts'
import * as messages from '../messages.ts'
import { changes, reads } from '../operation.ts'

const owner = asked.ownMailbox
const number = z.number()

export const messageOperations = {
  'message.list': reads('The messages of a mailbox, newest first, without their contents', {
    parameters: asked.MessageList,
    answer: asked.MessagePageAnswer,
    owner,
    run: messages.listMessages,
  }),
  'message.search': reads('Messages whose subject, sender or recipients hold all the words, newest first', {
    parameters: asked.MessageSearch,
    answer: asked.HitsAnswer,
    owner,
    run: messages.searchMessages,
  }),
  'message.show': reads('One message taken apart: people, text, links, attachments, warnings, header', {
    parameters: asked.OneMessage,
    answer: asked.ShownAnswer,
    owner,
    run: messages.showMessage,
  }),
  'message.source': reads('The beginning of a message as it came', {
    parameters: asked.OneMessage,
    answer: z.strictObject({ text: z.string(), cut: z.boolean() }),
    owner,
    run: messages.messageSource,
  }),
  'message.flag': changes('Marks messages as read or not read', {
    parameters: asked.MarkedMessages,
    answer: z.strictObject({ unseen: number }),
    owner,
    run: messages.flagMessages,
  }),
  'message.delete': changes('Deletes messages; they can be restored for some days', {
    parameters: asked.ChosenMessages,
    answer: z.strictObject({ deleted: number, restorableUntil: number.nullable() }),
    owner,
    run: messages.deleteMessages,
  }),
  'message.deleted': reads('Deleted messages that can be restored, last deleted first', {
    parameters: asked.MessageList,
    answer: asked.DeletedPageAnswer,
    owner,
    run: messages.listDeleted,
  }),
  'message.restore': changes('Brings deleted messages back', {
    parameters: asked.ChosenMessages,
    answer: z.strictObject({ restored: number }),
    owner,
    run: messages.restoreMessages,
  }),
  'message.purge': changes('Removes deleted messages for good', {
    parameters: asked.ChosenMessages,
    answer: z.strictObject({ purged: number }),
    owner,
    run: messages.purgeMessages,
  }),
  'mailbox.export': reads('Writes all messages of a mailbox to a file of the server, or to a Maildir', {
    parameters: files.fileExportRequest,
    answer: files.FileExported,
    local: true,
    run: files.exportToFile,
  }),
  'mailbox.import': changes('Brings messages from a file or folder of the server into a mailbox', {
    parameters: files.fileImportRequest,
    answer: Imported,
    local: true,
    run: files.importFromFile,
  }),
}
