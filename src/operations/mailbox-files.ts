// Exports to files and imports from files and folders, as the command line asks: they name paths of the machine, so nobody else may.
import { createReadStream, type Dirent } from 'node:fs'
import { mkdir, open, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { isMessageName, maildirName, readMessage } from '#/mailboxes/archives/eml.ts'
import { readArchive } from '#/mailboxes/archives/read.ts'
import type { Archive, Chunks } from '#/mailboxes/archives/types.ts'
import type { MailboxRow } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { exported, exportFormats, rowsOf } from './mailbox-export.ts'
import { importArchive, type Imported } from './mailbox-import.ts'
import { existing } from './mailboxes.ts'

export const fileExportRequest = z.strictObject({
  mailbox: z.string(),
  to: z.string(),
  format: z.enum(exportFormats).default('mbox'),
})
export const fileImportRequest = z.strictObject({ mailbox: z.string(), from: z.string() })
export const FileExported = z.strictObject({ to: z.string(), format: z.enum(exportFormats), bytes: z.number() })

/** A file that nobody else may read; a Maildir is a folder. Neither may be there already. */
export async function exportToFile(
  context: Context,
  { mailbox: name, to, format }: z.output<typeof fileExportRequest>,
): Promise<z.output<typeof FileExported>> {
  const mailbox = existing(context, name)
  try {
    const bytes =
      format === 'maildir'
        ? await maildirTo(context, mailbox, to)
        : await writeNew(to, exported(context, mailbox, format))
    return { to, format, bytes }
  } catch (error) {
    throw inWords(error, to)
  }
}

async function maildirTo(context: Context, mailbox: MailboxRow, to: string): Promise<number> {
  await mkdir(to, { mode: 0o700 })
  for (const folder of ['cur', 'new', 'tmp']) await mkdir(join(to, folder), { mode: 0o700 })
  let bytes = 0
  for await (const { uid, at, seen, message: key } of rowsOf(context, mailbox))
    bytes += await writeNew(join(to, maildirName({ uid, key, at, seen })), context.store.openMessage(mailbox.id, uid))
  return bytes
}

async function writeNew(path: string, chunks: Chunks): Promise<number> {
  await using file = await open(path, 'wx', 0o600)
  let bytes = 0
  for await (const chunk of chunks) {
    await file.writeFile(chunk)
    bytes += chunk.length
  }
  await file.datasync()
  return bytes
}

/** An mbox, a zip, one message; a Maildir, or a folder of .eml files. */
export async function importFromFile(
  context: Context,
  { mailbox: name, from }: z.output<typeof fileImportRequest>,
): Promise<Imported> {
  const mailbox = existing(context, name)
  try {
    const facts = await stat(from)
    const archive = facts.isDirectory()
      ? folder(context, from)
      : readArchive(watched(context, from, facts.size), basename(from))
    return await importArchive(context, mailbox, archive)
  } catch (error) {
    throw inWords(error, from)
  }
}

async function* watched({ onShare }: Context, path: string, size: number): AsyncGenerator<Uint8Array> {
  let done = 0
  for await (const chunk of octetsOf(path)) {
    yield chunk
    onShare?.((done += chunk.length) / size)
  }
}

const octetsOf = (path: string): Chunks =>
  createReadStream(path, { highWaterMark: 262_144 }) as AsyncIterable<Uint8Array> // no encoding is set

async function* folder({ onShare }: Context, path: string): Archive {
  const files = (await readdir(path, { withFileTypes: true, recursive: true })).filter(isFile).map(pathOf).toSorted()
  let done = 0
  for (const file of files) {
    const name = file.slice(path.length)
    if (isMessageName(name)) yield* readMessage(octetsOf(file), name)
    else if (/\.mbox$/i.test(name)) yield* readArchive(octetsOf(file), name)
    onShare?.(++done / files.length, `${done} of ${files.length} files`)
  }
}

const isFile = (entry: Dirent): boolean => entry.isFile()
const pathOf = ({ parentPath, name }: Dirent): string => join(parentPath, name)

const words: ReadonlyMap<string, string> = new Map([
  ['EEXIST', 'is there already: name another one'],
  ['ENOENT', 'is not there'],
  ['EACCES', 'may not be used by this user'],
  ['ENOSPC', 'does not fit: the disk is full'],
])
function inWords(error: unknown, path: string): unknown {
  const said = words.get((error as NodeJS.ErrnoException).code ?? '')
  return said === undefined ? error : new OperationError(`${path} ${said}`)
}
