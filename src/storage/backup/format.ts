// What a backup is on disk: a folder with the database, the large contents, a manifest and the checksums of them all. Decision
// 15 tells why. Used by the files beside it; knows names and forms, writes nothing.
import { z } from 'zod'

/** What is being written has a name that no list shows. */
export const partialPrefix = '.partial-'

export const databaseFile = 'mail.db'
export const contentFolderName = 'content'
export const manifestFile = 'manifest.json'
export const sumsFile = 'SHA256SUMS'
export const keysFile = 'keys.sealed.json'

export const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** The moment of which the backup is, ms since the epoch. */
  at: z.number(),
  hostname: z.string().max(255),
  /** Who asked for it: scheduled ones are removed when newer ones are enough. */
  reason: z.enum(['asked', 'schedule']),
  schema: z.int().min(1),
  mailboxes: z.int().min(0),
  messages: z.int().min(0),
  /** Deliveries that were not finished. */
  deliveries: z.int().min(0),
  remoteAccounts: z.int().min(0),
  databaseBytes: z.int().min(0),
  /** Contents that are files of their own. */
  files: z.int().min(0),
  filesBytes: z.int().min(0),
  /** Tells which key opens the secrets in it; says nothing about the key. Null: there is no key yet. */
  keyId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .nullable(),
  /** Whether the keys are inside, sealed with a passphrase. */
  sealedKeys: z.boolean(),
})
export type Manifest = z.infer<typeof manifestSchema>
export type Backup = Manifest & { readonly id: string }

const contentName = /^[0-9A-Za-z][0-9A-Za-z._-]{0,99}$/

/** The only paths that a backup holds, with a slash on every system. */
export function isBackupPath(path: string): boolean {
  if (path === databaseFile || path === manifestFile || path === sumsFile || path === keysFile) return true
  const [folder, name, ...more] = path.split('/')
  return folder === contentFolderName && name !== undefined && contentName.test(name) && more.length === 0
}

/** Lines as `sha256sum` writes and checks them. */
export const sumLine = (path: string, sha256: string): string => `${sha256}  ${path}\n`

/** Checksums by path; null when a line is none. */
export function parseSums(text: string): Map<string, string> | null {
  const sums = new Map<string, string>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, sha256, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? []
    if (sha256 === undefined || path === undefined || !isBackupPath(path)) return null
    sums.set(path, sha256)
  }
  return sums
}
