// A store in memory: the parts of Store that the relay and intake ask for, over a disk that outlives it. A second engine,
// held to the same contract. Opened for each run of the simulated program; `door` may delay, refuse or end it at any point.
import { crc32 } from 'node:zlib'
import type { Content } from '#/message/content.ts'
import {
  isFinished,
  openStates,
  type DelayAfter,
  type DeliveryFilter,
  type DeliveryRow,
  type Memo,
  type MovesUnit,
  type Queue,
  type QueueFigures,
} from '#/storage/queue.ts'
import {
  StoreError,
  type Acceptance,
  type MailboxRow,
  type Spool,
  type Store,
  type TraceEvent,
} from '#/storage/store.ts'
import type { Disk, Work } from './disk.ts'
import { wantsDelay } from './judge-notices.ts'
import { MemoryCollected } from './memory-collected.ts'

/** Through it every question and every change goes. */
export type Door = {
  read<T>(work: () => T): Promise<T>
  write<T>(work: () => T): Promise<T>
}
const at = async <T>(work: () => T): Promise<T> => work()
export const openDoor: Door = { read: at, write: at }

/** Contents above it are files, read in chunks. */
export const fileBytesMin = 4096
const chunkBytes = 1000

/** The rest of Store is asked by nobody who gets this one: such a call would be a TypeError. */
export const memoryStore = (disk: Disk, door: Door = openDoor): Store => new MemoryStore(disk, door) as unknown as Store

class MemoryStore {
  readonly queue: Omit<Queue, 'pages'>
  readonly collected: MemoryCollected
  readonly #disk: Disk
  readonly #door: Door

  constructor(disk: Disk, door: Door) {
    this.#disk = disk
    this.#door = door
    this.queue = new MemoryQueue(disk, door)
    this.collected = new MemoryCollected(disk, door)
  }

  spool(): Spool {
    const chunks: Uint8Array[] = []
    return {
      write: (chunk) => void chunks.push(chunk),
      finish: () => this.#finished(Buffer.concat(chunks)),
      discard: () => void chunks.splice(0),
    }
  }

  #finished(octets: Buffer): Content {
    const file = octets.length < fileBytesMin ? null : `file-${this.#disk.nextId()}`
    if (file !== null) this.#disk.files.set(file, octets)
    const endsInCrlf = octets.subarray(-2).toString('latin1') === '\r\n'
    return { sizeBytes: octets.length, endsInCrlf, crc32: crc32(octets), file, chunks: file === null ? [octets] : null }
  }

  canAccept = (): 'yes' => 'yes'
  accept = (acceptance: Acceptance, notice?: Acceptance): Promise<readonly DeliveryRow[]> =>
    this.#write({ at: acceptance.at, acceptances: notice ? [acceptance, notice] : [acceptance] })
  record = async (events: readonly TraceEvent[]): Promise<void> => void (await this.#write({ events }))
  #write = (work: Work): Promise<DeliveryRow[]> => this.#door.write(() => this.#disk.commit(work))

  mailboxes = (): Promise<MailboxRow[]> => this.#door.read(() => [...this.#disk.mailboxes.values()])
  mailboxState = (id: number): Promise<MailboxRow> => this.#door.read(() => this.#disk.mailboxes.get(id)!)
  domains = (): Promise<never[]> => Promise.resolve([])
  addresses = (): Promise<never[]> => Promise.resolve([])
  access = (): Promise<never[]> => Promise.resolve([])
  routes = (): Promise<readonly string[]> => this.#door.read(() => this.#disk.routes)
  alternates = (): Promise<{ name: string; value: string }[]> =>
    this.#door.read(() => Array.from(this.#disk.alternates, ([name, value]) => ({ name, value })))

  addMailbox(name: string): Promise<MailboxRow> {
    const id = this.#disk.nextId()
    const row = { ...emptyMailbox, id, name }
    return this.#door.write(() => {
      this.#disk.mailboxes.set(id, row)
      return row
    })
  }

  removeEntries(mailbox: number, uids: readonly number[]): Promise<void> {
    return this.#door.write(() => {
      const gone = this.#disk.entries.filter((entry) => entry.mailbox === mailbox && uids.includes(entry.uid))
      this.#disk.entries = this.#disk.entries.filter((entry) => !gone.includes(entry))
      for (const { content } of gone) this.#disk.release(content)
    })
  }

  trace = ({ limit }: { limit: number }): Promise<TraceEvent[]> =>
    this.#door.read(() => this.#disk.trace.slice(-limit).toReversed())
  verify = (): Promise<{ checked: number; problems: string[] }> =>
    this.#door.read(() => ({ checked: this.#disk.contents.size, problems: this.#disk.problems() }))
  facts = (): Promise<{ messages: number }> => this.#door.read(() => ({ messages: this.#disk.entries.length }))
}

