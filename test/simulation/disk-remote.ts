// What survives a crash of the memory of remote accounts: accounts, rows, runs. Part of disk.ts, which changes it in whole
// transactions; memory-collected.ts reads it.
import type { AccountId, AccountJson, CollectedMark, RemoteKey, RemoteRow, RunJson } from '#/storage/collected.ts'
import { StoreError, type Acceptance } from '#/storage/store.ts'

type Account = { json: AccountJson; readonly rows: Map<string, RemoteRow>; runs: readonly RunJson[] }

export class RemoteDisk {
  readonly accounts = new Map<AccountId, Account>()
  /** Hears of each run that is over. */
  onRun: (account: AccountId, run: RunJson) => void = () => undefined

  /** @throws StoreError 'conflict' when the message is here already, or its account is gone. */
  fence(mark: CollectedMark): void {
    const account = this.accounts.get(mark.account)
    const row = account?.rows.get(keyOf(mark))
    if (!account || (row && row.message !== null && (row.state === 'stored' || row.state === 'removed')))
      throw new StoreError('conflict', `The message ${mark.uid} is not to be stored`)
  }

  /** With the entry that was made first, if any was. */
  store({ collected, key, at }: Acceptance, entry: { mailbox: number; uid: number } | undefined): void {
    if (!collected) return
    const { account, uid, headerHash, sizeBytes, sameness, problem } = collected
    const { rows } = this.accounts.get(account)!
    rows.delete(keyOf({ uid, headerHash: '' }))
    const fresh = { state: 'stored', goneAt: null, tries: 0 } as const
    const copy = { message: key, mailbox: entry?.mailbox ?? null, localUid: entry?.uid ?? null }
    rows.set(keyOf(collected), { uid, headerHash, sizeBytes, sameness, problem, at, ...fresh, ...copy })
  }
}

export const keyOf = ({ uid, headerHash }: RemoteKey): string => JSON.stringify([uid, headerHash])
