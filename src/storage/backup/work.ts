// Backups as the rest of the program makes them: written beside their final name and renamed when they are proven, listed,
// removed. Called by operations. Long work is done in a thread. MB-08, SEC-04
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { syncFolderNow } from '../content.ts'
import { StoreError, type Store } from '../store.ts'
import { inWords } from './files.ts'
import { databaseFile, partialPrefix, type Backup, type Manifest } from './format.ts'
import { backupId, idOf } from './name.ts'
import type { Sealing } from './keys.ts'
import type { Job, Said } from './thread.ts'
import { readManifest, type VerifiedBackup } from './verify.ts'

export type Watching = {
  readonly onShare?: (share: number, words: string) => void
  readonly signal?: AbortSignal | undefined
}
export type Writing = Watching & {
  readonly store: Pick<Store, 'restoring' | 'facts'>
  readonly data: string
  /** Where backups are kept. */
  readonly folder: string
  readonly at: number
  readonly random: Uint8Array
  readonly hostname: string
  readonly reason: Manifest['reason']
  readonly sealing: Sealing | null
  /** Free space that must be left on the disk of the mail. */
  readonly reserveBytes: number
}

/** Nothing is there under its name before all of it is, durably and read again. @throws StoreError in words */
export async function createBackup(writing: Writing): Promise<Backup> {
  const { store, data, at, hostname, reason, sealing, random } = writing
  const folder = openBackupFolder(writing.folder)
  sweepPartial(folder)
  assertRoom(writing, folder, (await store.facts()).contentBytes)
  const to = join(folder, `${partialPrefix}${Buffer.from(random).toString('hex')}`)
  makeFolder(to, { mode: 0o700 }) // fails when there is anything of this name
  try {
    using _kept = store.restoring.keepFiles()
    const manifest = await inThread<Manifest>({ kind: 'write', data, to, at, hostname, reason, sealing }, writing)
    const id = freeId(folder, at)
    renameSync(to, join(folder, id))
    syncFolderNow(folder)
    return { ...manifest, id }
  } catch (error) {
    rmSync(to, { recursive: true, force: true })
    throw error
  }
}

export const verifyBackupIn = (folder: string, watching: Watching): Promise<VerifiedBackup> =>
  inThread<VerifiedBackup>({ kind: 'verify', folder }, watching)

/** Made when it is missing; its real place. */
function openBackupFolder(folder: string): string {
  makeFolder(folder, { recursive: true, mode: 0o700 })
  return realpathSync(folder)
}

/** @throws StoreError in words */
function makeFolder(path: string, options: { readonly recursive?: boolean; readonly mode: number }): void {
  try {
    mkdirSync(path, options)
  } catch (error) {
    throw inWords(error, dirname(path))
  }
}

/** What a killed program left. */
function sweepPartial(folder: string): void {
  for (const name of readdirSync(folder))
    if (name.startsWith(partialPrefix)) rmSync(join(folder, name), { recursive: true, force: true })
}

/** A name that no backup has. */
export function freeId(folder: string, at: number): string {
  const id = idOf(at)
  for (let n = 2; n < 1000; n++) {
    const name = n === 2 ? id : `${id}-${n - 1}`
    if (!existsSync(join(folder, name))) return name
  }
  throw new StoreError('conflict', 'There are too many backups of this second')
}

/** What a backup would take, and what is free where it would go. */
export type Room = { readonly bytes: number; readonly freeBytes: number; readonly sameDisk: boolean }

/** `contentBytes`: of all messages; a part of them is in the database. */
export function roomFor(data: string, folder: string, contentBytes: number): Room {
  const place = nearest(folder)
  const sameDisk = statSync(place).dev === statSync(data).dev
  const { bavail, bsize } = statfsSync(place)
  const size = (name: string): number => statSync(join(data, name), { throwIfNoEntry: false })?.size ?? 0
  const database = size(databaseFile) + size(`${databaseFile}-wal`)
  return { bytes: sameDisk ? database : Math.max(database, contentBytes), freeBytes: bavail * bsize, sameDisk }
}

const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(join(folder, '..')))

function assertRoom({ data, reserveBytes }: Writing, folder: string, contentBytes: number): void {
  const { bytes, freeBytes, sameDisk } = roomFor(data, folder, contentBytes)
  const free = sameDisk ? freeBytes - reserveBytes : freeBytes
  if (bytes <= free) return
  const mb = (n: number): string => `${Math.ceil(Math.max(0, n) / 1_000_000)} MB`
  throw new StoreError(
    'full',
    `The backup needs ${mb(bytes)}, and ${mb(free)} are free in ${folder}: make room, or name another folder with settings set backup.folder`,
  )
}

/** Newest first; none where none can be: whoever makes the next one hears why. */
export function listBackups(folder: string): Backup[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(folder)
    .filter((name) => backupId.test(name))
    .toSorted((a, b) => (a < b ? 1 : -1))
    .flatMap((id): Backup[] => {
      const manifest = readManifest(join(folder, id))
      return manifest === null ? [] : [{ ...manifest, id }]
    })
}

/** The place of a backup in the folder of backups; null when there is none of this name. WEB-10 */
export function backupPath(folder: string, id: string): string | null {
  if (!backupId.test(id) || !existsSync(join(folder, id))) return null
  const path = join(realpathSync(folder), id)
  return lstatSync(path).isDirectory() ? path : null // a link leads elsewhere
}

/** It loses its name first: half of it is in no list. */
export function removeBackup(folder: string, id: string): boolean {
  const path = backupPath(folder, id)
  if (path === null) return false
  const gone = join(realpathSync(folder), `${partialPrefix}${id}`)
  renameSync(path, gone)
  rmSync(gone, { recursive: true, force: true })
  return true
}

function inThread<T>(job: Job, { onShare, signal }: Watching): Promise<T> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: job })
    const ended = (): void =>
      reject(new StoreError('conflict', 'It was ended before it was done; nothing is left of it'))
    const stop = (): void => void worker.terminate()
    signal?.addEventListener('abort', stop, { once: true })
    worker.on('message', (said: Said) => {
      if ('share' in said) return onShare?.(said.share, said.words)
      if ('done' in said)
        resolve(said.done as T) // each kind of job answers in its shape
      else reject(new StoreError(said.failed.kind, said.failed.message))
    })
    worker.on('error', (error) => reject(new StoreError('failed', String(error))))
    worker.on('exit', () => {
      signal?.removeEventListener('abort', stop)
      ended() // after an answer it says nothing
    })
    if (signal?.aborted) stop()
  })
}
