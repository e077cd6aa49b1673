// Every statement that writes, by name; prepared once by the writer. Keys are made by the application.
import { awayWrites } from './away.ts'
import { noteWrites } from './notes.ts'
import { draftWrites } from './drafts.ts'
import { peopleWrites } from './people.ts'
import { tellAt } from './telling.ts'

import { storyWrites } from './stories.ts'

const remoteColumns =
  'account, uid, hash, state, size, at, gone_at, tries, problem, message, mailbox, local_uid, sameness'
const remoteKeys = '(uid, hash) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))'

export const writes = {
  addContent: 'INSERT INTO content (id, refs, size, crc, file, octets) VALUES (?, ?, ?, ?, ?, ?)',
  // The mailbox row hands out the UID: its lock orders UIDs by commit. A full one takes nothing, whoever came first. MB-04
  countEntry: `UPDATE mailbox SET uid_next = uid_next + 1, change = change + 1, messages = messages + 1, bytes = bytes + ?2,
    unseen = unseen + 1 - ?3 WHERE id = ?1 AND deleted_at IS NULL AND (quota IS NULL OR bytes < quota)`,
  // One row of values, here and in storeRemote: of an INSERT with a SELECT the engine writes down how to undo it, which is
  // copies of whole pages in a temporary file, for each message.
  addEntry: `INSERT INTO entry (mailbox, uid, content, message, prefix, size, flags, at, change, uidl) VALUES (?1,
    (SELECT uid_next - 1 FROM mailbox WHERE id = ?1), ?2, ?3, ?4, ?5, ?7, ?6, (SELECT change FROM mailbox WHERE id = ?1), ?8)`,
  addDelivery: `INSERT INTO delivery (id, message, content, envelope, recipient, destination, priority, state, attempts, due_at,
    accepted_at, allowed_by, size, memo, lease_node, lease_until, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  // The fence: a row that is not as it was read, for a lost lease or a change by hand, is not touched. QU-14
  moveDelivery: `UPDATE delivery SET state = ?1, priority = ?2, attempts = ?3, due_at = ?4, reply = ?5, memo = ?6, finished_at = ?7,
    lease_node = ?8, lease_until = ?9, reason = ?10 WHERE id = ?11 AND state = ?12 AND lease_node IS ?13
    AND lease_until IS ?14 AND memo = ?15 AND priority = ?16`,
  dropDelivered: 'DELETE FROM content WHERE id = ?1 AND refs = ?2',
  unrefDelivered: 'UPDATE content SET refs = refs - ?2 WHERE id = ?1 AND refs > ?2',
  replan: `UPDATE delivery SET due_at = ?1, memo = json_remove(memo, '$.retryAt') WHERE state = 'waiting'
    AND max(due_at, coalesce(json_extract(memo, '$.retryAt'), 0)) > ?2 AND coalesce(json_extract(memo, '$.laterAt'), 0) <= ?1`,
  retryHeld: `UPDATE delivery SET due_at = ?1, memo = json_remove(memo, '$.retryAt') WHERE state = 'waiting'
    AND json_extract(memo, '$.hold.by') = 'relay' AND max(due_at, coalesce(json_extract(memo, '$.retryAt'), 0)) > ?1`,
  tellSooner: `UPDATE delivery SET due_at = max(?1, ${tellAt}) WHERE state = 'waiting'
    AND json_extract(memo, '$.retryAt') > ?1 AND due_at > max(?1, ${tellAt})`,
  excuse: `UPDATE delivery SET memo = json_set(memo, '$.heldMs',
    CAST(coalesce(json_extract(memo, '$.heldMs'), 0) + ?2 - max(?1, accepted_at) AS INTEGER)) WHERE state = 'waiting' AND accepted_at < ?2`,
  pruneDeliveries: `DELETE FROM delivery WHERE id IN
    (SELECT id FROM delivery WHERE finished_at IS NOT NULL AND finished_at < ?1 LIMIT 10000)`,
  addTrace: `INSERT OR IGNORE INTO trace (ref, at, n, step, client, sender, recipients, subject, message_id, detail)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  pruneTrace: 'DELETE FROM trace WHERE ref < ?',

  uncountEntries: `UPDATE mailbox SET change = change + 1,
    messages = messages - (SELECT count(*) FROM entry WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2))),
    bytes = bytes - (SELECT coalesce(sum(size), 0) FROM entry WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2))),
    unseen = unseen - (SELECT count(*) FROM entry WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2)) AND flags & 1 = 0)
    WHERE id = ?1`,
  dropContents: `DELETE FROM content WHERE refs = 1 AND id IN
    (SELECT content FROM entry WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2)))`,
  unrefContents: `UPDATE content SET refs = refs - 1 WHERE refs > 1 AND id IN
    (SELECT content FROM entry WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2)))`,
  dropEntries: 'DELETE FROM entry WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2))',
  countSeen: `UPDATE mailbox SET unseen = unseen + iif(?3, -1, 1) * (SELECT count(*) FROM entry
    WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2)) AND flags & 1 <> ?3) WHERE id = ?1`,
  setSeen: `UPDATE entry SET flags = flags & ~1 | ?3 WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2))
    AND flags & 1 <> ?3`,
  keepDeleted: `INSERT INTO deleted_entry (mailbox, uid, content, message, prefix, size, flags, at, change, uidl, deleted_at)
    SELECT e.mailbox, e.uid, e.content, e.message, e.prefix, e.size, e.flags, e.at, m.change, e.uidl, ?3
    FROM entry e JOIN mailbox m ON m.id = e.mailbox WHERE e.mailbox = ?1 AND e.uid IN (SELECT value FROM json_each(?2))`,
  countRestored: `UPDATE mailbox SET uid_next = uid_next + 1, change = change + 1, messages = messages + 1,
    bytes = bytes + (SELECT size FROM deleted_entry WHERE mailbox = ?1 AND uid = ?2),
    unseen = unseen + (SELECT 1 - (flags & 1) FROM deleted_entry WHERE mailbox = ?1 AND uid = ?2)
    WHERE id = ?1 AND deleted_at IS NULL AND EXISTS (SELECT 1 FROM deleted_entry WHERE mailbox = ?1 AND uid = ?2)`,
  restoreEntry: `INSERT INTO entry (mailbox, uid, content, message, prefix, size, flags, at, change, uidl)
    SELECT m.id, m.uid_next - 1, d.content, d.message, d.prefix, d.size, d.flags, d.at, m.change, coalesce(d.uidl, ?3)
    FROM deleted_entry d JOIN mailbox m ON m.id = d.mailbox WHERE d.mailbox = ?1 AND d.uid = ?2`,
  dropDeletedContents: `DELETE FROM content WHERE refs = 1 AND id IN
    (SELECT content FROM deleted_entry WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2)))`,
  unrefDeletedContents: `UPDATE content SET refs = refs - 1 WHERE refs > 1 AND id IN
    (SELECT content FROM deleted_entry WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2)))`,
  dropDeleted: 'DELETE FROM deleted_entry WHERE mailbox = ?1 AND uid IN (SELECT value FROM json_each(?2))',
  // What was restored has another UID: the copy of a collected message is still here. PC-14
  moveRemote: `UPDATE remote_message SET local_uid = (SELECT uid_next - 1 FROM mailbox WHERE id = ?1)
    WHERE account = ?2 AND uid = ?3 AND hash = ?4`,
  setUidl: 'UPDATE entry SET uidl = ?3 WHERE mailbox = ?1 AND uid = ?2',

  addMailbox: `INSERT INTO mailbox (id, name, pop3, uid_validity, uid_next, change, messages, bytes, created_at)
    VALUES (?1, ?2, 0, ?3, 1, 1, 0, 0, ?4)`,
  setMailboxName: 'UPDATE mailbox SET name = ?2 WHERE id = ?1',
  setMailboxPop3: 'UPDATE mailbox SET pop3 = ?2 WHERE id = ?1',
  setMailboxArgon2: 'UPDATE mailbox SET argon2 = ?2 WHERE id = ?1',
  setMailboxScram: 'UPDATE mailbox SET scram = ?2 WHERE id = ?1',
  setMailboxQuota: 'UPDATE mailbox SET quota = ?2 WHERE id = ?1',
  setMailboxDisabled: 'UPDATE mailbox SET disabled = ?2 WHERE id = ?1',
  setMailboxForward: 'UPDATE mailbox SET forward = ?2 WHERE id = ?1',
  setMailboxDeleted: 'UPDATE mailbox SET deleted_at = ?2 WHERE id = ?1',
  dropMailbox: 'DELETE FROM mailbox WHERE id = ? AND deleted_at IS NOT NULL',
  noteLogin: 'UPDATE mailbox SET login_at = ?2, login_from = ?3 WHERE id = ?1',
  addAppPassword: `INSERT INTO app_password (selector, mailbox, label, argon2, scram, created_at)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE (SELECT count(*) FROM app_password WHERE mailbox = ?2) < ?7`,
  dropAppPassword: 'DELETE FROM app_password WHERE mailbox = ? AND label = ?',
  dropAppPasswords: 'DELETE FROM app_password WHERE mailbox = ?',
  noteAppPassword: 'UPDATE app_password SET used_at = ?2, used_from = ?3 WHERE selector = ?1',
  putDomain:
    'INSERT INTO domain (name, mode, target) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE SET mode = ?2, target = ?3',
  dropDomain: 'DELETE FROM domain WHERE name = ?',
  putAddress: `INSERT INTO address (address, targets, note, expires_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (address) DO UPDATE SET targets = ?2, note = ?3, expires_at = ?4`,
  dropAddress: 'DELETE FROM address WHERE address = ?',
  putAccess: `INSERT INTO access (id, position, pattern, action, note, expires_at, senders, uses) VALUES (?, ?, ?, ?, ?, ?, ?, 0)`,
  changeAccess: `UPDATE access SET position = ?2, pattern = ?3, action = ?4, note = ?5, expires_at = ?6, senders = ?7
    WHERE id = ?1`,
  dropAccess: 'DELETE FROM access WHERE id = ?',
  noteAccess: 'UPDATE access SET uses = uses + ?2, used_at = ?3 WHERE id = ?1',
  putAlternate: 'INSERT INTO alternate (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2',
  dropAlternate: 'DELETE FROM alternate WHERE name = ?',
  clearRoutes: 'DELETE FROM route',
  addRoute: 'INSERT INTO route (position, value) VALUES (?, ?)',
  addAccount: 'INSERT INTO remote_account (id, settings, status) VALUES (?, ?, ?)',
  putAccount: `UPDATE remote_account SET settings = coalesce(?2, settings), status = coalesce(?3, status) WHERE id = ?1`,
  dropAccount: 'DELETE FROM remote_account WHERE id = ?',
  dropRemotes: 'DELETE FROM remote_message WHERE account = ?',
  dropRuns: 'DELETE FROM collect_run WHERE account = ?',
  // Behind addEntry: the UID is the one that was just given. A message that is here already changes nothing, and that is a
  // conflict; so is one of an account that is gone, as null. PC-13
  storeRemote: `INSERT INTO remote_message (${remoteColumns}) VALUES ((SELECT id FROM remote_account WHERE id = ?1), ?2, ?3,
    'stored', ?4, ?5, NULL, 0, ?9, ?6, ?7, (SELECT uid_next - 1 FROM mailbox WHERE id = ?7), ?8)
    ON CONFLICT (account, uid, hash) DO UPDATE SET state = 'stored', size = excluded.size, at = excluded.at, gone_at = NULL,
    tries = 0, problem = excluded.problem, message = excluded.message, mailbox = excluded.mailbox, local_uid = excluded.local_uid,
    sameness = excluded.sameness WHERE state NOT IN ('stored', 'removed') OR remote_message.message IS NULL`,
  dropUnread: "DELETE FROM remote_message WHERE account = ? AND uid = ? AND hash = ''",
  markRemotes: `INSERT INTO remote_message (${remoteColumns})
    SELECT a.id, ${Array.from({ length: 12 }, (_, i) => `value ->> ${i}`).join(', ')}
    FROM remote_account a, json_each(?2) WHERE a.id = ?1
    ON CONFLICT (account, uid, hash) DO UPDATE SET state = excluded.state, size = excluded.size, gone_at = excluded.gone_at,
    tries = excluded.tries, problem = excluded.problem`,
  markRemoved: `UPDATE remote_message SET state = 'removed' WHERE account = ?1 AND ${remoteKeys}`,
  markGone: `UPDATE remote_message SET gone_at = ?3 WHERE account = ?1 AND ${remoteKeys}`,
  dropRemote: `DELETE FROM remote_message WHERE account = ?1 AND ${remoteKeys}`,
  // A mailbox of this number may be made again, and nothing is a copy of what it holds.
  dropSameness: "UPDATE remote_message SET sameness = '' WHERE mailbox = ? AND sameness <> ''",
  addRun: `INSERT INTO collect_run (account, at, report) SELECT id, ?2, ?3 FROM remote_account WHERE id = ?1
    ON CONFLICT (account, at) DO UPDATE SET report = excluded.report`,
  pruneRuns: 'DELETE FROM collect_run WHERE account = ? AND at < ?',
  ...awayWrites,
  ...noteWrites,
  logSetting: `INSERT INTO setting_history (at, by, name, before, after)
    VALUES (?1, ?2, ?3, (SELECT value FROM setting WHERE name = ?3), ?4)`,
  putSetting: 'INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2',
  dropRestored: 'DELETE FROM restored',
  dropSetting: 'DELETE FROM setting WHERE name = ?',
  ...draftWrites,
  ...peopleWrites,
  ...storyWrites,
} as const

export type StatementName = keyof typeof writes
