// Looks into a backup: which mailboxes it has, which messages they held, their octets. On its own read-only connection in a
// thread; changes nothing. Used by operations that restore a mailbox or a message. MB-08
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { MessageKey } from '#/message/key.ts'
import { fileChunkBytes } from '../limits.ts'
import { mailboxOf, type Raw } from '../sqlite/rows.ts'
import { Reader } from '../sqlite/reader.ts'
import { checked } from '../sqlite/checked.ts'
import { StoreError, type MailboxId, type MailboxRow } from '../store.ts'
import { uidlOf } from '../uidl.ts'
import { contentFolderName, databaseFile } from './format.ts'

/** A message as a mailbox of the backup held it. */
export type BackupEntry = {
  readonly uid: number
  readonly message: MessageKey
  /** The unique id that mail programs know it by. */
  readonly uidl: string
  readonly prefix: string
  readonly at: number
  /** With what stands before it when it is read. */
  readonly sizeBytes: number
  readonly content: { readonly sizeBytes: number; readonly crc32: number }
  /** As the trace of the backup tells. */
  readonly from: string | null
  readonly subject: string | null
}

export interface BackupReader extends AsyncDisposable {
  mailboxes(): Promise<MailboxRow[]>
  /** Behind a UID, in their order. */
  entries(mailbox: MailboxRow, after: number, limit: number): Promise<BackupEntry[]>
  /** The octets behind the prefix; the last of them only when the checksum is right. @throws StoreError 'missing' | 'failed' */
  octets(mailbox: MailboxId, uid: number): AsyncIterable<Uint8Array>
}

export function readBackup(folder: string): BackupReader {
  const contents = join(folder, contentFolderName)
  const reader = new Reader({ file: join(folder, databaseFile), contentFolder: contents, untrusted: true })
  const rows = (run: 'mailboxes' | 'backupEntries' | 'backupContent', ...values: number[]): Promise<Raw[]> =>
    reader.ask<Raw[]>({ ask: 'rows', run, with: values })
  return {
    mailboxes: async () => (await rows('mailboxes')).map(mailboxOf),
    entries: async (mailbox, after, limit) =>
      (await rows('backupEntries', mailbox.id, after, limit)).map((row) => entryOf(row, mailbox)),
    async *octets(mailbox, uid) {
      const row = (await rows('backupContent', mailbox, uid))[0]
      if (!row) throw new StoreError('missing', 'The message is not in the backup')
      const file = row['file'] === null ? null : join(contents, String(row['file']))
      const octets = row['octets'] as unknown as Uint8Array // of a content that is no file
      yield* checked(file === null ? [octets] : createReadStream(file, { highWaterMark: fileChunkBytes }), row)
    },
    [Symbol.asyncDispose]: () => reader.close(),
  }
}

function entryOf(row: Raw, { uidValidity }: MailboxRow): BackupEntry {
  const uid = Number(row['uid'])
  const text = (name: string): string | null => (row[name] === null ? null : String(row[name]))
  return {
    uid,
    message: String(row['message']) as MessageKey, // written as one
    uidl: text('uidl') ?? uidlOf(uidValidity, uid),
    prefix: String(row['prefix']),
    at: Number(row['at']),
    sizeBytes: Number(row['size']),
    content: { sizeBytes: Number(row['octets']), crc32: Number(row['crc']) },
    from: text('sender'),
    subject: text('subject'),
  }
}
