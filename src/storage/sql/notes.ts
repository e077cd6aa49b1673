// The statements for what the server keeps about its own running. Part of reads.ts and writes.ts.

/** The page behind a row, latest first. */
const loginsBehind = `(last_at, name, client, outcome) < (?3, ?4, ?5, ?6)
    ORDER BY last_at DESC, name DESC, client DESC, outcome DESC LIMIT ?7`

export const noteReads = {
  dayFigures: 'SELECT at, name, count FROM figure',
  logins: `SELECT * FROM login WHERE service = ?1 AND ?2 = '' AND ${loginsBehind}`,
  loginsOf: `SELECT * FROM login WHERE service = ?1 AND name = ?2 AND ${loginsBehind}`,
  fullMailboxes: `SELECT name, bytes, quota FROM mailbox WHERE quota IS NOT NULL AND deleted_at IS NULL
    AND bytes * 100 >= quota * ?1 ORDER BY 1.0 * bytes / max(quota, 1) DESC LIMIT ?2`,
  problems: 'SELECT * FROM problem ORDER BY solved_at IS NULL DESC, coalesce(solved_at, since) DESC',
} as const

export const noteWrites = {
  putFigure: 'INSERT INTO figure (at, name, count) VALUES (?1, ?2, ?3) ON CONFLICT (at, name) DO UPDATE SET count = ?3',
  pruneFigures: 'DELETE FROM figure WHERE at < ?',
  putLogin: `INSERT INTO login (service, name, client, outcome, times, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (service, name, client, outcome) DO UPDATE SET times = times + excluded.times, last_at = excluded.last_at`,
  pruneLogins: `DELETE FROM login WHERE last_at < ?1
    OR (SELECT count(*) FROM login) > ?2 AND last_at < (SELECT last_at FROM login ORDER BY last_at DESC LIMIT 1 OFFSET ?2)`,
  putProblem: `INSERT INTO problem (id, since, value, dismissed_at, solved_at) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (id, since) DO UPDATE SET value = ?3, dismissed_at = ?4, solved_at = ?5`,
  pruneProblems: 'DELETE FROM problem WHERE solved_at < ?',
} as const
