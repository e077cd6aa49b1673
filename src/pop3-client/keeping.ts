// An account that deletes nothing on its server, whatever it says: after a restore, what is remembered may be older than what is
// there. Pure. Called by collector.ts. PC-30
import type { AccountRow } from './types.ts'

/** The same account in all but what it deletes. */
export const keepingAll = (row: AccountRow): AccountRow => ({
  ...row,
  settings: {
    ...row.settings,
    leave: true,
    deleteAfterDays: null,
    keepNewest: null,
    keepBytes: null,
    deleteWithLocal: false,
    deleteLargerBytes: null,
  },
})
