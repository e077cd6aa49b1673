// Writes a backup: the database of one moment, then the contents that it names, then what proves them. Runs in a thread of its
// own (thread.ts) while the server works: a read transaction holds the moment, and nobody who writes waits for it. MB-08
import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { syncFolderNow } from '../content.ts'
import { busyMs, pageBytes } from '../limits.ts'
import { copyDurably, linkOrCopy, sha256Of, syncFile, writeDurably } from './files.ts'
import { contentFolderName, databaseFile, keysFile, manifestFile, sumLine, sumsFile, type Manifest } from './format.ts'
import { keyIdOf, sealKeys, type Sealing } from './keys.ts'
import { verifyBackup } from './verify.ts'
import { StoreError } from '../store.ts'

export type WriteJob = {
  readonly kind: 'write'
  readonly data: string
  /** Exists, is empty, and nobody else knows its name. */
  readonly to: string
  /** Now. */
  readonly at: number
  readonly hostname: string
  readonly reason: Manifest['reason']
  readonly sealing: Sealing | null
}
type OnShare = (share: number, words: string) => void
type Facts = Pick<Manifest, 'schema' | 'mailboxes' | 'messages' | 'deliveries' | 'remoteAccounts'>
type Point = { readonly facts: Facts; readonly files: readonly string[] }

/** Pages that are copied in one go: 8 MiB. */
const stepPages = 8_388_608 / pageBytes
/** Parts of the time: the database, the contents, the checksums, the proof. */
const parts = { database: 0.3, contents: 0.4, sums: 0.6 }

/** Resolves when all of it is on disk and was read again. @throws when anything is wrong with it */
export async function writeBackup(job: WriteJob, onShare: OnShare): Promise<Manifest> {
  const { data, to, at, sealing, hostname, reason } = job
  const point = await copyDatabase(job, onShare)
  copyContents(job, point.files, onShare)
  if (sealing !== null) writeDurably(join(to, keysFile), Buffer.from(sealKeys(data, sealing)))
  const manifest: Manifest = {
    format: 1,
    at,
    hostname,
    reason,
    ...point.facts,
    databaseBytes: statSync(join(to, databaseFile)).size,
    files: point.files.length,
    filesBytes: point.files.reduce((sum, name) => sum + statSync(join(to, contentFolderName, name)).size, 0),
    keyId: keyIdOf(data),
    sealedKeys: sealing !== null,
  }
  writeDurably(join(to, manifestFile), Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`))
  writeSums(to, pathsOf(point, sealing !== null), (share) => onShare(between('contents', 'sums', share), 'Adding up'))
  syncFolderNow(join(to, contentFolderName))
  syncFolderNow(to)
  const { problems } = verifyBackup(to, (share) => onShare(parts.sums + share * (1 - parts.sums), 'Reading it again'))
  if (problems.length > 0)
    throw new StoreError('failed', `What was written is not what was read: ${problems.join('; ')}`)
  return manifest
}

const between = (from: keyof typeof parts, to: keyof typeof parts, share: number): number =>
  parts[from] + share * (parts[to] - parts[from])

/** An open read transaction is the moment: all that is asked in it is as it was then. */
async function copyDatabase({ data, to }: WriteJob, onShare: OnShare): Promise<Point> {
  const target = join(to, databaseFile)
  const db = new DatabaseSync(join(data, databaseFile), { readOnly: true, timeout: busyMs })
  try {
    db.exec('BEGIN')
    const facts = factsOf(db)
    const files = db.prepare('SELECT file FROM content WHERE file IS NOT NULL ORDER BY id').all()
    await backup(db, target, {
      rate: stepPages,
      progress: ({ totalPages, remainingPages }) =>
        onShare(parts.database * (1 - remainingPages / totalPages), 'Copying the database'),
    })
    return { facts, files: files.map(({ file }) => String(file)) }
  } finally {
    db.close()
    makeSingle(target)
  }
}

function factsOf(db: DatabaseSync): Facts {
  const number = (sql: string): number => Number(Object.values(db.prepare(sql).get() ?? {})[0])
  const schema = number('PRAGMA user_version')
  return {
    schema,
    mailboxes: number('SELECT count(*) FROM mailbox WHERE deleted_at IS NULL'),
    messages: number('SELECT coalesce(sum(messages), 0) FROM mailbox'),
    deliveries: number("SELECT count(*) FROM delivery WHERE state IN ('waiting', 'leased', 'held')"),
    remoteAccounts: number('SELECT count(*) FROM remote_account'),
  }
}

/** One file without a log beside it, which any SQLite on any system opens. */
function makeSingle(file: string): void {
  const copy = new DatabaseSync(file, { timeout: busyMs })
  copy.exec('PRAGMA journal_mode = DELETE')
  copy.close()
  chmodSync(file, 0o600)
  syncFile(file)
}

function copyContents({ data, to }: WriteJob, files: readonly string[], onShare: OnShare): void {
  const [from, into] = [join(data, contentFolderName), join(to, contentFolderName)]
  mkdirSync(into, { mode: 0o700 })
  files.forEach((name, i) => {
    linkOrCopy(join(from, name), join(into, name))
    onShare(between('database', 'contents', i / files.length), 'Copying large messages')
  })
}

const pathsOf = ({ files }: Point, sealed: boolean): string[] => [
  databaseFile,
  manifestFile,
  ...(sealed ? [keysFile] : []),
  ...files.map((name) => `${contentFolderName}/${name}`),
]

function writeSums(to: string, paths: readonly string[], onShare: (share: number) => void): void {
  const whole = paths.reduce((sum, path) => sum + statSync(join(to, path)).size, 0)
  let read = 0
  const note = (count: number): void => onShare((read += count) / whole)
  writeDurably(
    join(to, sumsFile),
    Buffer.from(paths.map((path) => sumLine(path, sha256Of(join(to, path), note))).join('')),
  )
}

/** The same backup in another folder. */
export function copyBackup(from: string, to: string, paths: readonly string[]): void {
  mkdirSync(join(to, contentFolderName), { recursive: true, mode: 0o700 })
  for (const path of paths) copyDurably(join(from, path), join(to, path))
}
