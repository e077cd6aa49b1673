// Backups that come from elsewhere, as a folder or an archive: unpacked beside where they lie, or taken into the folder of
// backups when they are whole. Called by operations and the command that restores. WEB-10
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { syncFolderNow } from '../content.ts'
import { StoreError } from '../store.ts'
import { inWords } from './files.ts'
import { partialPrefix, type Backup } from './format.ts'
import { untar } from './tar.ts'
import { readManifest } from './verify.ts'
import { freeId, verifyBackupIn, type Watching } from './work.ts'

/** Works on a backup that may be an archive; what was unpacked is removed again. @throws StoreError */
export async function withUnpacked<T>(path: string, work: (folder: string) => Promise<T>): Promise<T> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new StoreError('missing', `There is nothing at ${path}`)
  if (found.isDirectory()) return work(path)
  const folder = mkdtempSync(`${path}.unpacked-`)
  try {
    await untar(createReadStream(path), folder, freeBytes(folder))
    return await work(folder)
  } catch (error) {
    throw error instanceof Error && !('code' in error) ? error : inWords(error, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Arriving = Watching & { readonly folder: string; readonly random: Uint8Array }

/** Takes an archive among the backups under the time that it says. @throws StoreError; then nothing of it is there */
export async function addBackup(chunks: AsyncIterable<Uint8Array>, arriving: Arriving): Promise<Backup> {
  mkdirSync(arriving.folder, { recursive: true, mode: 0o700 })
  const folder = realpathSync(arriving.folder)
  const to = join(folder, `${partialPrefix}${Buffer.from(arriving.random).toString('hex')}`)
  mkdirSync(to, { mode: 0o700 })
  try {
    await untar(chunks, to, freeBytes(folder))
    const { problems } = await verifyBackupIn(to, arriving)
    const manifest = readManifest(to)
    if (manifest === null || problems.length > 0)
      throw new StoreError('failed', `The backup is damaged, it was not taken: ${problems.slice(0, 3).join('; ')}`)
    const id = freeId(folder, manifest.at)
    renameSync(to, join(folder, id))
    syncFolderNow(folder)
    return { ...manifest, id }
  } catch (error) {
    throw inWords(error, folder)
  } finally {
    if (existsSync(to)) rmSync(to, { recursive: true, force: true })
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}
