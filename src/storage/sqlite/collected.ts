// What is kept of remote accounts, on SQLite. Where there may be a million rows they come in pages from the thread for
// searches, so that neither mail programs nor the main thread wait for them.
import type { AccountId, AccountJson, Also, Collected, RemoteKey, RemoteRow, RunJson } from '../collected.ts'
import { remoteKeysJson, remoteRowsJson } from '../collected-units.ts'
import { pageRowsMax } from '../limits.ts'
import type { ReadName } from '../sql/reads.ts'
import { traceStep } from '../units.ts'
import type { Unit, Value } from '../work.ts'
import * as rows from './rows.ts'

export type CollectedParts = {
  readonly run: (unit: Unit) => Promise<void>
  /** False where `run` would tell a conflict. */
  readonly held: (unit: Unit) => Promise<boolean>
  readonly rows: (run: ReadName, ...parameters: Value[]) => Promise<rows.Raw[]>
  /** For questions that walk over many rows. */
  readonly scan: (run: ReadName, ...parameters: Value[]) => Promise<rows.Raw[]>
  readonly accountId: () => AccountId
  readonly number: () => number
}

export class SqliteCollected implements Collected {
  readonly #p: CollectedParts

  constructor(parts: CollectedParts) {
    this.#p = parts
  }

  async accounts(): Promise<AccountJson[]> {
    return (await this.#p.rows('remoteAccounts')).map((row) => ({
      id: Number(row['id']),
      settings: String(row['settings']),
      status: String(row['status']),
    }))
  }

  async addAccount(settings: string, status: string): Promise<AccountId> {
    const id = this.#p.accountId()
    await this.#p.run([{ run: 'addAccount', with: [id, settings, status] }])
    return id
  }

  putAccount(id: AccountId, { settings, status }: Parameters<Collected['putAccount']>[1]): Promise<void> {
    return this.#p.run([{ run: 'putAccount', with: [id, settings, status], changes: 1 }])
  }

  removeAccount(id: AccountId): Promise<boolean> {
    return this.#p.held([
      { run: 'dropAccount', with: [id], changes: 1 },
      { run: 'dropRemotes', with: [id] },
      { run: 'dropRuns', with: [id] },
    ])
  }

  messages = (account: AccountId): Promise<RemoteRow[]> => this.#pages('remoteMessages', account, rows.remoteOf)
  deletedHere = (account: AccountId): Promise<RemoteKey[]> =>
    this.#pages('remoteDeletedHere', account, rows.remoteKeyOf)

  async samenesses(mailbox: number): Promise<Set<string>> {
    return new Set((await this.#p.scan('samenesses', mailbox)).map((row) => String(row['sameness'])))
  }

  mark(account: AccountId, marked: readonly RemoteRow[], { removed = [], events = [] }: Also = {}): Promise<void> {
    return this.#p.run([
      { run: 'markRemotes', with: [account, remoteRowsJson(marked)] },
      { run: 'markRemoved', with: [account, remoteKeysJson(removed)] },
      ...events.map((event) => traceStep(event, this.#p.number())),
    ])
  }

  markGone = (account: AccountId, keys: readonly RemoteKey[], goneAt: number | null): Promise<void> =>
    this.#p.run([{ run: 'markGone', with: [account, remoteKeysJson(keys), goneAt] }])
  forget = (account: AccountId, keys: readonly RemoteKey[]): Promise<void> =>
    this.#p.run([{ run: 'dropRemote', with: [account, remoteKeysJson(keys)] }])

  addRun(account: AccountId, { at, report }: RunJson, pruneBefore: number): Promise<void> {
    return this.#p.run([
      { run: 'addRun', with: [account, at, report] },
      { run: 'pruneRuns', with: [account, pruneBefore] },
    ])
  }

  async runs(account: AccountId, limit: number): Promise<RunJson[]> {
    const found = await this.#p.rows('runs', account, limit)
    return found.map((row) => ({ at: Number(row['at']), report: String(row['report']) }))
  }

  async #pages<T>(run: Paged, account: AccountId, of: (row: rows.Raw) => T): Promise<T[]> {
    const found: T[] = []
    for (let from: rows.Raw | undefined = { uid: '', hash: '' }; from;) {
      const page = await this.#p.scan(run, account, from['uid']!, from['hash']!, pageRowsMax)
      found.push(...page.map(of))
      from = page.length < pageRowsMax ? undefined : behind(page.at(-1)!)
    }
    return found
  }
}

type Paged = 'remoteMessages' | 'remoteDeletedHere'

/** The least key that is greater. */
const behind = (row: rows.Raw): rows.Raw => ({ ...row, hash: `${String(row['hash'])}\0` })
