// The statements about who may use the console, by name; part of reads.ts and writes.ts.

export const peopleReads = {
  administrators: 'SELECT * FROM administrator ORDER BY name',
  sessions: 'SELECT * FROM console_session ORDER BY seen_at DESC',
  tokens: 'SELECT * FROM api_token ORDER BY label',
  audit: 'SELECT * FROM audit WHERE n < ?1 ORDER BY n DESC LIMIT ?2',
  auditOf: 'SELECT * FROM audit WHERE actor = ?3 AND n < ?1 ORDER BY n DESC LIMIT ?2',
} as const

export const peopleWrites = {
  addAdministrator: `INSERT INTO administrator (name, argon2, totp_step, recovery, created_at) VALUES (?1, ?2, 0, '[]', ?3)`,
  addFirstAdministrator: `INSERT INTO administrator (name, argon2, totp_step, recovery, created_at)
    SELECT ?1, ?2, 0, '[]', ?3 WHERE NOT EXISTS (SELECT 1 FROM administrator)`,
  setAdministratorPassword: 'UPDATE administrator SET argon2 = ?2 WHERE name = ?1',
  setSecondStep: 'UPDATE administrator SET totp = ?2, recovery = ?3, totp_step = 0 WHERE name = ?1',
  useTotpStep: 'UPDATE administrator SET totp_step = ?2 WHERE name = ?1 AND totp_step < ?2',
  useRecoveryCode: `UPDATE administrator SET recovery = (SELECT json_group_array(value) FROM json_each(recovery) WHERE value <> ?2)
    WHERE name = ?1 AND EXISTS (SELECT 1 FROM json_each(recovery) WHERE value = ?2)`,
  noteAdministrator: 'UPDATE administrator SET login_at = ?2, login_from = ?3 WHERE name = ?1',
  dropAdministrator: 'DELETE FROM administrator WHERE name = ?1 AND (SELECT count(*) FROM administrator) > 1',
  dropTokensBy: 'DELETE FROM api_token WHERE created_by = ?1',
  dropSessionsOf: 'DELETE FROM console_session WHERE administrator = ?1',
  addSession: `INSERT INTO console_session (id, administrator, mailbox, credential, created_at, seen_at, client, agent)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
  noteSession: 'UPDATE console_session SET seen_at = ?2, client = ?3 WHERE id = ?1',
  rebindSession: 'UPDATE console_session SET credential = ?2 WHERE id = ?1',
  dropSessions: 'DELETE FROM console_session WHERE id IN (SELECT value FROM json_each(?1))',
  addToken: `INSERT INTO api_token (selector, hash, label, scopes, mailbox, created_at, created_by, expires_at)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE (SELECT count(*) FROM api_token) < ?9`,
  dropToken: 'DELETE FROM api_token WHERE selector = ?1',
  dropSessionsOfMailbox: 'DELETE FROM console_session WHERE mailbox = ?1',
  dropTokensOfMailbox: 'DELETE FROM api_token WHERE mailbox = ?1',
  noteToken: 'UPDATE api_token SET used_at = ?2, used_from = ?3 WHERE selector = ?1',
  addAudit: `INSERT INTO audit (at, actor, via, client, operation, parameters, outcome) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
  pruneAudit: 'DELETE FROM audit WHERE at < ?1',
} as const
