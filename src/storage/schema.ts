// The schema as a list of migrations. A store remembers how many it has seen; a newer store is refused.

export const migrations: readonly string[] = [
  `
CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, pop3 INTEGER NOT NULL, argon2 TEXT, scram TEXT, quota INTEGER,
  disabled TEXT, deleted_at INTEGER, uid_validity INTEGER NOT NULL, uid_next INTEGER NOT NULL, change INTEGER NOT NULL,
  messages INTEGER NOT NULL, bytes INTEGER NOT NULL, login_at INTEGER, login_from TEXT, created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE content (
  id INTEGER PRIMARY KEY, refs INTEGER NOT NULL, size INTEGER NOT NULL, crc INTEGER NOT NULL, file TEXT, octets BLOB
) STRICT;
CREATE TABLE entry (
  mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, content INTEGER NOT NULL, message TEXT NOT NULL, prefix TEXT NOT NULL,
  size INTEGER NOT NULL, flags INTEGER NOT NULL, at INTEGER NOT NULL, change INTEGER NOT NULL, uidl TEXT,
  PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery (
  id TEXT PRIMARY KEY, message TEXT NOT NULL, content INTEGER NOT NULL, envelope TEXT NOT NULL, recipient TEXT NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, accepted_at INTEGER NOT NULL, reply TEXT,
  allowed_by TEXT NOT NULL, size INTEGER NOT NULL, lease_node TEXT, lease_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery (due_at) WHERE state = 'waiting';
CREATE TABLE trace (
  ref TEXT NOT NULL, at INTEGER NOT NULL, n INTEGER NOT NULL, step TEXT NOT NULL, client TEXT, sender TEXT,
  recipients TEXT NOT NULL, subject TEXT, message_id TEXT, detail TEXT NOT NULL,
  PRIMARY KEY (ref, at, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE domain (name TEXT PRIMARY KEY, mode TEXT NOT NULL, target TEXT) STRICT;
CREATE TABLE address (address TEXT PRIMARY KEY, targets TEXT NOT NULL, note TEXT NOT NULL, expires_at INTEGER) STRICT;
CREATE TABLE access (
  id INTEGER PRIMARY KEY, position INTEGER NOT NULL, pattern TEXT NOT NULL, action TEXT NOT NULL, note TEXT NOT NULL,
  expires_at INTEGER, senders TEXT NOT NULL, used_at INTEGER, uses INTEGER NOT NULL
) STRICT;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE setting_history (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, by TEXT NOT NULL, name TEXT NOT NULL, before TEXT, after TEXT) STRICT;
`,
  `
ALTER TABLE delivery ADD COLUMN destination TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN memo TEXT NOT NULL DEFAULT '{}';
ALTER TABLE delivery ADD COLUMN finished_at INTEGER;
UPDATE delivery SET destination = json_extract(recipient, '$.to.domain');
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (destination, priority, due_at) WHERE state = 'waiting';
CREATE INDEX delivery_leased ON delivery (lease_until) WHERE state = 'leased';
CREATE INDEX delivery_open ON delivery (id) WHERE finished_at IS NULL;
CREATE INDEX delivery_finished ON delivery (finished_at) WHERE finished_at IS NOT NULL;
`,
  `
CREATE TABLE alternate (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE route (position INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;
`,
  `
CREATE TABLE app_password (
  selector TEXT PRIMARY KEY, mailbox INTEGER NOT NULL, label TEXT NOT NULL, argon2 TEXT NOT NULL, scram TEXT NOT NULL,
  created_at INTEGER NOT NULL, used_at INTEGER, used_from TEXT, UNIQUE (mailbox, label)
) STRICT, WITHOUT ROWID;
`,
  `
CREATE TABLE remote_account (id INTEGER PRIMARY KEY, settings TEXT NOT NULL, status TEXT NOT NULL) STRICT;
CREATE TABLE remote_message (
  account INTEGER NOT NULL, uid TEXT NOT NULL, hash TEXT NOT NULL, state TEXT NOT NULL, size INTEGER NOT NULL,
  at INTEGER NOT NULL, gone_at INTEGER, tries INTEGER NOT NULL, problem TEXT, message TEXT, mailbox INTEGER,
  local_uid INTEGER, sameness TEXT NOT NULL, PRIMARY KEY (account, uid, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX remote_sameness ON remote_message (mailbox, sameness) WHERE sameness <> '';
CREATE TABLE collect_run (
  account INTEGER NOT NULL, at INTEGER NOT NULL, report TEXT NOT NULL, PRIMARY KEY (account, at)
) STRICT, WITHOUT ROWID;
`,
  `
CREATE TABLE administrator (
  name TEXT PRIMARY KEY, argon2 TEXT NOT NULL, totp TEXT, totp_step INTEGER NOT NULL, recovery TEXT NOT NULL,
  created_at INTEGER NOT NULL, login_at INTEGER, login_from TEXT
) STRICT;
CREATE TABLE console_session (
  id TEXT PRIMARY KEY, administrator TEXT, mailbox INTEGER, credential TEXT NOT NULL, created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL, client TEXT NOT NULL, agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE api_token (
  selector TEXT PRIMARY KEY, hash TEXT NOT NULL, label TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, mailbox INTEGER,
  created_at INTEGER NOT NULL, created_by TEXT NOT NULL, expires_at INTEGER, used_at INTEGER, used_from TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
  n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, via TEXT NOT NULL, client TEXT NOT NULL,
  operation TEXT NOT NULL, parameters TEXT NOT NULL, outcome TEXT NOT NULL
) STRICT;
CREATE INDEX audit_actor ON audit (actor, n);
CREATE INDEX audit_at ON audit (at, n);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit is never changed'); END;
  `,
  // Filled behind the trace: see sqlite/stories.ts.
  `
CREATE TABLE story (id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, events INTEGER NOT NULL) STRICT;
CREATE VIRTUAL TABLE story_text USING fts5(
  who, subject, ids, client, said, marks, content = '', contentless_delete = 1, tokenize = 'unicode61'
);
CREATE TABLE story_state (swept INTEGER NOT NULL) STRICT;
INSERT INTO story_state SELECT NOT EXISTS (SELECT 1 FROM trace);
  `,
  `
ALTER TABLE mailbox ADD COLUMN unseen INTEGER NOT NULL DEFAULT 0;
UPDATE mailbox SET unseen = messages;
CREATE TABLE deleted_entry (
  mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, content INTEGER NOT NULL, message TEXT NOT NULL, prefix TEXT NOT NULL,
  size INTEGER NOT NULL, flags INTEGER NOT NULL, at INTEGER NOT NULL, change INTEGER NOT NULL, uidl TEXT,
  deleted_at INTEGER NOT NULL, PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX deleted_entry_of ON deleted_entry (mailbox, deleted_at, uid);
CREATE INDEX deleted_entry_old ON deleted_entry (deleted_at);
  `,
  `
CREATE TABLE draft (
  id TEXT PRIMARY KEY, owner INTEGER NOT NULL, version INTEGER NOT NULL, files INTEGER NOT NULL, at INTEGER NOT NULL,
  fields TEXT NOT NULL, message TEXT UNIQUE, leaves_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_of ON draft (owner, id);
CREATE TABLE draft_file (
  draft TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, content INTEGER NOT NULL, size INTEGER NOT NULL,
  PRIMARY KEY (draft, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE sent (
  owner INTEGER NOT NULL, message TEXT NOT NULL UNIQUE, draft TEXT NOT NULL, content INTEGER NOT NULL, at INTEGER NOT NULL,
  size INTEGER NOT NULL, subject TEXT NOT NULL, recipients TEXT NOT NULL, PRIMARY KEY (owner, message), UNIQUE (owner, draft)
) STRICT, WITHOUT ROWID;
`,
  // What waits in groups: not on the way of mail that leaves at once, which is leased from the beginning.
  `
ALTER TABLE delivery ADD COLUMN reason TEXT NOT NULL DEFAULT '';
UPDATE delivery SET reason = coalesce(memo ->> '$.hold.why', (reply ->> '$.code') || coalesce(' ' || (reply ->> '$.status'), ''), '')
  WHERE finished_at IS NULL;
CREATE INDEX delivery_standing ON delivery (destination, state, reason, attempts, due_at, accepted_at, size)
  WHERE state IN ('waiting', 'held');
  `,
  `
ALTER TABLE mailbox ADD COLUMN forward TEXT;
`,
  `
CREATE TABLE figure (at INTEGER NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (at, name)) STRICT, WITHOUT ROWID;
CREATE TABLE login (
  service TEXT NOT NULL, name TEXT NOT NULL, client TEXT NOT NULL, outcome TEXT NOT NULL, times INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, PRIMARY KEY (service, name, client, outcome)
) STRICT, WITHOUT ROWID;
CREATE INDEX login_last ON login (service, last_at, name, client, outcome);
CREATE TABLE problem (
  id TEXT NOT NULL, since INTEGER NOT NULL, value TEXT NOT NULL, dismissed_at INTEGER, solved_at INTEGER,
  PRIMARY KEY (id, since)
) STRICT, WITHOUT ROWID;
`,
  `
CREATE TABLE restored (
  one INTEGER PRIMARY KEY CHECK (one = 1), backup_at INTEGER NOT NULL, restored_at INTEGER NOT NULL, held INTEGER NOT NULL
) STRICT;
`,
  `
ALTER TABLE mailbox ADD COLUMN away TEXT;
CREATE TABLE away_answered (
  mailbox INTEGER NOT NULL, sender TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (mailbox, sender)
) STRICT, WITHOUT ROWID;
CREATE INDEX away_answered_at ON away_answered (mailbox, at);
`,
]
