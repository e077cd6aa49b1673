// Secrets that we must be able to use, passwords of other servers and tokens, sealed with AES-256-GCM under a key that is not
// in the database. Called where rows are written, and where a secret is about to be used. Never logs, never caches.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Random } from '#/world/world.ts'

export interface Secrets {
  /** `purpose` says whose secret it is; it opens for the same purpose only, so that rows cannot be swapped. */
  seal(secret: string, purpose: string): string
  /** @throws SecretError with a sentence for the operator. */
  open(sealed: string, purpose: string): string
}

export class SecretError extends Error {}

const cipher = 'aes-256-gcm'
const version = 'v1:'
const nonceBytes = 12 // NIST SP 800-38D 8.2.2: random, at most 2^32 seals a key
const tagBytes = 16

export function openSecrets(key: Uint8Array, random: Random): Secrets {
  return {
    seal(secret, purpose) {
      const nonce = random.bytes(nonceBytes)
      const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(purpose))
      const octets = [sealing.update(secret, 'utf8'), sealing.final()]
      return version + Buffer.concat([nonce, ...octets, sealing.getAuthTag()]).toString('base64')
    },
    open(sealed, purpose) {
      if (sealed === '') throw new SecretError(`The secret of ${purpose} is not here: give it anew`)
      const octets = Buffer.from(sealed.startsWith(version) ? sealed.slice(version.length) : '', 'base64')
      if (octets.length < nonceBytes + tagBytes)
        throw new SecretError(`The secret of ${purpose} is damaged: give it anew`)
      const opening = createDecipheriv(cipher, key, octets.subarray(0, nonceBytes), { authTagLength: tagBytes })
        .setAAD(Buffer.from(purpose))
        .setAuthTag(octets.subarray(-tagBytes))
      try {
        return opening.update(octets.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + opening.final('utf8')
      } catch {
        throw new SecretError(
          `The secret of ${purpose} cannot be opened with secret.key: restore that file from a backup, or give the secret anew`,
        )
      }
    },
  }
}
