// Makes a data folder of a backup. All of it is prepared beside the old data first; then one file says what is to be moved, and
// from there on every start finishes the move. The old data goes aside and is never deleted. MB-08, PC-30
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isoTime } from '#/world/node/clock.ts'
import type { Instant } from '#/world/world.ts'
import { syncFolderNow } from '../content.ts'
import { busyMs } from '../limits.ts'
import { lockFolder, lockName } from '../sqlite/lock.ts'
import { StoreError } from '../store.ts'
import { upgrade } from '../upgrade.ts'
import { copyDurably, inWords, writeDurably } from './files.ts'
import { contentFolderName, databaseFile, keysFile, type Manifest } from './format.ts'
import { keyIdOf, unsealKeys } from './keys.ts'
import { listedPaths, readManifest, verifyBackup } from './verify.ts'
import { copyBackup } from './write.ts'

export type Restoring = {
  /** A backup: a folder. */
  readonly from: string
  /** The data folder that it becomes. */
  readonly to: string
  readonly now: Instant
  /** The name of the folder that the old data is moved to. */
  readonly aside: string
  /** Opens the keys in the backup; null: those that are here stay. */
  readonly passphrase: string | null
  readonly onShare?: (share: number, words: string) => void
}
export type RestoredAll = {
  readonly at: Instant
  readonly mailboxes: number
  readonly messages: number
  /** Deliveries that are held now. */
  readonly held: number
  /** Where the old data is; null when there was none. */
  readonly aside: string | null
  /** Whether the secrets in it open with the key that is there now. */
  readonly keys: 'same' | 'from-backup' | 'other' | 'none'
}

const stagingPrefix = '.restoring-'
const orderFile = '.restore-order.json'
/** What is of this folder and not of its data. */
const stays = (name: string): boolean =>
  name === lockName ||
  name === 'control.sock' ||
  name === 'backup' ||
  name.startsWith('before-') ||
  name.startsWith('.')
const uidGap = 1_000_000

/** @throws StoreError in words; then the data is as it was. */
export function restoreAll(restoring: Restoring): RestoredAll {
  const { from, to, onShare = () => undefined } = restoring
  const manifest = readManifest(from)
  if (manifest === null) throw new StoreError('failed', `${from} is no backup that this program knows`)
  const { problems } = verifyBackup(from, (share) => onShare(share * 0.5, 'Reading the backup'))
  if (problems.length > 0)
    throw new StoreError('failed', `The backup is damaged, nothing was changed: ${problems.slice(0, 5).join('; ')}`)
  using _lock = lockFolder(to)
  finishRestore(to)
  const staging = join(to, `${stagingPrefix}${restoring.aside}`)
  try {
    mkdirSync(staging, { mode: 0o700 })
    const prepared = prepare(restoring, staging, manifest)
    onShare(0.95, 'Putting it in its place')
    return { ...prepared, aside: putInPlace(restoring, staging) }
  } catch (error) {
    rmSync(staging, { recursive: true, force: true })
    throw inWords(error, to)
  }
}

function prepare(restoring: Restoring, staging: string, manifest: Manifest): Omit<RestoredAll, 'aside'> {
  const { from, to, now, passphrase, onShare = () => undefined } = restoring
  onShare(0.5, 'Copying')
  const paths = [...listedPaths(from).keys()].filter(
    (path) => path === databaseFile || path.startsWith(contentFolderName),
  )
  copyBackup(from, staging, paths)
  const keys = bringKeys({ from, to, staging, passphrase }, manifest)
  onShare(0.8, 'Holding what waits')
  const held = settle(join(staging, databaseFile), { backupAt: manifest.at, restoredAt: now })
  syncFolderNow(join(staging, contentFolderName))
  syncFolderNow(staging)
  return { at: manifest.at, mailboxes: manifest.mailboxes, messages: manifest.messages, held, keys }
}

type Keys = { readonly from: string; readonly to: string; readonly staging: string; readonly passphrase: string | null }

