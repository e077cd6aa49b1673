// Pages and groups of the queue on SQLite. Their questions run on the thread for searches.
import type { FinishedQuery, QueueGroup, QueuePageQuery, QueuePages } from '../queue-pages.ts'
import type { DeliveryRow } from '../queue.ts'
import type { Value } from '../work.ts'
import type { ReadName } from '../sql/reads.ts'
import * as rows from './rows.ts'

type Scan = (run: ReadName, ...parameters: Value[]) => Promise<rows.Raw[]>

const lastId = '~' // behind every key
const pattern = (text: string | undefined): string | null =>
  text === undefined ? null : `%${text.replace(/[\\%_]/g, '\\$&')}%`

/** The longest piece that JSON writes as it is. */
const plainPiece = (text: string | undefined): string | undefined =>
  text?.split(/[^\w.\- ]/).reduce((longest, piece) => (piece.length > longest.length ? piece : longest), '')

export class SqliteQueuePages implements QueuePages {
  readonly #scan: Scan

  constructor(scan: Scan) {
    this.#scan = scan
  }

  async page(query: QueuePageQuery): Promise<DeliveryRow[]> {
    const { states, order, destination, reason, text, sender, recipient, limit } = query
    const { after = order === 'oldest' ? '' : lastId, acceptedBefore = Number.MAX_SAFE_INTEGER } = query
    const found = await this.#scan(
      `${order}Of${destination !== undefined ? 'Destination' : reason !== undefined ? 'Reason' : 'All'}`,
      after,
      JSON.stringify(states),
      limit,
      pattern(text),
      pattern(sender),
      pattern(recipient),
      acceptedBefore,
      destination ?? reason ?? null,
      pattern(plainPiece(text)),
    )
    return found.map(rows.deliveryOf)
  }

  async groups(by: 'destination' | 'reason', limit: number): Promise<QueueGroup[]> {
    const names =
      by === 'destination'
        ? (['groupsOfDestination', 'firstOfDestination'] as const)
        : (['groupsOfReason', 'firstOfReason'] as const)
    const found = await this.#scan(names[0], limit)
    const keys = found.map(({ key }) => key)
    const firsts = by === 'destination' ? await this.#scan(names[1], JSON.stringify(keys.slice(0, sampledMax))) : []
    const ids = new Map(firsts.map(({ key, id }) => [key, id]))
    const samples = await this.#scan('deliveriesById', JSON.stringify([...ids.values()].filter((id) => id !== null)))
    const byId = new Map(samples.map((row) => [row['id'], rows.deliveryOf(row)]))
    return found.map((row) => groupOf(row, byId.get(ids.get(row['key']!) ?? null) ?? null))
  }

  async finished({ states, text, after, limit }: FinishedQuery): Promise<DeliveryRow[]> {
    const from = after ?? { at: Number.MAX_SAFE_INTEGER, id: lastId }
    const asked = [from.at, from.id, JSON.stringify(states), pattern(text), limit]
    return (await this.#scan('finishedPage', ...asked)).map(rows.deliveryOf)
  }
}

const sampledMax = 200

const groupOf = (row: rows.Raw, sample: DeliveryRow | null): QueueGroup => ({
  key: String(row['key']),
  waiting: Number(row['waiting']),
  deferred: Number(row['deferred']),
  held: Number(row['held']),
  leased: Number(row['leased']),
  bytes: Number(row['bytes']),
  oldestAcceptedAt: Number(row['oldest']),
  nextDueAt: row['next'] === null ? null : Number(row['next']),
  sample,
})
