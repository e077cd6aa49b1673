// What survives a crash: contents, deliveries, mailboxes, entries, trace, remote accounts, in memory, changed in whole
// transactions. Used by memory-store.ts. It keeps what it is told and decides nothing.
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { deliveriesOf } from '#/storage/queue-units.ts'
import { isFinished, type DeliveryRow, type Move } from '#/storage/queue.ts'
import { EntryRefused, StoreError, type Acceptance, type MailboxRow, type TraceEvent } from '#/storage/store.ts'
import { RemoteDisk } from './disk-remote.ts'

export type Entry = {
  readonly mailbox: number
  readonly uid: number
  readonly message: string
  readonly content: number
}
export type Stored = { refs: number; readonly octets: Uint8Array; readonly file: string | null }
/** One transaction: all of it or nothing. */
export type Work = {
  readonly at?: number
  readonly moves?: readonly Move[]
  readonly acceptances?: readonly Acceptance[]
  readonly events?: readonly TraceEvent[]
}

export class Disk {
  readonly contents = new Map<number, Stored>()
  readonly deliveries = new Map<string, DeliveryRow>()
  readonly mailboxes = new Map<number, MailboxRow>()
  readonly alternates = new Map<string, string>()
  readonly files = new Map<string, Uint8Array>() // spooled, and named by no content until it is accepted
  readonly remote = new RemoteDisk()
  routes: readonly string[] = []
  entries: readonly Entry[] = []
  trace: TraceEvent[] = []
  #ids = 0
  /** Hears of each transaction right after it, with the deliveries that it made. */
  onCommit: (work: Work, made: readonly DeliveryRow[]) => void = () => undefined

  nextId(): number {
    return ++this.#ids
  }

  /** @throws StoreError 'conflict' when a row is not as it was read, or a mailbox takes nothing. */
  commit(work: Work): DeliveryRow[] {
    const { moves = [], acceptances = [], events = [], at = 0 } = work
    for (const { row } of moves) this.#fence(row)
    for (const [i, { local, collected }] of acceptances.entries()) {
      for (const { mailbox } of local) this.#room(mailbox, i)
      if (collected) this.remote.fence(collected)
    }
    for (const move of moves) this.#move(move, at)
    const made = acceptances.flatMap((acceptance) => this.#accept(acceptance))
    this.trace.push(...events)
    this.onCommit(work, made)
    return made
  }

  #fence(row: DeliveryRow): void {
    const now = this.deliveries.get(row.id)
    if (now && isDeepStrictEqual(fencedBy(now), fencedBy(row))) return
    throw new StoreError('conflict', `The delivery ${row.id} moved meanwhile`)
  }

  #room(id: number, acceptance: number): void {
    const mailbox = this.mailboxes.get(id)
    if (!mailbox || mailbox.deletedAt !== null || (mailbox.quotaBytes ?? Infinity) <= mailbox.bytes)
      throw new EntryRefused({ acceptance, mailbox: id }, {})
  }

  #move({ row, to }: Move, at: number): void {
    const { state, attempts, dueAt, lastReply, memo, lease, priority = row.priority } = to
    const finishedAt = isFinished(state) ? at : null
    const now = {
      ...this.deliveries.get(row.id)!,
      state,
      attempts,
      dueAt,
      lastReply,
      memo,
      lease,
      priority,
      finishedAt,
    }
    this.deliveries.set(row.id, now)
    if (finishedAt !== null) this.release(row.content)
  }

  #accept(acceptance: Acceptance): DeliveryRow[] {
    const { content, local, key, remote, event } = acceptance
    const id = this.nextId()
    const octets = content.file === null ? content.chunks![0]! : this.files.get(content.file)!
    this.contents.set(id, { refs: local.length + remote.length, octets, file: content.file })
    for (const { mailbox, prefix } of local) {
      const row = this.mailboxes.get(mailbox)!
      const bytes = row.bytes + prefix.length + content.sizeBytes
      this.entries = [...this.entries, { mailbox, uid: row.uidNext, message: key, content: id }]
      this.mailboxes.set(mailbox, { ...row, bytes, uidNext: row.uidNext + 1, messages: row.messages + 1 })
    }
    const first = this.entries.find(({ message }) => message === key)
    this.remote.store(acceptance, first)
    const made = deliveriesOf(acceptance, id)
    for (const row of made) this.deliveries.set(row.id, row)
    this.trace.push(event)
    return made
  }

  /** The octets go with whoever needs them last. */
  release(id: number): void {
    const stored = this.contents.get(id)
    assert(stored, `content ${id} is needed, and gone`)
    if (--stored.refs > 0) return
    this.contents.delete(id)
    if (stored.file !== null) this.files.delete(stored.file)
  }

  /** Sentences about contents that are kept for nobody, or missing. */
  problems(): string[] {
    const open = [...this.deliveries.values()].filter(({ state }) => !isFinished(state))
    const needs = Map.groupBy([...open, ...this.entries], ({ content }) => content)
    const ids = new Set([...needs.keys(), ...this.contents.keys()])
    return [...ids].flatMap((id) => {
      const [refs, needed] = [this.contents.get(id)?.refs ?? 0, needs.get(id)?.length ?? 0]
      return refs === needed ? [] : [`content ${id} has ${refs} references, and ${needed} need it`]
    })
  }
}

const fencedBy = ({ state, lease, memo, priority }: DeliveryRow): unknown => [state, lease, memo, priority]
