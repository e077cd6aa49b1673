// The keys of a data folder: which key a backup belongs to, and all of them sealed with a passphrase for those who want them
// inside. Used when a backup is written and when it is restored. SEC-02
import { createCipheriv, createDecipheriv, createHash, scryptSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { StoreError } from '../store.ts'
import { writeDurably } from './files.ts'

/** What stays out of a backup unless it is sealed: with it, whoever has the backup has the passwords. */
const keyFiles = ['secret.key', 'tls/key.pem', 'tls/cert.pem']
export const passphraseCharsMin = 12

const scrypt = { N: 131_072, r: 8, p: 1 } as const // 128 MiB, as OWASP asks
const scryptBytesMax = 268_435_456
const sealedSchema = z.strictObject({
  kdf: z.literal('scrypt'),
  N: z.literal(scrypt.N),
  r: z.literal(scrypt.r),
  p: z.literal(scrypt.p),
  salt: z.string(),
  nonce: z.string(),
  tag: z.string(),
  octets: z.string(),
})
const filesSchema = z.record(z.string(), z.string())

/** Null: the folder has no key yet. */
export function keyIdOf(folder: string): string | null {
  const file = join(folder, keyFiles[0]!)
  if (!existsSync(file)) return null
  return createHash('sha256').update('netcruiser key id\n').update(readFileSync(file)).digest('hex').slice(0, 16)
}

export type Sealing = { readonly passphrase: string; readonly salt: Uint8Array; readonly nonce: Uint8Array }

/** The keys as the text of a file. `salt` and `nonce` are random. */
export function sealKeys(folder: string, { passphrase, salt, nonce }: Sealing): string {
  const there = keyFiles.filter((name) => existsSync(join(folder, name)))
  const files = Object.fromEntries(there.map((name) => [name, readFileSync(join(folder, name), 'latin1')]))
  const sealing = createCipheriv('aes-256-gcm', keyFrom(passphrase, salt), nonce)
  const octets = Buffer.concat([sealing.update(JSON.stringify(files), 'utf8'), sealing.final()])
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  const sealed = { salt: text(salt), nonce: text(nonce), tag: text(sealing.getAuthTag()), octets: text(octets) }
  return JSON.stringify({ kdf: 'scrypt', ...scrypt, ...sealed } satisfies z.infer<typeof sealedSchema>)
}

/** Writes the keys into a folder. @throws StoreError when the passphrase is not the one that they were sealed with. */
export function unsealKeys(text: string, passphrase: string, folder: string): void {
  const files = opened(text, passphrase)
  mkdirSync(join(folder, 'tls'), { recursive: true, mode: 0o700 })
  for (const name of keyFiles)
    if (files[name] !== undefined) writeDurably(join(folder, name), Buffer.from(files[name], 'latin1'))
}

function opened(text: string, passphrase: string): Record<string, string> {
  const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64')
  try {
    const sealed = sealedSchema.parse(JSON.parse(text))
    const opening = createDecipheriv('aes-256-gcm', keyFrom(passphrase, bytes(sealed.salt)), bytes(sealed.nonce), {
      authTagLength: 16,
    }).setAuthTag(bytes(sealed.tag))
    const json = opening.update(bytes(sealed.octets), undefined, 'utf8') + opening.final('utf8')
    return filesSchema.parse(JSON.parse(json))
  } catch (error) {
    throw new StoreError(
      'failed',
      'The keys in the backup do not open: this is not the passphrase that it was made with',
      {
        cause: error,
      },
    )
  }
}

const keyFrom = (passphrase: string, salt: Uint8Array): Buffer =>
  scryptSync(passphrase.normalize('NFC'), salt, 32, { ...scrypt, maxmem: scryptBytesMax })
