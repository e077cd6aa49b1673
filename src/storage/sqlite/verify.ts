// Reads every row, every content and checksum, every order of UIDs, and says in words what does not fit together.
import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'

export type Verified = { readonly checked: number; readonly problems: string[] }
type ReadFile = (name: string) => Uint8Array
/** The content files, and whom to tell how much is done: at most a hundred times, from 0 to 1. */
type Help = { readonly readFile: ReadFile; readonly onShare: (share: number) => void }
type Row = Record<string, string | number | Uint8Array | null>

/** In mailboxes, and deleted within their time of grace. */
const allEntries = 'SELECT mailbox, uid, content FROM entry UNION ALL SELECT mailbox, uid, content FROM deleted_entry'
const problemsMax = 1000
/** What reading the contents is of the whole; the checks of the database behind it tell nothing until they are done. */
const contentPercent = 80

/** The contents and the pages of the database: what holds in every version. */
export function verifyContents(db: DatabaseSync, { readFile, onShare }: Help): Verified {
  const problems: string[] = []
  const note = (problem: string): void => void (problems.length < problemsMax && problems.push(problem))
  const every = (sql: string): Iterable<Row> => db.prepare(sql).iterate() as Iterable<Row>
  let checked = 0

  const shareOf = contentShares(db)
  let told = -1
  for (const row of every('SELECT * FROM content ORDER BY id')) {
    checked++
    const problem = contentProblem(row, readFile)
    if (problem) note(`content ${String(row['id'])}: ${problem}`)
    const percent = Math.floor(shareOf(row['id'] as number) * contentPercent) // STRICT column
    if (percent > told) onShare((told = percent) / 100)
  }
  for (const { integrity_check: said } of every('PRAGMA integrity_check'))
    if (said !== 'ok') note(`database: ${String(said)}`)
  return { checked, problems }
}

/** All of it, of a store of this version. */
export function verifyStore(db: DatabaseSync, help: Help): Verified {
  const { checked: contents, problems } = verifyContents(db, help)
  const note = (problem: string): void => void (problems.length < problemsMax && problems.push(problem))
  const every = (sql: string): Iterable<Row> => db.prepare(sql).iterate() as Iterable<Row>
  let checked = contents
  for (const { mailbox, uid } of every(
    `SELECT e.mailbox, e.uid FROM (${allEntries}) e LEFT JOIN content c ON c.id = e.content WHERE c.id IS NULL`,
  ))
    note(`mailbox ${String(mailbox)}, uid ${String(uid)}: its content is missing`)
  for (const row of every(`SELECT c.id, c.refs, (SELECT count(*) FROM delivery d WHERE d.content = c.id AND d.state IN ('waiting', 'leased', 'held'))
      + coalesce(n.entries, 0) + coalesce(w.written, 0) AS used FROM content c
      LEFT JOIN (SELECT content, count(*) AS written FROM (SELECT content FROM sent UNION ALL SELECT content FROM draft_file)
        GROUP BY content) w ON w.content = c.id
      LEFT JOIN (SELECT content, count(*) AS entries FROM (${allEntries}) GROUP BY content) n ON n.content = c.id
      WHERE c.refs <> used`))
    note(`content ${String(row['id'])}: ${String(row['refs'])} references counted, ${String(row['used'])} found`)
  for (const row of every(`SELECT m.name, m.messages, m.bytes, m.uid_next, m.unseen, count(e.uid) AS n,
      coalesce(sum(e.flags & 1 = 0), 0) AS unread, coalesce(sum(e.size), 0) AS octets,
      coalesce(max(e.uid), 0) AS top FROM mailbox m LEFT JOIN entry e ON e.mailbox = m.id GROUP BY m.id`)) {
    checked++
    const name = String(row['name'])
    if (row['messages'] !== row['n'])
      note(`mailbox ${name}: ${String(row['messages'])} messages counted, ${String(row['n'])} found`)
    if (row['bytes'] !== row['octets'])
      note(`mailbox ${name}: ${String(row['bytes'])} octets counted, ${String(row['octets'])} found`)
    if (row['unseen'] !== row['unread'])
      note(`mailbox ${name}: ${String(row['unseen'])} unread messages counted, ${String(row['unread'])} found`)
    if ((row['top'] as number) >= (row['uid_next'] as number))
      note(`mailbox ${name}: a UID is at or above the next one`)
  }
  help.onShare(1)
  return { checked, problems }
}

/** How far a content is behind the first: ids are given in order, and both ends are found without reading a row. */
function contentShares(db: DatabaseSync): (id: number) => number {
  const { low, high } = db.prepare('SELECT min(id) AS low, max(id) AS high FROM content').get() as Row
  const first = Number(low) // 0 when there is none
  return (id) => (id - first + 1) / (Number(high) - first + 1)
}

function contentProblem(row: Row, readFile: ReadFile): string | null {
  try {
    const octets = row['file'] === null ? (row['octets'] as Uint8Array) : readFile(row['file'] as string)
    if (octets.length !== row['size']) return `${octets.length} octets instead of ${String(row['size'])}`
    return crc32(octets) === row['crc'] ? null : 'its checksum is wrong'
  } catch (error) {
    return `its file cannot be read: ${(error as Error).message}`
  }
}
