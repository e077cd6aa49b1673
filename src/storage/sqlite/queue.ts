// The outbound queue on SQLite. Contents that were just accepted for others are kept in memory for a moment, because the
// relay asks for them at once.
import { crc32 } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import { hotContentBytesMax } from '../limits.ts'
import {
  isFinished,
  openStates,
  type DelayAfter,
  type DeliveryFilter,
  type DeliveryRow,
  type MovesUnit,
  type Queue,
} from '../queue.ts'
import { deliveriesOf, moveSteps } from '../queue-units.ts'
import { EntryRefused, StoreError } from '../store.ts'
import { acceptUnit, traceStep } from '../units.ts'
import type { Step, Value } from '../work.ts'
import type { ReadName } from '../sql/reads.ts'
import { checked, damaged } from './checked.ts'
import { SqliteQueuePages } from './queue-pages.ts'
import * as rows from './rows.ts'
import type { Writer } from './writer.ts'

export type QueueParts = {
  readonly writer: Writer
  readonly rows: (run: ReadName, ...parameters: Value[]) => Promise<rows.Raw[]>
  /** For questions that walk over many rows: mail programs do not wait for them. */
  readonly scan: (run: ReadName, ...parameters: Value[]) => Promise<rows.Raw[]>
  readonly openFile: (name: string) => AsyncIterable<Uint8Array>
  readonly removeFile: (name: string) => void
  readonly contentId: () => number
  readonly number: () => number
}

