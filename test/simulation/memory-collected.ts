// What is kept of remote accounts, in memory: the part `collected` of memory-store.ts, over the disk that outlives it.
import type { AccountId, AccountJson, Also, Collected, RemoteKey, RemoteRow, RunJson } from '#/storage/collected.ts'
import { StoreError } from '#/storage/store.ts'
import type { Disk } from './disk.ts'
import { keyOf } from './disk-remote.ts'
import type { Door } from './memory-store.ts'

export class MemoryCollected implements Collected {
  readonly #disk: Disk
  readonly #door: Door

  constructor(disk: Disk, door: Door) {
    this.#disk = disk
    this.#door = door
  }

  accounts = (): Promise<AccountJson[]> =>
    this.#door.read(() => Array.from(this.#accounts.values(), ({ json }) => json).toSorted((a, b) => a.id - b.id))

  addAccount(settings: string, status: string): Promise<AccountId> {
    const id = this.#disk.nextId()
    return this.#door.write(() => {
      this.#accounts.set(id, { json: { id, settings, status }, rows: new Map(), runs: [] })
      return id
    })
  }

  putAccount(id: AccountId, { settings, status }: Parameters<Collected['putAccount']>[1]): Promise<void> {
    return this.#door.write(() => {
      const account = this.#accounts.get(id)
      if (!account) throw new StoreError('conflict', `The account ${id} is gone`)
      account.json = { id, settings: settings ?? account.json.settings, status: status ?? account.json.status }
    })
  }

  removeAccount = (id: AccountId): Promise<boolean> => this.#door.write(() => this.#accounts.delete(id))

  messages = (account: AccountId): Promise<RemoteRow[]> => this.#door.read(() => this.#rows(account))

  mark(id: AccountId, marked: readonly RemoteRow[], { removed = [], events = [] }: Also = {}): Promise<void> {
    return this.#door.write(() => {
      const rows = this.#accounts.get(id)?.rows
      for (const row of marked) rows?.set(keyOf(row), withOrigin(row, rows.get(keyOf(row))))
      for (const key of removed.map(keyOf)) {
        const row = rows?.get(key)
        if (row) rows?.set(key, { ...row, state: 'removed' })
      }
      this.#disk.trace.push(...events)
    })
  }

  markGone(id: AccountId, keys: readonly RemoteKey[], goneAt: number | null): Promise<void> {
    return this.#door.write(() => {
      const rows = this.#accounts.get(id)?.rows
      for (const key of keys.map(keyOf)) {
        const row = rows?.get(key)
        if (row) rows?.set(key, { ...row, goneAt })
      }
    })
  }

  forget(id: AccountId, keys: readonly RemoteKey[]): Promise<void> {
    return this.#door.write(() => {
      for (const key of keys) this.#accounts.get(id)?.rows.delete(keyOf(key))
    })
  }

  samenesses(mailbox: number): Promise<Set<string>> {
    return this.#door.read(() => {
      const all = [...this.#accounts.keys()].flatMap((id) => this.#rows(id))
      const inside = all.filter((row) => row.mailbox === mailbox && row.sameness !== '')
      return new Set(inside.map(({ sameness }) => sameness))
    })
  }

  deletedHere(account: AccountId): Promise<RemoteKey[]> {
    return this.#door.read(() => {
      const here = new Set(this.#disk.entries.map(({ mailbox, uid, message }) => `${mailbox} ${uid} ${message}`))
      return this.#rows(account)
        .filter((row) => row.state === 'stored' && row.mailbox !== null)
        .filter(({ mailbox, localUid, message }) => !here.has(`${mailbox} ${localUid} ${message}`))
        .map(({ uid, headerHash }) => ({ uid, headerHash }))
    })
  }

  addRun(id: AccountId, run: RunJson, pruneBefore: number): Promise<void> {
    return this.#door.write(() => {
      const account = this.#accounts.get(id)
      if (!account) return
      account.runs = [run, ...account.runs.filter(({ at }) => at >= pruneBefore && at !== run.at)]
      this.#disk.remote.onRun(id, run)
    })
  }

  runs(id: AccountId, limit: number): Promise<RunJson[]> {
    const newest = (runs: readonly RunJson[]): RunJson[] => runs.toSorted((a, b) => b.at - a.at).slice(0, limit)
    return this.#door.read(() => newest(this.#accounts.get(id)?.runs ?? []))
  }

  get #accounts(): Disk['remote']['accounts'] {
    return this.#disk.remote.accounts
  }

  #rows(account: AccountId): RemoteRow[] {
    const before = (a: RemoteRow, b: RemoteRow): boolean =>
      a.uid === b.uid ? a.headerHash < b.headerHash : a.uid < b.uid
    return [...(this.#accounts.get(account)?.rows.values() ?? [])].toSorted((a, b) => (before(a, b) ? -1 : 1))
  }
}

/** What a row says of its copy here, and of the time that it began, stays. */
function withOrigin(row: RemoteRow, known: RemoteRow = row): RemoteRow {
  const { at, message, mailbox, localUid, sameness } = known
  return { ...row, at, message, mailbox, localUid, sameness }
}
