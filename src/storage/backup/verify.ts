// Reads a whole backup: every checksum, every row and content of its database. Runs in a thread of its own, or in the command
// that restores. Changes nothing. MB-08
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { migrations } from '../schema.ts'
import { verifyContents, verifyStore } from '../sqlite/verify.ts'
import { sha256Of } from './files.ts'
import {
  contentFolderName,
  databaseFile,
  isBackupPath,
  manifestFile,
  manifestSchema,
  parseSums,
  sumsFile,
  type Manifest,
} from './format.ts'

export type VerifyJob = { readonly kind: 'verify'; readonly folder: string }
export type VerifiedBackup = {
  readonly checked: number
  readonly problems: readonly string[]
}
const manifestBytesMax = 65_536
/** What the checksums are of the whole. */
const sumsPart = 0.4

/** Null when it is none, or not one that this program knows. */
export function readManifest(folder: string): Manifest | null {
  try {
    const file = join(folder, manifestFile)
    if (!lstatSync(folder).isDirectory() || lstatSync(file).size > manifestBytesMax) return null
    return manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

/** The paths of a backup by its list of checksums; empty when that cannot be read. */
export function listedPaths(folder: string): ReadonlyMap<string, string> {
  try {
    return parseSums(readFileSync(join(folder, sumsFile), 'utf8')) ?? new Map()
  } catch {
    return new Map()
  }
}

export function verifyBackup(folder: string, onShare: (share: number) => void): VerifiedBackup {
  const manifest = readManifest(folder)
  if (manifest === null) return { checked: 0, problems: [`${manifestFile} is missing or damaged`] }
  const sums = listedPaths(folder)
  const problems = [...missing(sums, manifest), ...strays(folder, sums)]
  problems.push(...wrongSums(folder, sums, (share) => onShare(share * sumsPart)))
  if (problems.length > 0) return { checked: sums.size, problems } // a damaged database is not opened
  const db = openBackupDatabase(folder)
  try {
    const readFile = (name: string): Uint8Array => readFileSync(join(folder, contentFolderName, name))
    const help = { readFile, onShare: (share: number) => onShare(sumsPart + share * (1 - sumsPart)) }
    const verified = manifest.schema === migrations.length ? verifyStore(db, help) : verifyContents(db, help)
    return { checked: sums.size + verified.checked, problems: verified.problems }
  } catch (error) {
    return { checked: sums.size, problems: [`${databaseFile} cannot be read: ${(error as Error).message}`] }
  } finally {
    db.close()
  }
}

/** Whoever has sent it: nothing that is written in it is run. */
export function openBackupDatabase(folder: string): DatabaseSync {
  const db = new DatabaseSync(join(folder, databaseFile), { readOnly: true })
  db.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0')
  return db
}

function missing(sums: ReadonlyMap<string, string>, { files, sealedKeys }: Manifest): string[] {
  const wanted = files + 2 + Number(sealedKeys)
  if (sums.size === 0) return [`${sumsFile} is missing or damaged`]
  return sums.size === wanted ? [] : [`${sumsFile} names ${sums.size} files, there were ${wanted}`]
}

function strays(folder: string, sums: ReadonlyMap<string, string>): string[] {
  const contents = readdirSync(join(folder, contentFolderName)).map((name) => `${contentFolderName}/${name}`)
  const all = [...readdirSync(folder).filter((name) => name !== contentFolderName), ...contents]
  return all
    .filter((path) => path !== sumsFile && !(isBackupPath(path) && sums.has(path)))
    .map((path) => `${path} does not belong to it`)
}

function wrongSums(folder: string, sums: ReadonlyMap<string, string>, onShare: (share: number) => void): string[] {
  const size = (path: string): number => statSync(join(folder, path), { throwIfNoEntry: false })?.size ?? 0
  const whole = [...sums.keys()].reduce((sum, path) => sum + size(path), 1)
  let read = 0
  const problems: string[] = []
  for (const [path, wanted] of sums)
    try {
      const found = sha256Of(join(folder, path), (count) => onShare((read += count) / whole))
      if (found !== wanted) problems.push(`${path} is damaged: its checksum is another one`)
    } catch (error) {
      problems.push(`${path} cannot be read: ${(error as Error).message}`)
    }
  return problems
}