const emptyMailbox: MailboxRow = {
  id: 0,
  name: '',
  pop3: false,
  argon2: null,
  scram: null,
  quotaBytes: null,
  disabled: null,
  forward: null,
  away: null,
  deletedAt: null,
  uidValidity: 1,
  uidNext: 1,
  messages: 0,
  bytes: 0,
  lastLoginAt: null,
  lastLoginFrom: null,
}

class MemoryQueue implements Omit<Queue, 'pages'> {
  readonly #disk: Disk
  readonly #door: Door

  constructor(disk: Disk, door: Door) {
    this.#disk = disk
    this.#door = door
  }

  move = (unit: MovesUnit): Promise<DeliveryRow[]> => this.#door.write(() => this.#disk.commit(unit))

  destinations(limit: number): ReturnType<Queue['destinations']> {
    return this.#door.read(() => {
      const waiting = Map.groupBy(this.#rows(isWaiting), ({ destination }) => destination)
      const all = Array.from(waiting, ([destination, rows]) => {
        return { destination, dueAt: Math.min(...rows.map(({ dueAt }) => dueAt)), waiting: rows.length }
      })
      return all.toSorted((a, b) => a.dueAt - b.dueAt).slice(0, limit)
    })
  }

  due(destination: string, now: number, limit: number): Promise<DeliveryRow[]> {
    const isDue = (row: DeliveryRow): boolean => isWaiting(row) && row.destination === destination && row.dueAt <= now
    return this.#door.read(() =>
      this.#rows(isDue)
        .toSorted((a, b) => a.priority - b.priority || a.dueAt - b.dueAt)
        .slice(0, limit),
    )
  }

  untold(now: number, after: DelayAfter, limit: number): Promise<DeliveryRow[]> {
    const isUntold = (row: DeliveryRow): boolean =>
      isWaiting(row) && row.dueAt <= now && row.acceptedAt <= now - after.delayMs && tellAt(row, after) <= now
    return this.#door.read(() => this.#rows((row) => isUntold(row) && isToldOfDelays(row)).slice(0, limit))
  }

  lapsed = (now: number, limit: number): Promise<DeliveryRow[]> =>
    this.#door.read(() => this.#rows(({ lease }) => lease !== null && lease.until < now).slice(0, limit))

  ofMessage = (message: string): Promise<DeliveryRow[]> =>
    this.#door.read(() => this.#rows((row) => row.message === message))

  find(filter: DeliveryFilter): Promise<DeliveryRow[]> {
    return this.#door.read(() => {
      const open = this.#rows((row) => !isFinished(row.state) && row.id > (filter.after ?? ''))
      const finished = this.#rows((row) => isFinished(row.state)).toReversed()
      return [...open, ...finished].filter((row) => fits(row, filter)).slice(0, filter.limit)
    })
  }

  content({ content }: Pick<DeliveryRow, 'content'>): ReturnType<Queue['content']> {
    return this.#door.read(() => {
      const stored = this.#disk.contents.get(content)
      if (!stored) throw new StoreError('missing', 'The content of the message is gone')
      return stored.file === null ? stored.octets : inChunks(stored.octets)
    })
  }

  figures(): ReturnType<Queue['figures']> {
    return this.#door.read(() => figuresOf(this.#rows(({ state }) => !isFinished(state))))
  }

  summary(limit: number): ReturnType<Queue['summary']> {
    return this.#door.read(() => {
      const open = this.#rows(({ state }) => !isFinished(state))
      const all = Array.from(
        Map.groupBy(open, ({ destination }) => destination),
        ([destination, rows]) => {
          const due = rows.filter(isWaiting).map(({ dueAt }) => dueAt)
          const { oldestAcceptedAt, ...counts } = figuresOf(rows)
          const nextDueAt = due.length === 0 ? null : Math.min(...due)
          return { rows, shown: { destination, ...counts, oldestAcceptedAt: oldestAcceptedAt ?? 0, nextDueAt } }
        },
      )
      return all
        .toSorted((a, b) => b.rows.length - a.rows.length)
        .slice(0, limit)
        .map(({ shown }) => shown)
    })
  }

  excuse(from: number, until: number): Promise<void> {
    return this.#change(
      (row) => isWaiting(row) && row.acceptedAt < until,
      ({ memo, acceptedAt }) => ({
        memo: { ...memo, heldMs: (memo.heldMs ?? 0) + until - Math.max(from, acceptedAt) },
      }),
    )
  }

  replan(now: number, latest: number): Promise<void> {
    const isLate = ({ dueAt, memo: { retryAt = 0, laterAt = 0 } }: DeliveryRow): boolean =>
      Math.max(dueAt, retryAt) > latest && laterAt <= now
    return this.#change(
      (row) => isWaiting(row) && isLate(row),
      ({ memo }) => ({ dueAt: now, memo: omitRetry(memo) }),
    )
  }

  retryHeld(now: number): Promise<void> {
    return this.#change(
      (row) => isWaiting(row) && row.memo.hold?.by === 'relay' && Math.max(row.dueAt, row.memo.retryAt ?? 0) > now,
      ({ memo }) => ({ dueAt: now, memo: omitRetry(memo) }),
    )
  }

  tellSooner(now: number, after: DelayAfter): Promise<void> {
    const at = (row: DeliveryRow): number => Math.max(now, tellAt(row, after))
    return this.#change(
      (row) => isWaiting(row) && (row.memo.retryAt ?? 0) > now && row.dueAt > at(row),
      (row) => ({ dueAt: at(row) }),
    )
  }

  #change(which: (row: DeliveryRow) => boolean, to: (row: DeliveryRow) => Partial<DeliveryRow>): Promise<void> {
    return this.#door.write(() => {
      for (const row of this.#rows(which)) this.#disk.deliveries.set(row.id, { ...row, ...to(row) })
    })
  }

  prune(before: number): Promise<void> {
    return this.#door.write(() => {
      for (const { id } of this.#rows(({ finishedAt }) => finishedAt !== null && finishedAt < before))
        this.#disk.deliveries.delete(id)
    })
  }

  /** In the order of their ids, which is that of their acceptance. */
  #rows(wanted: (row: DeliveryRow) => boolean): DeliveryRow[] {
    return [...this.#disk.deliveries.values()].filter(wanted).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }
}

