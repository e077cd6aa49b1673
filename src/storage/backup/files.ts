// Files as backups need them: written so that a power cut leaves the whole or nothing, read once for their checksum. SEC-04
import { createHash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { StoreError } from '../store.ts'

const readBytes = 1_048_576

/** A new file for this user only. @throws when there is one of this name, or a link. */
export function writeDurably(file: string, octets: Uint8Array): void {
  const fd = openSync(file, 'wx', 0o600)
  try {
    for (let at = 0; at < octets.length;) at += writeSync(fd, octets, at) // may be short
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** A new file with the octets of another one; the file system may share them. */
export function copyDurably(from: string, to: string): void {
  assertPlain(from)
  copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  chmodSync(to, 0o600)
  syncFile(to)
}

/** A second name for a file that never changes, where both are on one file system; otherwise a copy. */
export function linkOrCopy(from: string, to: string): void {
  assertPlain(from)
  try {
    linkSync(from, to)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK' && code !== 'ENOTSUP' && code !== 'ENOSYS')
      throw error
    copyDurably(from, to)
  }
}

function assertPlain(file: string): void {
  if (!lstatSync(file).isFile()) throw new StoreError('failed', `${file} is not a plain file`)
}

export function syncFile(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Of the octets of a file; `onBytes` hears how many were read. */
export function sha256Of(file: string, onBytes: (count: number) => void = () => undefined): string {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(readBytes)
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer)) {
      hash.update(buffer.subarray(0, count))
      onBytes(count)
    }
    return hash.digest('hex')
  } finally {
    closeSync(fd)
  }
}

/** @throws StoreError 'full' when so much is not free there; `why` says what it is for. */
export function assertRoom(folder: string, bytes: number, why: string): void {
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  if (bytes > free)
    throw new StoreError(
      'full',
      `${why}: ${Math.ceil(bytes / 1_000_000)} MB are needed in ${folder}, and ${Math.floor(free / 1_000_000)} MB are free. Nothing was changed.`,
    )
}

/** Whoever has no room left, or may not write there, hears that, and not of an error code. */
export function inWords(error: unknown, folder: string): StoreError {
  if (error instanceof StoreError) return error
  const { code, errcode = 0, message } = error as NodeJS.ErrnoException & { errcode?: number }
  const full = code === 'ENOSPC' || code === 'EDQUOT' || errcode % 256 === 13 // SQLITE_FULL
  const said = full
    ? `The disk is full: there is no room in ${folder}. Nothing half was left there.`
    : code === 'EROFS'
      ? `${folder} is read-only for this program. A unit of systemd names the folders to write to, by ReadWritePaths`
      : message
  return new StoreError(full ? 'full' : 'failed', said, { cause: error })
}
