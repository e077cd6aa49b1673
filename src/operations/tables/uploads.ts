// Octets that somebody may bring, by name.
import { backupUploads } from '../backup-octets.ts'
import { attachFile, attachRequest, type AttachRequest } from '../draft-files.ts'
import { mailboxImport } from '../mailbox-import.ts'
import { theirs } from '../draft-fields.ts'
import { attachedFile, type Attached } from '../drafts.ts'
import type { AnyUpload, Upload } from '../operation.ts'

const draftAttachment: Upload<AttachRequest, Attached> = {
  about: 'A file that goes with a draft',
  parameters: attachRequest,
  answer: attachedFile,
  owner: theirs,
  take: attachFile,
}

export const uploads: ReadonlyMap<string, AnyUpload> = new Map<string, AnyUpload>([
  ['draft-attachment', draftAttachment],
  ...backupUploads,
  ['mailbox-import', mailboxImport],
])
