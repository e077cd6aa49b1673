// The one-time link that sets the first administrator: 128 random bits in a file of this user only, while there is none.
// What stands in the file is what works; a removed file makes the link worth nothing. Used by people.ts. WEB-07
import { timingSafeEqual } from 'node:crypto'
import type { Random } from '#/world/world.ts'
import { setupTokenBytes } from './limits.ts'

/** A file that this user alone can read. */
export interface SetupFile {
  read(): string | null
  write(text: string): void
  remove(): void
}

const form = /^[A-Za-z0-9_-]{22}$/

/** The one that is there, or a new one. */
export function setupTokenOf(file: SetupFile, random: Random): string {
  const known = file.read()
  if (known !== null && form.test(known)) return known
  const token = Buffer.from(random.bytes(setupTokenBytes)).toString('base64url')
  file.write(token)
  return token
}

export function isSetupToken(file: SetupFile, token: string): boolean {
  const known = file.read()
  if (known === null || !form.test(known) || !form.test(token)) return false
  return timingSafeEqual(Buffer.from(known), Buffer.from(token))
}
