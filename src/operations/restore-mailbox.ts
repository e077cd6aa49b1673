// Brings mail of a backup back into the server at work: a whole mailbox or one message, into a mailbox that is there or a new one.
// What is there already, octet for octet, is not brought twice; mail programs know each message by its old id. MB-08
import { createHash } from 'node:crypto'
import { noMailParameters } from '#/message/envelope.ts'
import { readBackup, type BackupEntry, type BackupReader } from '#/storage/backup/read.ts'
import { StoreError, type Acceptance, type MailboxRow } from '#/storage/store.ts'
import { uidlOf } from '#/storage/uidl.ts'
import type { Hand } from './backup-jobs.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { checkedName } from './mailboxes.ts'

export type Wanted = {
  /** The folder of the backup. */
  readonly from: string
  readonly mailbox: string
  /** Into this mailbox; otherwise into the one of the same name. */
  readonly as?: string | undefined
  /** Only this message. */
  readonly uid?: number | undefined
}
export type BroughtBack = {
  readonly mailbox: string
  /** The mailbox was not there. */
  readonly made: boolean
  readonly restored: number
  /** They were there already. */
  readonly alreadyThere: number
}

const pageEntries = 500

/** @throws OperationError */
export async function mailboxIn(reader: BackupReader, name: string): Promise<MailboxRow> {
  const row = (await reader.mailboxes()).find((one) => one.name === name.toLowerCase())
  if (!row) throw new OperationError(`There is no mailbox ${name} in this backup`)
  return row
}

/** What was brought before it fails or is ended stays; said again, it goes on. */
export async function bringBack(context: Context, wanted: Wanted, { onShare, signal }: Hand): Promise<BroughtBack> {
  await using reader = readBackup(wanted.from)
  const source = await mailboxIn(reader, wanted.mailbox)
  const { row: target, made } = await targetOf(context, source, wanted.as)
  const bringing = new Bringing(context, reader, { source, target })
  await bringing.look()
  const whole = wanted.uid === undefined ? source.messages : 1
  for await (const entry of entriesOf(reader, source, wanted.uid)) {
    if (signal.aborted) throw new OperationError(`Ended after ${bringing.restored} messages; they stay`)
    await bringing.one(entry)
    const done = bringing.restored + bringing.alreadyThere
    onShare(done / Math.max(1, whole), `${done} of ${whole} messages`)
  }
  if (made) await context.store.changeMailbox(target.id, { quotaBytes: source.quotaBytes })
  await context.directory.reload()
  const { restored, alreadyThere } = bringing
  return { mailbox: target.name, made, restored, alreadyThere }
}

async function* entriesOf(reader: BackupReader, source: MailboxRow, uid?: number): AsyncGenerator<BackupEntry> {
  if (uid !== undefined) {
    const [entry] = await reader.entries(source, uid - 1, 1)
    if (entry?.uid !== uid) throw new OperationError(`There is no message ${uid} in ${source.name} of this backup`)
    return yield entry
  }
  for (let after = 0; ;) {
    const page = await reader.entries(source, after, pageEntries)
    yield* page
    if (page.length < pageEntries) return
    after = page.at(-1)!.uid
  }
}

/** A new one has the password and the switches of the old one; its quota comes when the mail is in it. */
async function targetOf(
  context: Context,
  source: MailboxRow,
  as?: string,
): Promise<{ row: MailboxRow; made: boolean }> {
  const { store, directory, world } = context
  const name = checkedName(as ?? source.name.replace(/ deleted \d+$/, ''))
  const there = directory.all().mailboxes.find((one) => one.deletedAt === null && one.name === name)
  if (there) return { row: there, made: false }
  const row = await store.addMailbox(name, world.clock.now())
  const { pop3, argon2, scram, disabled } = source
  await store.changeMailbox(row.id, { pop3, argon2, scram, disabled })
  await directory.reload()
  return { row, made: true }
}

class Bringing {
  restored = 0
  alreadyThere = 0
  readonly #context: Context
  readonly #reader: BackupReader
  readonly #source: MailboxRow
  readonly #target: MailboxRow
  /** UIDs here by size and checksum of the content; one that was found equal is not looked at again. */
  readonly #here = new Map<string, number[]>()
  readonly #uidls = new Set<string>()

  constructor(context: Context, reader: BackupReader, { source, target }: { source: MailboxRow; target: MailboxRow }) {
    this.#context = context
    this.#reader = reader
    this.#source = source
    this.#target = target
  }

  /** At what the mailbox holds now. */
  async look(): Promise<void> {
    const { store } = this.#context
    for (const { uid, sizeBytes, crc32 } of await store.restoring.sums(this.#target.id)) {
      const key = `${sizeBytes} ${crc32}`
      this.#here.set(key, [...(this.#here.get(key) ?? []), uid])
    }
    const { uids, uidls, uidValidity } = await store.list(this.#target.id)
    for (const uid of uids) this.#uidls.add(uidls.get(uid) ?? uidlOf(uidValidity, uid))
  }

  async one(entry: BackupEntry): Promise<void> {
    if (await this.#isHere(entry)) {
      this.alreadyThere++
      return
    }
    await this.#keep(entry)
    this.restored++
  }

  async #isHere({ uid, content, prefix }: BackupEntry): Promise<boolean> {
    const alike = this.#here.get(`${content.sizeBytes} ${content.crc32}`)
    if (!alike || alike.length === 0) return false
    const wanted = await hashOf(this.#reader.octets(this.#source.id, uid), prefix)
    for (const [i, here] of alike.entries())
      if ((await hashOf(this.#context.store.openMessage(this.#target.id, here))) === wanted) {
        alike.splice(i, 1)
        return true
      }
    return false
  }

  async #keep(entry: BackupEntry): Promise<void> {
    const { store } = this.#context
    const spool = store.spool()
    try {
      for await (const chunk of this.#reader.octets(this.#source.id, entry.uid)) await spool.write(chunk)
      await store.accept(this.#acceptance(entry, await spool.finish()))
      this.#uidls.add(entry.uidl)
    } catch (error) {
      spool.discard()
      throw error instanceof StoreError && error.kind === 'conflict' ? this.#full() : error
    }
  }

  #full(): OperationError {
    const { name } = this.#target
    return new OperationError(
      `${name} is full after ${this.restored} messages: give it more room with mailbox set ${name} --quota none, and say it again; what is there is not brought twice`,
    )
  }

  #acceptance({ message: key, prefix, at: datedAt, uidl }: BackupEntry, content: Acceptance['content']): Acceptance {
    const at = this.#context.world.clock.now()
    const known = this.#uidls.has(uidl) ? {} : { uidl }
    const detail = { mailbox: this.#target.name, by: 'backup' }
    const event = {
      ref: key,
      at,
      step: 'restored',
      client: null,
      from: null,
      to: [],
      subject: null,
      messageId: null,
      detail,
    }
    return {
      key,
      at,
      content,
      envelope: { from: null, parameters: noMailParameters, to: [] },
      local: [{ mailbox: this.#target.id, recipients: [], prefix, datedAt, ...known }],
      remote: [],
      event,
    }
  }
}

/** Of a message as it is read. */
async function hashOf(chunks: AsyncIterable<Uint8Array>, prefix = ''): Promise<string> {
  const hash = createHash('sha256').update(prefix, 'latin1')
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}
