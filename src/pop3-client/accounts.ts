// The remote accounts as they are now, read from the store once and kept. Opened by main and the command line; read by the
// collector, changed by operations and by renewed tokens. Names are unique.
import type { z } from 'zod'
import {
  accountStatusSchema,
  remoteAccountSchema,
  type AccountStatus,
  type RemoteAccount,
} from '#/config/remote-accounts.ts'
import type { AccountId, AccountJson } from '#/storage/collected.ts'
import { StoreError, type Store } from '#/storage/store.ts'
import type { AccountRow } from './types.ts'

export interface RemoteAccounts {
  /** In the order of their names. */
  all(): readonly AccountRow[]
  byId(id: AccountId): AccountRow | undefined
  byName(name: string): AccountRow | undefined
  /** Sentences about rows that cannot be read, which are left out. */
  problems(): readonly string[]
  /** These resolve when the change is durable and seen. @throws StoreError 'conflict' when the name is taken */
  add(settings: RemoteAccount): Promise<AccountRow>
  change(id: AccountId, settings: RemoteAccount): Promise<void>
  /** Changes what the row holds when its turn comes: a token that is renewed meanwhile is not undone. False when the row is
   *  gone, or `edit` answers null: then nothing changes. */
  edit(id: AccountId, edit: (now: RemoteAccount) => RemoteAccount | null): Promise<boolean>
  setStatus(id: AccountId, change: Partial<AccountStatus>): Promise<void>
  remove(id: AccountId): Promise<boolean>
}

type AccountStore = {
  readonly collected: Pick<Store['collected'], 'accounts' | 'addAccount' | 'putAccount' | 'removeAccount'>
}

/** @throws StoreError when they cannot be read. */
export async function openRemoteAccounts({ collected }: AccountStore): Promise<RemoteAccounts> {
  const problems: string[] = []
  const rows = new Map<AccountId, AccountRow>()
  for (const json of await collected.accounts()) {
    const row = parse(json)
    if (typeof row === 'string') problems.push(row)
    else rows.set(row.id, row)
  }
  const refuseTaken = (name: string, but: AccountId | null): void => {
    for (const { id, settings } of rows.values())
      if (settings.name === name && id !== but) throw new StoreError('conflict', `There is an account ${name} already`)
  }
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }
  const put = async (id: AccountId, settings: RemoteAccount): Promise<void> => {
    refuseTaken(settings.name, id)
    await collected.putAccount(id, { settings: JSON.stringify(settings), status: null })
    const row = rows.get(id)
    if (row) rows.set(id, { ...row, settings })
  }
  return {
    all: () => [...rows.values()].toSorted((a, b) => (a.settings.name < b.settings.name ? -1 : 1)),
    byId: (id) => rows.get(id),
    byName: (name) => rows.values().find(({ settings }) => settings.name === name),
    problems: () => problems,
    add: (settings) =>
      inTurn(async () => {
        refuseTaken(settings.name, null)
        const status = accountStatusSchema.parse({})
        const id = await collected.addAccount(JSON.stringify(settings), JSON.stringify(status))
        const row = { id, settings, status }
        rows.set(id, row)
        return row
      }),
    change: (id, settings) => inTurn(() => put(id, settings)),
    edit: (id, edit) =>
      inTurn(async () => {
        const row = rows.get(id)
        const settings = row ? edit(row.settings) : null
        if (settings !== null) await put(id, settings)
        return settings !== null
      }),
    async setStatus(id, change) {
      const row = rows.get(id)
      if (!row) return
      const status = { ...row.status, ...change }
      rows.set(id, { ...row, status }) // seen at once: two changes in a row must not undo each other
      await collected.putAccount(id, { settings: null, status: JSON.stringify(status) })
    },
    async remove(id) {
      rows.delete(id)
      return collected.removeAccount(id)
    },
  }
}

function parse({ id, settings, status }: AccountJson): AccountRow | string {
  const read = checked(remoteAccountSchema, settings)
  if (!read.success)
    return `The remote account ${id} cannot be read and is not used: ${read.error.issues[0]?.message ?? ''}`
  const state = checked(accountStatusSchema, status)
  return { id, settings: read.data, status: state.success ? state.data : accountStatusSchema.parse({}) }
}

const checked = <T>(schema: z.ZodType<T>, json: string): z.ZodSafeParseResult<T> => schema.safeParse(JSON.parse(json))
