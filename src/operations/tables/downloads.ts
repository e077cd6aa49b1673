// Octets that somebody may keep or look at, by name.
import { z } from 'zod'
import { backupDownloads } from '../backup-octets.ts'
import { openLog } from '../log.ts'
import { mailboxExport } from '../mailbox-export.ts'
import { theirs, type Whose } from '../draft-fields.ts'
import { attachment, messageHtml, messageRaw } from '../message-octets.ts'
import type { AnyDownload, Download } from '../operation.ts'
import { queuedMessage } from '../queued-octets.ts'
import { openSent, sentAsked } from '../sent.ts'

const sentMessage: Download<Whose & { message: string }> = {
  about: 'The copy of a message that was sent, as a file',
  parameters: sentAsked,
  owner: theirs,
  open: openSent,
}

export const downloads: ReadonlyMap<string, AnyDownload> = new Map<string, AnyDownload>([
  ['message-raw', messageRaw],
  ['message-html', messageHtml],
  ['attachment', attachment],
  ['log', { about: 'The last lines of the log as text', parameters: z.strictObject({}), open: openLog }],
  ['mailbox-export', mailboxExport],
  ['sent-message', sentMessage],
  ...backupDownloads,
  ['queued-message', queuedMessage],
])