/** Those of the backup, when somebody knows the passphrase; otherwise those that are here. */
function bringKeys({ from, to, staging, passphrase }: Keys, { keyId, sealedKeys }: Manifest): RestoredAll['keys'] {
  if (passphrase !== null) {
    if (!sealedKeys) throw new StoreError('failed', 'There are no keys in this backup: leave the passphrase out')
    unsealKeys(readFileSync(join(from, keysFile), 'utf8'), passphrase, staging)
    return 'from-backup'
  }
  for (const name of ['secret.key', 'tls/key.pem', 'tls/cert.pem'])
    if (existsSync(join(to, name))) {
      mkdirSync(join(staging, 'tls'), { recursive: true, mode: 0o700 })
      copyDurably(join(to, name), join(staging, name))
    }
  const here = keyIdOf(staging)
  if (keyId === null) return 'none'
  return here === keyId ? 'same' : 'other'
}

/** What was waiting may have been sent since: it is held. What was given a UID since must not be taken for what comes next: the
 *  next UIDs are far above. Returns how many deliveries are held. */
export function settle(file: string, { backupAt, restoredAt }: { backupAt: Instant; restoredAt: Instant }): number {
  const db = new DatabaseSync(file, { timeout: busyMs })
  try {
    upgrade(db)
    db.exec('PRAGMA synchronous = FULL; BEGIN IMMEDIATE')
    const why = `restored from the backup of ${stamp(backupAt)}`
    const hold = JSON.stringify({ by: 'restore', why, at: backupAt })
    const { changes } = db
      .prepare(
        `UPDATE delivery SET state = 'held', lease_node = NULL, lease_until = NULL, reason = ?2,
          memo = json_remove(json_set(memo, '$.hold', json(?1)), '$.released') WHERE state IN ('waiting', 'leased')`,
      )
      .run(hold, why)
    db.prepare('UPDATE mailbox SET uid_next = uid_next + ?').run(uidGap)
    db.exec('DELETE FROM console_session') // one that was ended since does not come back
    db.prepare('INSERT OR REPLACE INTO restored (one, backup_at, restored_at, held) VALUES (1, ?, ?, ?)').run(
      backupAt,
      restoredAt,
      changes,
    )
    db.exec('COMMIT')
    return Number(changes)
  } finally {
    db.close()
  }
}

/** As people read it, in UTC. */
const stamp = (at: Instant): string => `${isoTime(at).slice(0, 16).replace('T', ' ')} UTC`

type Order = { readonly staging: string; readonly aside: string; readonly phase: 'old goes' | 'new comes' }

/** From the moment in which the order is there, the old data is no longer what counts. */
function putInPlace({ to, aside }: Restoring, staging: string): string | null {
  writeOrder(to, { staging: staging.slice(to.length + 1), aside: `before-restore-${aside}`, phase: 'old goes' })
  return finishRestore(to)
}

function writeOrder(folder: string, order: Order): void {
  const next = join(folder, `${orderFile}.new`)
  rmSync(next, { force: true })
  writeDurably(next, Buffer.from(JSON.stringify(order)))
  renameSync(next, join(folder, orderFile))
  syncFolderNow(folder)
}

/** Ends a restore that was interrupted, and removes what one left that did not come so far. Each step may be done again. Called
 *  at every start, when the folder is ours. Returns where the old data is, if there was any. */
export function finishRestore(folder: string): string | null {
  const order = readOrder(folder)
  if (order === null) return removeLeft(folder)
  const aside = join(folder, order.aside)
  if (order.phase === 'old goes') {
    moveAll({ from: folder, to: aside }, (name) => !stays(name))
    writeOrder(folder, { ...order, phase: 'new comes' })
  }
  const staging = join(folder, order.staging)
  if (existsSync(staging)) moveAll({ from: staging, to: folder }, () => true)
  syncFolderNow(folder)
  rmSync(staging, { recursive: true, force: true })
  rmSync(join(folder, orderFile))
  syncFolderNow(folder)
  return existsSync(aside) ? aside : null
}

function moveAll({ from, to }: { from: string; to: string }, wanted: (name: string) => boolean): void {
  const names = readdirSync(from).filter(wanted)
  if (names.length === 0) return
  mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const name of names) renameSync(join(from, name), join(to, name))
  syncFolderNow(to)
}

function readOrder(folder: string): Order | null {
  const file = join(folder, orderFile)
  if (!existsSync(file)) return null
  return JSON.parse(readFileSync(file, 'utf8')) as Order // written whole by writeOrder
}

function removeLeft(folder: string): null {
  for (const name of readdirSync(folder))
    if (name.startsWith(stagingPrefix) || name === `${orderFile}.new`)
      rmSync(join(folder, name), { recursive: true, force: true })
  return null
}
