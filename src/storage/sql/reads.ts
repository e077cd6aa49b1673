// Every statement that reads, by name; prepared once by the reader.

const deliveryColumns = `id, message, envelope, recipient, state, attempts, due_at, accepted_at, reply, allowed_by, size`

export const reads = {
  mailboxes: 'SELECT * FROM mailbox ORDER BY id',
  mailbox: 'SELECT * FROM mailbox WHERE id = ?',
  domains: 'SELECT * FROM domain ORDER BY name',
  addresses: 'SELECT * FROM address ORDER BY address',
  access: 'SELECT * FROM access ORDER BY position, id',
  appPasswords: 'SELECT * FROM app_password WHERE mailbox = ? ORDER BY label',
  appPassword: 'SELECT * FROM app_password WHERE selector = ?',
  settings: 'SELECT name, value FROM setting',
  settingHistory: 'SELECT n, at, by, name, before, after FROM setting_history ORDER BY n DESC LIMIT 1000',
  state: 'SELECT messages, bytes, change, uid_validity, uid_next FROM mailbox WHERE id = ?',
  list: 'SELECT uid, size, uidl FROM entry WHERE mailbox = ? ORDER BY uid',
  uids: 'SELECT uid FROM entry WHERE mailbox = ? ORDER BY uid',
  contents: `SELECT e.uid, e.prefix, c.size, c.crc, c.file, c.octets FROM entry e LEFT JOIN content c ON c.id = e.content
    WHERE e.mailbox = ? AND e.uid BETWEEN ? AND ? ORDER BY e.uid`,
  content: `SELECT e.prefix, c.size, c.crc, c.file, c.octets FROM entry e LEFT JOIN content c ON c.id = e.content
    WHERE e.mailbox = ? AND e.uid = ?`,
  filesOf: `SELECT c.file FROM entry e JOIN content c ON c.id = e.content
    WHERE e.mailbox = ?1 AND e.uid IN (SELECT value FROM json_each(?2)) AND c.file IS NOT NULL AND c.refs = 1`,
  deliveries: `SELECT ${deliveryColumns} FROM delivery WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR message = ?2)
    ORDER BY id LIMIT ?3`,
  traceByText: `SELECT * FROM trace WHERE at >= ?2 AND (client = ?1 OR ref = ?1 OR sender LIKE ?3 ESCAPE '\\'
    OR recipients LIKE ?3 ESCAPE '\\' OR subject LIKE ?3 ESCAPE '\\' OR message_id LIKE ?3 ESCAPE '\\') ORDER BY ref DESC, at, n LIMIT ?4`,
  traceByRef: 'SELECT * FROM trace WHERE ref = ? ORDER BY at, n LIMIT ?',
  traceLatest: 'SELECT * FROM trace WHERE at >= ? ORDER BY ref DESC, at, n LIMIT ?',
  facts: `SELECT (SELECT coalesce(sum(messages), 0) FROM mailbox) AS messages, (SELECT coalesce(sum(bytes), 0) FROM mailbox) AS bytes,
    (SELECT count(*) FROM delivery WHERE state = 'waiting') AS waiting`,
  maxIds: `SELECT (SELECT coalesce(max(id), 0) FROM content) AS content, (SELECT coalesce(max(id), 0) FROM mailbox) AS mailbox,
    (SELECT coalesce(max(id), 0) FROM access) AS access`,
  files: 'SELECT file FROM content WHERE file IS NOT NULL',
} as const

export type ReadName = keyof typeof reads
