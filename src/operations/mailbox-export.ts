// All messages of a mailbox as an archive: an mbox, a zip of .eml files, or a zip of a Maildir. Streams, oldest first; what is
// deleted while it runs is left out. Called for a browser, and for the command line, which writes it to a file.
import { z } from 'zod'
import { emlName, maildirName } from '#/mailboxes/archives/eml.ts'
import { writeMbox } from '#/mailboxes/archives/mbox.ts'
import type { Chunks } from '#/mailboxes/archives/types.ts'
import { writeZip, type ZipEntry } from '#/mailboxes/archives/zip-write.ts'
import type { EntryRow } from '#/storage/entries.ts'
import { StoreError, type MailboxRow } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { existing } from './mailboxes.ts'
import { ownMailbox } from './message-requests.ts'
import type { Download } from './operation.ts'

const pageRows = 200

export const exportFormats = ['mbox', 'eml', 'maildir'] as const
export const exportRequest = z.strictObject({ mailbox: z.string(), format: z.enum(exportFormats).default('mbox') })
export type ExportRequest = z.output<typeof exportRequest>

export const mailboxExport: Download<ExportRequest> = {
  about: 'All messages of a mailbox: as an mbox, a zip of .eml files, or a zip of a Maildir',
  parameters: exportRequest,
  owner: ownMailbox,
  open: (context, { mailbox: name, format }) => {
    const mailbox = existing(context, name)
    return Promise.resolve({
      fileName: fileNameOf(mailbox, format),
      type: format === 'mbox' ? 'application/mbox' : 'application/zip',
      chunks: exported(context, mailbox, format),
    })
  },
}

export const fileNameOf = ({ name }: MailboxRow, format: ExportRequest['format']): string =>
  format === 'mbox' ? `${name}.mbox` : `${name}-${format}.zip`

export const exported = (context: Context, mailbox: MailboxRow, format: ExportRequest['format']): Chunks =>
  format === 'mbox' ? mboxOf(context, mailbox) : writeZip(zipEntries(context, mailbox, format))

async function* mboxOf(context: Context, mailbox: MailboxRow): AsyncGenerator<Uint8Array> {
  for await (const { uid, at, prefix } of rowsOf(context, mailbox)) {
    const chunks = context.store.openMessage(mailbox.id, uid)
    try {
      yield* writeMbox({ sender: senderOf(prefix), at, chunks })
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }
}

async function* zipEntries(context: Context, mailbox: MailboxRow, format: 'eml' | 'maildir'): AsyncGenerator<ZipEntry> {
  for await (const { uid, at, seen, message: key } of rowsOf(context, mailbox)) {
    const name = (format === 'eml' ? emlName : maildirName)({ uid, key, at, seen })
    yield { name, at, open: () => context.store.openMessage(mailbox.id, uid) }
  }
}

/** Oldest first, those that are still there; tells how far it is. */
export async function* rowsOf({ store, onShare }: Context, { id }: MailboxRow): AsyncGenerator<EntryRow> {
  const { uids } = await store.list(id)
  for (let from = 0; from < uids.length; from += pageRows) {
    const page = await store.entries.find(id, [...uids.subarray(from, from + pageRows)])
    yield* page.filter(({ deletedAt }) => deletedAt === null)
    onShare?.(
      Math.min(1, (from + pageRows) / uids.length),
      `${Math.min(from + pageRows, uids.length)} of ${uids.length} messages`,
    )
  }
}

const senderOf = (prefix: string): string => /^Return-Path: <([^>\r\n]*)>/i.exec(prefix)?.[1] ?? ''
const isGone = (error: unknown): boolean => error instanceof StoreError && error.kind === 'missing'
