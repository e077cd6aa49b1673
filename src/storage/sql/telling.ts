// When senders must hear that their mail waits, as SQL. ?1 is now, ?2 after how long, ?3 how long after the last notice, or 0.
// Part of reads.ts and writes.ts. DL-01
import { deliveryColumns } from './queue-pages.ts'

/** When a delivery is old enough to be told of; null: it was, and is not again. */
export const tellAt = `CASE WHEN json_extract(memo, '$.delayNoticeAt') IS NULL
  THEN accepted_at + coalesce(json_extract(memo, '$.heldMs'), 0) + ?2
  WHEN ?3 > 0 THEN json_extract(memo, '$.delayNoticeAt') + ?3 END`

/** DL-02 */
const isWanted = `json_extract(envelope, '$.from') IS NOT NULL
  AND json_extract(memo, '$.notice', '$.hold', '$.laterAt', '$.owner') = '[null,null,null,null]'
  AND CASE WHEN json_extract(recipient, '$.rcpt.notify') IS NULL THEN priority = 0
    ELSE json_extract(recipient, '$.rcpt.notify') LIKE '%DELAY%' END`

export const tellingReads = {
  // What is due later or is young is passed over in an index alone.
  untold: `SELECT ${deliveryColumns} FROM delivery INDEXED BY delivery_standing WHERE state IN ('waiting', 'held')
    AND state = 'waiting' AND due_at <= ?1 AND accepted_at <= ?1 - ?2 AND ${tellAt} <= ?1 AND ${isWanted} LIMIT ?4`,
}