export class SqliteQueue implements Queue {
  readonly pages: SqliteQueuePages
  readonly #p: QueueParts
  readonly #hot = new LRUCache<number, Uint8Array>({
    maxSize: hotContentBytesMax,
    sizeCalculation: (octets) => octets.length + 1,
  })

  constructor(parts: QueueParts) {
    this.#p = parts
    this.pages = new SqliteQueuePages(parts.scan)
  }

  /** Keeps a copy of what goes to the writer thread, which takes the octets themselves. */
  remember(content: number, octets: Uint8Array | undefined): void {
    if (octets !== undefined && octets.length <= hotContentBytesMax / 8) this.#hot.set(content, octets.slice())
  }

  async move(unit: MovesUnit): Promise<DeliveryRow[]> {
    const made: DeliveryRow[] = []
    const steps = moveSteps(unit)
    for (const acceptance of unit.acceptances ?? []) {
      const contentId = this.#p.contentId()
      const deliveries = deliveriesOf(acceptance, contentId)
      if (deliveries.length > 0) this.remember(contentId, acceptance.content.chunks?.[0])
      steps.push(...acceptUnit(acceptance, { contentId, deliveries, number: this.#p.number() }))
      made.push(...deliveries)
    }
    for (const event of unit.events ?? []) steps.push(traceStep(event, this.#p.number()))
    try {
      await this.#p.writer.run(steps, { patient: unit.patient === true })
    } catch (error) {
      throw refusedEntry(error, steps) ?? error
    }
    for (const { row, to } of unit.moves) if (isFinished(to.state)) await this.#forget(row)
    return made
  }

  /** A file goes when no row names its content any more. A crash in between leaves it to the sweep of the next start. */
  async #forget({ content, file }: DeliveryRow): Promise<void> {
    if (file === null) return void this.#hot.delete(content)
    if ((await this.#p.rows('contentThere', content)).length === 0) this.#p.removeFile(file)
  }

  async destinations(limit: number): ReturnType<Queue['destinations']> {
    return (await this.#p.scan('destinations', limit)).map((row) => ({
      destination: String(row['destination']),
      dueAt: Number(row['due_at']),
      waiting: Number(row['waiting']),
    }))
  }

  async due(destination: string, now: number, limit: number): Promise<DeliveryRow[]> {
    return (await this.#p.rows('due', destination, now, limit)).map(rows.deliveryOf)
  }

  async untold(now: number, { delayMs, repeatMs }: DelayAfter, limit: number): Promise<DeliveryRow[]> {
    return (await this.#p.scan('untold', now, delayMs, repeatMs, limit)).map(rows.deliveryOf)
  }

  async lapsed(now: number, limit: number): Promise<DeliveryRow[]> {
    return (await this.#p.rows('lapsed', now, limit)).map(rows.deliveryOf)
  }

  async ofMessage(message: string): Promise<DeliveryRow[]> {
    return (await this.#p.rows('ofMessage', message)).map(rows.deliveryOf)
  }

  async find(filter: DeliveryFilter): Promise<DeliveryRow[]> {
    const { states = openStates, destination = null, text, acceptedBefore, after, limit, message } = filter
    if (message !== undefined)
      return (await this.ofMessage(message)).filter(({ state }) => filter.states?.includes(state) ?? true)
    const pattern = text === undefined ? null : `%${text.replace(/[\\%_]/g, '\\$&')}%`
    const ask = async (run: ReadName, from: string | null): Promise<DeliveryRow[]> => {
      const before = acceptedBefore ?? Number.MAX_SAFE_INTEGER
      const found = await this.#p.scan(run, from, JSON.stringify(states), destination, pattern, before, limit)
      return found.map(rows.deliveryOf)
    }
    const open = states.some((state) => !isFinished(state)) ? await ask('openDeliveries', after ?? '') : []
    const finished = states.some(isFinished) ? await ask('finishedDeliveries', after ?? null) : []
    return [...open, ...finished].slice(0, limit)
  }

  async content(row: Pick<DeliveryRow, 'content' | 'file'>): ReturnType<Queue['content']> {
    const hot = this.#hot.get(row.content)
    if (hot) return hot
    const found = (await this.#p.rows('deliveryContent', row.content))[0] as Record<string, unknown> | undefined
    if (!found) throw new StoreError('missing', 'The content of the message is gone')
    if (row.file !== null) return checked(this.#p.openFile(row.file), found)
    const octets = found['octets'] as Uint8Array // STRICT column; a content without file has octets
    if (octets.length !== found['size'] || crc32(octets) !== found['crc']) throw damaged()
    return octets
  }

  async figures(): ReturnType<Queue['figures']> {
    const row = (await this.#p.scan('queueFigures'))[0] ?? {}
    const oldest = row['oldest'] ?? null
    return {
      waiting: Number(row['waiting']),
      deferred: Number(row['deferred']),
      leased: Number(row['leased']),
      held: Number(row['held']),
      oldestAcceptedAt: oldest === null ? null : Number(oldest),
    }
  }

  async summary(limit: number): ReturnType<Queue['summary']> {
    return (await this.#p.scan('queueSummary', limit)).map((row) => ({
      destination: String(row['destination']),
      waiting: Number(row['waiting']),
      deferred: Number(row['deferred']),
      leased: Number(row['leased']),
      held: Number(row['held']),
      oldestAcceptedAt: Number(row['oldest']),
      nextDueAt: row['next'] === null ? null : Number(row['next']),
    }))
  }

  excuse = (from: number, until: number): Promise<void> => this.#p.writer.run([{ run: 'excuse', with: [from, until] }])
  replan = (now: number, latest: number): Promise<void> => this.#p.writer.run([{ run: 'replan', with: [now, latest] }])
  /** Nearly always there are none, and then the writer has nothing to look through. */
  async retryHeld(now: number): Promise<void> {
    const [first] = await this.#p.scan('relayHeld')
    if (first !== undefined) await this.#p.writer.run([{ run: 'retryHeld', with: [now] }])
  }
  tellSooner = (now: number, { delayMs, repeatMs }: DelayAfter): Promise<void> =>
    this.#p.writer.run([{ run: 'tellSooner', with: [now, delayMs, repeatMs] }])
  prune = (before: number): Promise<void> => this.#p.writer.run([{ run: 'pruneDeliveries', with: [before] }])
}

/** Each acceptance begins with its content. */
function refusedEntry(error: unknown, steps: readonly Step[]): EntryRefused | null {
  if (!(error instanceof StoreError) || error.step === undefined) return null
  const step = steps[error.step]
  if (step?.run !== 'countEntry') return null
  const acceptance = steps.slice(0, error.step).filter(({ run }) => run === 'addContent').length - 1
  return new EntryRefused({ acceptance, mailbox: Number(step.with[0]) }, { cause: error })
}
