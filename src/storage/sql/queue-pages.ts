// The statements behind the pages of the queue. Groups are counted in an index alone; a page is found by the index that its
// filter names, and read row by row in the order of ids, which is the order of acceptance.

export const deliveryColumns = `id, message, content, (SELECT file FROM content c WHERE c.id = delivery.content) AS file, envelope,
  recipient, destination, state, priority, attempts, due_at, accepted_at, finished_at, reply, allowed_by, size, memo, lease_node,
  lease_until`

const like = (text: string, n: number): string => `${text} LIKE ?${n} ESCAPE '\\'`
export const addressOf = (column: string, path: string): string =>
  `json_extract(${column}, '${path}.local') || '@' || json_extract(${column}, '${path}.domain')`
const sender = addressOf('envelope', '$.from')
const recipient = addressOf('recipient', '$.to')
// First the documents as they are, with a piece of the text that stands in them so: most rows go no further.
const matches = `(?9 IS NULL OR ${like('recipient', 9)} OR ${like('envelope', 9)} OR ${like('reply', 9)}) AND
  (?4 IS NULL OR ${like(sender, 4)} OR ${like(recipient, 4)} OR ${like('reply', 4)})
  AND (?5 IS NULL OR ${like(sender, 5)}) AND (?6 IS NULL OR ${like(recipient, 6)}) AND accepted_at < ?7`

const standing = `FROM delivery INDEXED BY delivery_standing WHERE state IN ('waiting', 'held')`
const leased = `FROM delivery INDEXED BY delivery_leased WHERE state = 'leased'`
const among = (column: string): string =>
  `id IN (SELECT id ${standing} AND ${column} = ?8 UNION ALL SELECT id ${leased} AND ${column} = ?8)`

const page = (
  order: 'oldest' | 'newest',
  which: string,
): string => `SELECT ${deliveryColumns} FROM delivery WHERE ${which}
  AND finished_at IS NULL AND id ${order === 'oldest' ? '>' : '<'} ?1 AND state IN (SELECT value FROM json_each(?2))
  AND ${matches} ORDER BY id ${order === 'oldest' ? '' : 'DESC'} LIMIT ?3`
const all = '?8 IS NULL'

const group = (
  by: 'destination' | 'reason',
): string => `SELECT ${by} AS key, sum(waiting) AS waiting, sum(deferred) AS deferred,
  sum(held) AS held, sum(leased) AS leased, sum(bytes) AS bytes, min(oldest) AS oldest, min(next) AS next FROM (
    SELECT ${by}, sum(state = 'waiting') AS waiting, sum(state = 'waiting' AND attempts > 0) AS deferred, sum(state = 'held') AS held,
    0 AS leased, sum(size) AS bytes, min(accepted_at) AS oldest, min(CASE state WHEN 'waiting' THEN due_at END) AS next
    ${standing} GROUP BY 1
    UNION ALL SELECT ${by}, 0, 0, 0, count(*), sum(size), min(accepted_at), NULL ${leased} GROUP BY 1)
  GROUP BY 1 ORDER BY sum(waiting) + sum(held) + sum(leased) DESC, 1 LIMIT ?1`

const first = (by: 'destination' | 'reason'): string => `SELECT value AS key, (SELECT id ${standing} AND ${by} = value
  ORDER BY attempts = 0, due_at LIMIT 1) AS id FROM json_each(?1)`

export const queuePageReads = {
  oldestOfAll: page('oldest', all),
  newestOfAll: page('newest', all),
  oldestOfDestination: page('oldest', among('destination')),
  newestOfDestination: page('newest', among('destination')),
  oldestOfReason: page('oldest', among('reason')),
  newestOfReason: page('newest', among('reason')),
  groupsOfDestination: group('destination'),
  groupsOfReason: group('reason'),
  firstOfDestination: first('destination'),
  firstOfReason: first('reason'),
  deliveriesById: `SELECT ${deliveryColumns} FROM delivery WHERE id IN (SELECT value FROM json_each(?1))`,
  finishedPage: `SELECT ${deliveryColumns} FROM delivery INDEXED BY delivery_finished WHERE finished_at IS NOT NULL
    AND (finished_at, id) < (?1, ?2) AND state IN (SELECT value FROM json_each(?3))
    AND (?4 IS NULL OR ${like(sender, 4)} OR ${like(recipient, 4)} OR ${like('reply', 4)})
    ORDER BY finished_at DESC, id DESC LIMIT ?5`,
} as const
