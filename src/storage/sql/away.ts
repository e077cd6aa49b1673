// The statements of who was answered while the owner of a mailbox is away. Of reads.ts and writes.ts.

export const awayReads = {
  answered: `SELECT (SELECT at FROM away_answered WHERE mailbox = ?1 AND sender = ?2) AS last_at,
    (SELECT count(*) FROM away_answered WHERE mailbox = ?1 AND at > ?3) AS lately`,
} as const

export const awayWrites = {
  setMailboxAway: 'UPDATE mailbox SET away = ?2 WHERE id = ?1',
  // Before it is changed: what was off begins anew, what was on goes on.
  forgetAnsweredWhenOff: `DELETE FROM away_answered WHERE mailbox = ?1
    AND NOT coalesce((SELECT away ->> '$.on' FROM mailbox WHERE id = ?1), 0)`,
  forgetAnswered: 'DELETE FROM away_answered WHERE mailbox = ?1 AND at <= ?2',
  addAnswered: `INSERT INTO away_answered (mailbox, sender, at) SELECT id, ?2, ?3 FROM mailbox WHERE id = ?1
    AND deleted_at IS NULL AND (SELECT count(*) FROM away_answered WHERE mailbox = ?1 AND at > ?4) < ?5
    ON CONFLICT (mailbox, sender) DO NOTHING`,
  dropAnswered: 'DELETE FROM away_answered WHERE mailbox = ?',
} as const
