// Every statement that reads, by name; prepared once by the reader.
import { awayReads } from './away.ts'
import { noteReads } from './notes.ts'
import { draftReads } from './drafts.ts'
import { peopleReads } from './people.ts'
import { addressOf, deliveryColumns, queuePageReads } from './queue-pages.ts'
import { storyReads } from './stories.ts'
import { tellingReads } from './telling.ts'

const dueOf = (
  priority: number,
): string => `SELECT * FROM (SELECT ${deliveryColumns} FROM delivery WHERE state = 'waiting'
  AND destination = ?1 AND priority = ${priority} AND due_at <= ?2 ORDER BY due_at LIMIT ?3)`

const inText = (text: string): string => `${text} LIKE ?4 ESCAPE '\\'`
const textMatches = `(?4 IS NULL OR ${inText(addressOf('envelope', '$.from'))} OR ${inText(addressOf('recipient', '$.to'))}
    OR ${inText('reply')})`
/** What a list shows of a message, with the first ?2 octets of its content; those of a file are read by the thread. */
const headColumns =
  'e.uid, e.message, e.prefix, e.size, e.flags, e.at, c.file, coalesce(substr(c.octets, 1, ?2), zeroblob(0)) AS head'
/** The rows of an account from a key on, a page of them. */
const remotePage = 'account = ?1 AND (uid, hash) >= (?2, ?3) ORDER BY uid, hash LIMIT ?4'
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
  // A message is not far from where its moment would put it, but imports are: the whole mailbox is looked through.
  uidsOf: 'SELECT uid FROM entry WHERE mailbox = ?1 AND message = ?2 LIMIT 1',
  messagesOf:
    'SELECT message FROM entry WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2)) ORDER BY uid LIMIT 1000',
  contents: `SELECT e.uid, e.prefix, c.size, c.crc, c.file, c.octets FROM entry e LEFT JOIN content c ON c.id = e.content
    WHERE e.mailbox = ? AND e.uid BETWEEN ? AND ? ORDER BY e.uid`,
  content: `SELECT e.prefix, c.size, c.crc, c.file, c.octets FROM
    (SELECT prefix, content FROM entry WHERE mailbox = ?1 AND uid = ?2
      UNION ALL SELECT prefix, content FROM deleted_entry WHERE mailbox = ?1 AND uid = ?2) e
    LEFT JOIN content c ON c.id = e.content`,
  // With what was deleted and is within its time of grace: a maildrop that was opened before still holds it. PS-04
  contentsKept: `SELECT e.uid, e.prefix, c.size, c.crc, c.file, c.octets FROM
    (SELECT uid, prefix, content FROM entry WHERE mailbox = ?1 AND uid BETWEEN ?2 AND ?3
      UNION ALL SELECT uid, prefix, content FROM deleted_entry WHERE mailbox = ?1 AND uid BETWEEN ?2 AND ?3) e
    LEFT JOIN content c ON c.id = e.content ORDER BY e.uid`,
  figures: `SELECT messages, bytes, unseen, (SELECT count(*) FROM deleted_entry WHERE mailbox = ?1) AS deleted_messages,
    (SELECT coalesce(sum(size), 0) FROM deleted_entry WHERE mailbox = ?1) AS deleted_bytes FROM mailbox WHERE id = ?1`,
  heads: `SELECT ${headColumns}, NULL AS deleted_at FROM entry e LEFT JOIN content c ON c.id = e.content
    WHERE e.mailbox = ?1 AND e.uid < ?3 ORDER BY e.uid DESC LIMIT ?4`,
  deletedHeads: `SELECT ${headColumns}, e.deleted_at FROM deleted_entry e LEFT JOIN content c ON c.id = e.content
    WHERE e.mailbox = ?1 AND (e.deleted_at, e.uid) < (?3, ?4) ORDER BY e.deleted_at DESC, e.uid DESC LIMIT ?5`,
  entries: `SELECT uid, message, prefix, size, flags, at, NULL AS deleted_at FROM entry
    WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2)) UNION ALL
    SELECT uid, message, prefix, size, flags, at, deleted_at FROM deleted_entry
    WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2)) ORDER BY uid`,
  deletedBefore: 'SELECT mailbox, uid, message FROM deleted_entry WHERE deleted_at < ? ORDER BY deleted_at LIMIT ?',
  deletedSince: 'SELECT uid, size, uidl FROM deleted_entry WHERE mailbox = ? AND change > ?',
  deletedUids: 'SELECT uid FROM deleted_entry WHERE mailbox = ?',
  filesOfDeleted: `SELECT c.file FROM deleted_entry e JOIN content c ON c.id = e.content
    WHERE e.mailbox = ?1 AND e.uid IN (SELECT value FROM json_each(?2)) AND c.file IS NOT NULL AND c.refs = 1`,
  remotesOf: 'SELECT account, uid, hash FROM remote_message WHERE mailbox = ? AND local_uid = ?',
  contentSums: `SELECT e.uid, c.size, c.crc FROM entry e JOIN content c ON c.id = e.content WHERE e.mailbox = ?1 AND e.uid > ?2
    ORDER BY e.uid LIMIT ?3`,
  restored: 'SELECT backup_at, restored_at, held FROM restored',
  // Of a backup, which may be of an older schema: what a mailbox held, and what the trace knows of each message.
  backupEntries: `SELECT e.uid, e.message, e.size, e.at, e.uidl, e.prefix, c.size AS octets, c.crc, t.sender, t.subject
    FROM entry e JOIN content c ON c.id = e.content
    LEFT JOIN trace t ON t.ref = e.message AND t.at = (SELECT min(at) FROM trace f WHERE f.ref = e.message)
      AND t.n = (SELECT min(n) FROM trace f WHERE f.ref = e.message AND f.at = t.at)
    WHERE e.mailbox = ?1 AND e.uid > ?2 ORDER BY e.uid LIMIT ?3`,
  backupContent: `SELECT c.size, c.crc, c.file, c.octets FROM entry e JOIN content c ON c.id = e.content
    WHERE e.mailbox = ?1 AND e.uid = ?2`,
  filesOf: `SELECT c.file FROM entry e JOIN content c ON c.id = e.content
    WHERE e.mailbox = ?1 AND e.uid IN (SELECT value FROM json_each(?2)) AND c.file IS NOT NULL AND c.refs = 1`,
  // A range of the index for each priority: what is due later is not walked over.
  due: `${[0, 1, 2].map(dueOf).join(' UNION ALL ')} LIMIT ?3`,
  destinations: `SELECT destination, min(due_at) AS due_at, count(*) AS waiting FROM delivery INDEXED BY delivery_due
    WHERE state = 'waiting' GROUP BY destination ORDER BY 2 LIMIT ?1`,
  /** 1 when there are so many of something that a look at all of them takes time. */
  grown: `SELECT max((SELECT count(*) FROM (SELECT 1 FROM delivery WHERE finished_at IS NULL LIMIT ?1)),
    (SELECT count(*) FROM (SELECT 1 FROM mailbox LIMIT ?1))) >= ?1 AS grown`,
  lapsed: `SELECT ${deliveryColumns} FROM delivery WHERE state = 'leased' AND lease_until < ?1 LIMIT ?2`,
  relayHeld: `SELECT 1 FROM delivery WHERE state = 'waiting' AND json_extract(memo, '$.hold.by') = 'relay' LIMIT 1`,
  ofMessage: `SELECT ${deliveryColumns} FROM delivery WHERE id > ?1 || '-' AND id < ?1 || '.' ORDER BY id`,
  openDeliveries: `SELECT ${deliveryColumns} FROM delivery WHERE finished_at IS NULL AND id > ?1
    AND state IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR destination = ?3)
    AND ${textMatches}
    AND accepted_at < ?5 ORDER BY id LIMIT ?6`,
  finishedDeliveries: `SELECT ${deliveryColumns} FROM delivery WHERE finished_at IS NOT NULL AND (?1 IS NULL OR id < ?1)
    AND state IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR destination = ?3)
    AND ${textMatches}
    AND accepted_at < ?5 ORDER BY id DESC LIMIT ?6`,
  deliveryContent: 'SELECT size, crc, file, octets FROM content WHERE id = ?',
  contentThere: 'SELECT id FROM content WHERE id = ?',
  // What waits and what is held is counted in an index alone.
  queueFigures: `SELECT coalesce(sum(state = 'waiting'), 0) AS waiting, coalesce(sum(state = 'held'), 0) AS held,
    coalesce(sum(state = 'waiting' AND attempts > 0), 0) AS deferred,
    (SELECT count(*) FROM delivery WHERE state = 'leased') AS leased,
    (SELECT accepted_at FROM delivery WHERE finished_at IS NULL ORDER BY id LIMIT 1) AS oldest
    FROM delivery INDEXED BY delivery_standing WHERE state IN ('waiting', 'held')`,
  queueSummary: `SELECT destination, sum(state = 'waiting') AS waiting, sum(state = 'waiting' AND attempts > 0) AS deferred,
    sum(state = 'leased') AS leased, sum(state = 'held') AS held, min(accepted_at) AS oldest,
    min(CASE state WHEN 'waiting' THEN due_at END) AS next FROM delivery WHERE finished_at IS NULL
    GROUP BY destination ORDER BY count(*) DESC, destination LIMIT ?1`,
  traceByText: `SELECT * FROM trace WHERE at >= ?2 AND (client = ?1 OR ref = ?1 OR sender LIKE ?3 ESCAPE '\\'
    OR recipients LIKE ?3 ESCAPE '\\' OR subject LIKE ?3 ESCAPE '\\' OR message_id LIKE ?3 ESCAPE '\\') ORDER BY ref DESC, at, n LIMIT ?4`,
  traceByRef: 'SELECT * FROM trace WHERE ref = ? ORDER BY at, n LIMIT ?',
  traceLatest: 'SELECT * FROM trace WHERE at >= ? ORDER BY ref DESC, at, n LIMIT ?',
  facts: `SELECT (SELECT coalesce(sum(messages), 0) FROM mailbox) AS messages, (SELECT coalesce(sum(bytes), 0) FROM mailbox) AS bytes,
    (SELECT count(*) FROM delivery WHERE state = 'waiting') AS waiting`,
  maxIds: `SELECT (SELECT coalesce(max(id), 0) FROM content) AS content, (SELECT coalesce(max(id), 0) FROM mailbox) AS mailbox,
    (SELECT coalesce(max(id), 0) FROM access) AS access, (SELECT coalesce(max(id), 0) FROM remote_account) AS account`,
  files: 'SELECT file FROM content WHERE file IS NOT NULL',
  alternates: 'SELECT name, value FROM alternate ORDER BY name',
  routes: 'SELECT value FROM route ORDER BY position',
  remoteAccounts: 'SELECT id, settings, status FROM remote_account ORDER BY id',
  remoteMessages: `SELECT * FROM remote_message WHERE ${remotePage}`,
  // The number of a purged mailbox may be given again: the message must be the same, too.
  remoteDeletedHere: `SELECT uid, hash FROM remote_message r WHERE state = 'stored' AND mailbox IS NOT NULL AND NOT EXISTS
    (SELECT 1 FROM entry e WHERE e.mailbox = r.mailbox AND e.uid = r.local_uid AND e.message = r.message) AND NOT EXISTS
    (SELECT 1 FROM deleted_entry d WHERE d.mailbox = r.mailbox AND d.uid = r.local_uid AND d.message = r.message) AND ${remotePage}`,
  samenesses: "SELECT DISTINCT sameness FROM remote_message WHERE mailbox = ? AND sameness <> ''",
  ...awayReads,
  ...noteReads,
  ...draftReads,
  ...storyReads,
  ...tellingReads,
  ...queuePageReads,
  runs: 'SELECT at, report FROM collect_run WHERE account = ? ORDER BY at DESC LIMIT ?',
  ...peopleReads,
} as const

export type ReadName = keyof typeof reads
