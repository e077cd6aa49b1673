// The messages of a mailbox as people see them, on SQLite. Lists are read by the thread for searches: mail programs do not wait.
import { messageKey } from '#/message/key.ts'
import type { World } from '#/world/world.ts'
import type { DeletedEntry, DeletedMark, Entries, EntryHead, EntryKey, EntryRow, MailboxFigures } from '../entries.ts'
import { deleteUnit, markUnit, purgeDeletedUnit, purgeUnit, restoreUnit } from '../entry-units.ts'
import type { ReadName } from '../sql/reads.ts'
import { StoreError, type TraceEvent } from '../store.ts'
import { traceStep } from '../units.ts'
import type { Step, Unit, Value } from '../work.ts'
import * as rows from './rows.ts'

type HeadPage = { readonly run: 'heads' | 'deletedHeads'; readonly with: readonly Value[]; readonly headBytes: number }
export type EntriesParts = {
  readonly run: (unit: Unit) => Promise<void>
  /** False where `run` would tell a conflict. */
  readonly held: (unit: Unit) => Promise<boolean>
  readonly rows: (run: ReadName, ...parameters: Value[]) => Promise<rows.Raw[]>
  readonly scan: (run: ReadName, ...parameters: Value[]) => Promise<rows.Raw[]>
  readonly heads: (page: HeadPage) => Promise<rows.RawHead[]>
  readonly removeFile: (name: string) => void
  readonly number: () => number
  readonly world: Pick<World, 'clock' | 'random'>
}

export class SqliteEntries implements Entries {
  readonly #p: EntriesParts

  constructor(parts: EntriesParts) {
    this.#p = parts
  }

  async figures(mailbox: number): Promise<MailboxFigures> {
    const row = (await this.#p.scan('figures', mailbox))[0]
    if (!row) throw new StoreError('missing', 'The mailbox is gone')
    return {
      messages: Number(row['messages']),
      bytes: Number(row['bytes']),
      unseen: Number(row['unseen']),
      deletedMessages: Number(row['deleted_messages']),
      deletedBytes: Number(row['deleted_bytes']),
    }
  }

  async heads(mailbox: number, page: { before: number; limit: number; headBytes: number }): Promise<EntryHead[]> {
    const { before, limit, headBytes } = page
    const found = await this.#p.heads({ run: 'heads', with: [mailbox, headBytes, before, limit], headBytes })
    return found.map(rows.headOf)
  }

  async deletedHeads(
    mailbox: number,
    page: { behind: DeletedMark | null; limit: number; headBytes: number },
  ): Promise<EntryHead[]> {
    const { behind, limit, headBytes } = page
    const { deletedAt, uid } = behind ?? { deletedAt: Number.MAX_SAFE_INTEGER, uid: 0 }
    const values = [mailbox, headBytes, deletedAt, uid, limit]
    return (await this.#p.heads({ run: 'deletedHeads', with: values, headBytes })).map(rows.headOf)
  }

  find = async (mailbox: number, uids: readonly number[]): Promise<EntryRow[]> =>
    (await this.#p.rows('entries', mailbox, JSON.stringify(uids))).map(rows.entryOf)
  mark = (mailbox: number, uids: readonly number[], seen: boolean): Promise<void> =>
    this.#p.run(markUnit({ mailbox, uids }, seen))

  delete(
    mailbox: number,
    uids: readonly number[],
    deleted: { at: number; events: readonly TraceEvent[] },
  ): Promise<void> {
    const { at, events } = deleted
    return this.#p.run(deleteUnit({ mailbox, uids, at }, { events, number: this.#p.number }))
  }

  async restore(mailbox: number, deleted: { uid: number; uidl: string }, event: TraceEvent): Promise<boolean> {
    const moved = (await this.#p.scan('remotesOf', mailbox, deleted.uid)).map(({ account, uid, hash }): Step => ({
      run: 'moveRemote',
      with: [mailbox, account!, uid!, hash!],
    }))
    const unit = restoreUnit({ mailbox, ...deleted }, { events: [event], number: this.#p.number })
    return this.#p.held([...unit, ...moved])
  }

  async purge(mailbox: number, uids: readonly number[], events: readonly TraceEvent[]): Promise<void> {
    const files = await this.#p.rows('filesOfDeleted', mailbox, JSON.stringify(uids))
    await this.#p.run(purgeDeletedUnit({ mailbox, uids }, { events, number: this.#p.number }))
    for (const { file } of files) this.#p.removeFile(String(file))
  }

  deletedSince = async (mailbox: number, changeNumber: number): Promise<DeletedEntry[]> =>
    (await this.#p.rows('deletedSince', mailbox, changeNumber)).map(rows.deletedOf)
  deletedBefore = async (at: number, limit: number): Promise<EntryKey[]> =>
    (await this.#p.scan('deletedBefore', at, limit)).map(rows.entryKeyOf)

  /** The whole mailbox, which was removed before. */
  async purgeMailbox(id: number): Promise<void> {
    const { clock, random } = this.#p.world
    const at = clock.now()
    const [uids, deleted] = [await this.#uids('uids', id), await this.#uids('deletedUids', id)]
    const files = [
      ...(await this.#p.rows('filesOf', id, JSON.stringify(uids))),
      ...(await this.#p.rows('filesOfDeleted', id, JSON.stringify(deleted))),
      ...(await this.#p.rows('writtenFiles', id)),
    ]
    const nobody = { client: null, from: null, to: [], subject: null, messageId: null }
    const event = {
      ...nobody,
      ref: messageKey(at, random.bytes(10)),
      at,
      step: 'mailbox-purged',
      detail: { mailbox: id },
    }
    await this.#p.run(purgeUnit(id, { uids, deleted }, traceStep(event, this.#p.number())))
    for (const { file } of files) this.#p.removeFile(String(file))
  }

  #uids = async (run: 'uids' | 'deletedUids', mailbox: number): Promise<number[]> =>
    (await this.#p.rows(run, mailbox)).map((row) => row['uid'] as number) // STRICT column
}
