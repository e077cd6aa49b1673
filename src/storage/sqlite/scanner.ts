// Who reads what nobody's mail waits for. Searches that may be long have a thread of their own, so that mail programs do not wait
// for them; until the first of them comes there is none, which is 11 MB less. Used by store.ts.
import type { ReadName } from '../sql/reads.ts'
import type { Value } from '../work.ts'
import type { Reader } from './reader.ts'
import type { Raw } from './rows.ts'

export type Reading = Pick<Reader, 'ask' | 'close'>

/** A page, or a few rows. */
const brief: ReadonlySet<ReadName> = new Set([
  'restored',
  'problems',
  'remoteMessages',
  'remoteDeletedHere',
  'deletedBefore',
  'storiesBefore',
  'unindexed',
])
/** As long as the queue, or the list of mailboxes: asked by the program itself, at the start and again and again. */
const growing: ReadonlySet<ReadName> = new Set([
  'destinations',
  'openDeliveries',
  'queueFigures',
  'untold',
  'relayHeld',
  'fullMailboxes',
])
/** Rows that are read within a few milliseconds. */
const fewRows = 1000

export class Scanner {
  readonly #reader: Reading
  readonly #open: () => Reading
  #own: Reading | null = null

  /** `reader`: the thread that reads for mail programs. */
  constructor(reader: Reading, open: () => Reading) {
    this.#reader = reader
    this.#open = open
  }

  /** The thread for searches. */
  get thread(): Reading {
    return (this.#own ??= this.#open())
  }

  async rows(run: ReadName, ...values: Value[]): Promise<Raw[]> {
    const isShort = this.#own === null && (await this.#isShort(run))
    return (isShort ? this.#reader : this.thread).ask<Raw[]>({ ask: 'rows', run, with: values })
  }

  async close(): Promise<void> {
    await this.#own?.close()
  }

  async #isShort(run: ReadName): Promise<boolean> {
    if (!growing.has(run)) return brief.has(run)
    const [found] = await this.#reader.ask<Raw[]>({ ask: 'rows', run: 'grown', with: [fewRows] })
    return found?.['grown'] === 0
  }
}
