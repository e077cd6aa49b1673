// What the memory of remote messages adds to a unit of work. Pure. Called by units.ts and the engine.
import type { RemoteKey, RemoteRow } from './collected.ts'
import type { Acceptance } from './store.ts'
import type { Step, Value } from './work.ts'

/** Behind the entries of the message: it is known by its header section now, whatever was noted before that was read. */
export function collectedSteps({ collected, key, at, local }: Acceptance): Step[] {
  if (!collected) return []
  const { account, uid, headerHash, sizeBytes, sameness, problem } = collected
  const values = [account, uid, headerHash, sizeBytes, at, key, local[0]?.mailbox ?? null, sameness, problem]
  const unread: Step[] = headerHash === '' ? [] : [{ run: 'dropUnread', with: [account, uid] }]
  return [...unread, { run: 'storeRemote', with: values, changes: 1 }]
}

export const remoteRowsJson = (rows: readonly RemoteRow[]): string => JSON.stringify(rows.map(columnsOf))

/** Behind `account`, in their order. */
function columnsOf(row: RemoteRow): Value[] {
  const { uid, headerHash, state, sizeBytes, at, goneAt, tries, problem, message, mailbox, localUid, sameness } = row
  return [uid, headerHash, state, sizeBytes, at, goneAt, tries, problem, message, mailbox, localUid, sameness]
}

export const remoteKeysJson = (keys: readonly RemoteKey[]): string =>
  JSON.stringify(keys.map(({ uid, headerHash }) => [uid, headerHash]))
