// Messages out of an archive into a mailbox: from a browser, or from a file or folder on the command line. Each is durable before
// it is counted; what could not be taken is told, and a second run brings only what is missing. MB-06
import { z } from 'zod'
import { MessageImporting } from '#/intake/importing.ts'
import { messageBytesMax } from '#/mailboxes/archives/limits.ts'
import { readArchive } from '#/mailboxes/archives/read.ts'
import { ArchiveError, type Archive, type ArchiveEvent, type Chunks } from '#/mailboxes/archives/types.ts'
import { StoreError, type Acceptance, type MailboxRow } from '#/storage/store.ts'
import { whoIs } from './audit.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { KnownMessages } from './known-messages.ts'
import { existing } from './mailboxes.ts'
import { ownMailbox } from './message-requests.ts'
import type { Upload } from './operation.ts'

const atOnce = 32 // that wait for one flush together
const problemsMax = 50

export const Imported = z.strictObject({
  imported: z.number(),
  already: z.number().describe('Were there before'),
  skipped: z.number(),
  problems: z
    .array(z.strictObject({ name: z.string(), why: z.string() }))
    .describe('The first of those that were skipped'),
  ended: z.string().nullable().describe('Why it ended early; what is imported stays'),
})
export type Imported = z.output<typeof Imported>

export const importRequest = z.strictObject({
  mailbox: z.string(),
  fileName: z.string().max(300).default('message.eml'),
})
export const mailboxImport: Upload<z.output<typeof importRequest>, Imported> = {
  about: 'Brings messages into a mailbox: an mbox, a zip of .eml files or of a Maildir, or one .eml',
  parameters: importRequest,
  answer: Imported,
  owner: ownMailbox,
  take: (context, { mailbox, fileName }, chunks) => importChunks(context, { mailbox, fileName }, chunks),
}

export const importChunks = (
  context: Context,
  { mailbox, fileName }: z.output<typeof importRequest>,
  chunks: Chunks,
): Promise<Imported> => importArchive(context, existing(context, mailbox), readArchive(chunks, fileName))

export async function importArchive(context: Context, mailbox: MailboxRow, archive: Archive): Promise<Imported> {
  const work = new Import(context, mailbox, await KnownMessages.of(context.store, mailbox.id))
  try {
    for await (const event of archive) await work.take(event)
    return await work.done(null)
  } catch (error) {
    work.drop()
    if (error instanceof ArchiveError) return work.done(error.message)
    if (error instanceof StoreError) return work.done(storeWords(mailbox, error))
    throw error
  }
}

const storeWords = ({ name }: MailboxRow, { kind }: StoreError): string =>
  kind === 'conflict'
    ? `The mailbox ${name} is full`
    : kind === 'full'
      ? 'The disk is full'
      : 'This server cannot store mail'

class Import {
  readonly #context: Context
  readonly #mailbox: MailboxRow
  readonly #known: KnownMessages
  readonly #under: Promise<Error | void>[] = []
  readonly #counts = { imported: 0, already: 0, skipped: 0 }
  readonly #problems: { name: string; why: string }[] = []
  #message: MessageImporting | null = null
  #name = ''

  constructor(context: Context, mailbox: MailboxRow, known: KnownMessages) {
    this.#context = context
    this.#mailbox = mailbox
    this.#known = known
  }

  async take(event: ArchiveEvent): Promise<void> {
    if (event.is === 'begin') return this.#begin(event)
    if (event.is === 'skipped') return this.#skip(event.name, event.why)
    if (event.is === 'end') return this.#end()
    if (this.#message === null) return
    if (this.#message.bytes + event.octets.length <= messageBytesMax) return this.#message.write(event.octets)
    this.drop()
    this.#skip(this.#name, `It is larger than ${messageBytesMax} octets`)
  }

  #begin({ name, at, seen }: ArchiveEvent & { is: 'begin' }): void {
    const { store, settings, actor } = this.#context
    if (store.canAccept() !== 'yes') throw new StoreError('full', 'No mail is taken now')
    this.#name = name
    const by = whoIs(actor)
    this.#message = new MessageImporting(
      { ...this.#context, settingsNow: settings.now },
      { mailbox: this.#mailbox.id, at, seen, by },
    )
  }

  async #end(): Promise<void> {
    const message = this.#message
    this.#message = null
    if (message === null) return
    const arrived = message.end()
    if (arrived.isMessage && !(await this.#known.has(arrived))) return this.#keep(await message.acceptance())
    message.discard()
    if (arrived.isMessage) this.#counts.already++
    else this.#skip(this.#name, 'It is no message: it has no header')
  }

  async #keep(acceptance: Acceptance): Promise<void> {
    const kept = this.#context.store.accept(acceptance).then(
      () => void this.#counts.imported++,
      (error: Error) => error,
    )
    this.#under.push(kept)
    if (this.#under.length >= atOnce) await this.#settled()
  }

  /** @throws the first trouble of those under way */
  async #settled(): Promise<void> {
    const trouble = (await Promise.all(this.#under.splice(0))).find((error) => error !== undefined)
    if (trouble) throw trouble
  }

  #skip(name: string, why: string): void {
    this.#counts.skipped++
    if (this.#problems.length < problemsMax) this.#problems.push({ name: name.slice(0, 200), why })
  }

  drop(): void {
    this.#message?.discard()
    this.#message = null
  }

  async done(ended: string | null): Promise<Imported> {
    try {
      await this.#settled()
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      ended ??= storeWords(this.#mailbox, error)
    }
    if (ended !== null && Object.values(this.#counts).every((n) => n === 0)) throw new OperationError(ended)
    return { ...this.#counts, problems: this.#problems, ended }
  }
}
