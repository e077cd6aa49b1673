// The statements of drafts, their attachments and the copies of sent messages. Of reads.ts and writes.ts.

/** Drafts whose message has a delivery that nobody has begun with. */
const isLeaving = `EXISTS (SELECT 1 FROM delivery WHERE delivery.id > draft.message || '-' AND delivery.id < draft.message || '.'
    AND finished_at IS NULL AND attempts = 0)`
const sentColumns = 's.message, s.at, s.size, s.subject, s.recipients, s.content, c.file'

export const draftReads = {
  draft: 'SELECT * FROM draft WHERE id = ?',
  draftFiles: `SELECT f.draft, f.id, f.name, f.type, f.size, f.content, c.file FROM draft_file f JOIN content c ON c.id = f.content
    WHERE f.draft IN (SELECT value FROM json_each(?)) ORDER BY f.draft, f.id`,
  drafts: `SELECT * FROM draft WHERE owner = ?1 AND message IS NULL AND id < coalesce(?2, '~') ORDER BY id DESC LIMIT ?3`,
  leavingDrafts: `SELECT * FROM draft WHERE owner = ?1 AND message IS NOT NULL AND ${isLeaving} ORDER BY leaves_at LIMIT ?2`,
  draftOfMessage: 'SELECT * FROM draft WHERE message = ?',
  leftDrafts: `SELECT id, message FROM draft WHERE message IS NOT NULL AND NOT ${isLeaving}`,
  sent: `SELECT ${sentColumns} FROM sent s JOIN content c ON c.id = s.content
    WHERE s.owner = ?1 AND s.message < coalesce(?2, '~') ORDER BY s.message DESC LIMIT ?3`,
  sentMessage: `SELECT ${sentColumns}, c.refs FROM sent s JOIN content c ON c.id = s.content WHERE s.owner = ? AND s.message = ?`,
  sentOfDraft: 'SELECT message FROM sent WHERE owner = ? AND draft = ?',
  writtenFiles: `SELECT c.file FROM content c WHERE c.file IS NOT NULL AND c.refs = 1 AND c.id IN (SELECT content FROM sent
    WHERE owner = ?1 UNION SELECT f.content FROM draft_file f JOIN draft d ON d.id = f.draft WHERE d.owner = ?1)`,
  writtenBytes: `SELECT (SELECT coalesce(sum(size), 0) FROM sent WHERE owner = ?1) + (SELECT coalesce(sum(f.size), 0)
    FROM draft_file f JOIN draft d ON d.id = f.draft WHERE d.owner = ?1) AS bytes`,
} as const

export const draftWrites = {
  addDraft: `INSERT INTO draft (id, owner, version, files, at, fields)
    SELECT ?1, ?2, 1, 0, ?3, ?4 WHERE (SELECT count(*) FROM draft WHERE owner = ?2 AND message IS NULL) < ?5`,
  putDraft: `UPDATE draft SET version = version + 1, at = ?3, fields = ?4 WHERE id = ?1 AND version = ?2 AND message IS NULL`,
  dropDraft: 'DELETE FROM draft WHERE id = ? AND message IS NULL',
  dropLeftDraft: 'DELETE FROM draft WHERE id = ? AND message = ?',
  countFile: 'UPDATE draft SET files = files + 1 WHERE id = ? AND message IS NULL',
  addDraftFile: 'INSERT INTO draft_file (draft, id, name, type, content, size) VALUES (?, ?, ?, ?, ?, ?)',
  dropDraftFile: 'DELETE FROM draft_file WHERE draft = ? AND id = ?',
  dropFileContent: 'DELETE FROM content WHERE id = (SELECT content FROM draft_file WHERE draft = ? AND id = ?)',
  dropDraftContents: 'DELETE FROM content WHERE id IN (SELECT content FROM draft_file WHERE draft = ?)',
  dropDraftFiles: 'DELETE FROM draft_file WHERE draft = ?',
  // The fence: what is sent is what was read, and once. SE-04
  sendDraft: 'DELETE FROM draft WHERE id = ? AND version = ? AND files = ? AND message IS NULL',
  letDraftLeave: `UPDATE draft SET message = ?4, leaves_at = ?5
    WHERE id = ?1 AND version = ?2 AND files = ?3 AND message IS NULL`,
  giveDraftBack: 'UPDATE draft SET message = NULL, leaves_at = NULL, version = version + 1, at = ?2 WHERE message = ?1',
  addSent: `INSERT INTO sent (owner, message, draft, content, at, size, subject, recipients) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  dropSentContent: 'DELETE FROM content WHERE refs = 1 AND id IN (SELECT content FROM sent WHERE message = ?)',
  unrefSentContent:
    'UPDATE content SET refs = refs - 1 WHERE refs > 1 AND id IN (SELECT content FROM sent WHERE message = ?)',
  dropSentOf: 'DELETE FROM sent WHERE message = ?',
  dropContentsOfDrafts: `DELETE FROM content WHERE id IN
    (SELECT f.content FROM draft_file f JOIN draft d ON d.id = f.draft WHERE d.owner = ?)`,
  dropFilesOfDrafts: 'DELETE FROM draft_file WHERE draft IN (SELECT id FROM draft WHERE owner = ?)',
  dropDrafts: 'DELETE FROM draft WHERE owner = ?',
  dropContentsOfSent: 'DELETE FROM content WHERE refs = 1 AND id IN (SELECT content FROM sent WHERE owner = ?)',
  unrefContentsOfSent:
    'UPDATE content SET refs = refs - 1 WHERE refs > 1 AND id IN (SELECT content FROM sent WHERE owner = ?)',
  dropAllSent: 'DELETE FROM sent WHERE owner = ?',
} as const