function omitRetry(memo: Memo): Memo {
  const { retryAt: _, ...rest } = memo
  return rest
}

function figuresOf(open: readonly DeliveryRow[]): QueueFigures {
  const count = (wanted: string): number => open.filter(({ state }) => state === wanted).length
  const oldestAcceptedAt = open.map(({ acceptedAt }) => acceptedAt).toSorted((a, b) => a - b)[0] ?? null
  const deferred = open.filter((row) => isWaiting(row) && row.attempts > 0).length
  return { waiting: count('waiting'), deferred, leased: count('leased'), held: count('held'), oldestAcceptedAt }
}

const isWaiting = ({ state }: DeliveryRow): boolean => state === 'waiting'

function tellAt({ acceptedAt, memo: { delayNoticeAt: told, heldMs = 0 } }: DeliveryRow, after: DelayAfter): number {
  return told === undefined ? acceptedAt + heldMs + after.delayMs : told + (after.repeatMs || Number.POSITIVE_INFINITY)
}

const isToldOfDelays = (row: DeliveryRow): boolean =>
  wantsDelay(row) &&
  !row.memo.hold &&
  row.memo.laterAt === undefined &&
  (row.rcpt.notify !== null || row.priority === 0)

function fits(row: DeliveryRow, filter: DeliveryFilter): boolean {
  const { states = openStates, destination, text, message, acceptedBefore = Infinity } = filter
  const words = JSON.stringify([row.from, `${row.to.local}@${row.to.domain}`, row.lastReply])
  return (
    states.includes(row.state) &&
    row.acceptedAt < acceptedBefore &&
    (destination === undefined || row.destination === destination) &&
    (message === undefined || row.message === message) &&
    (text === undefined || words.includes(text))
  )
}

async function* inChunks(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += chunkBytes) yield octets.subarray(at, at + chunkBytes)
}
