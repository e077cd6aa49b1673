// Passwords as they are kept: argon2id for PLAIN and USER/PASS, SCRAM keys beside. Never the password itself.
import { createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { hash, verify } from '@node-rs/argon2'
import type { MailboxRow, Store } from '#/storage/store.ts'
import type { Random } from '#/world/world.ts'
import { argon2Options, passwordBytesMax, scramIterations } from './limits.ts'
import type { ScramKeys } from './types.ts'

const derive = promisify(pbkdf2)

/** What is wrong with a password, or null. One form for all: NFC, so that each keyboard spells it alike. */
export function passwordProblem(password: string): string | null {
  if (password === '') return 'An empty password never works'
  if (Buffer.byteLength(password.normalize('NFC')) > passwordBytesMax)
    return `A password has at most ${passwordBytesMax} octets`
  return password.includes('\0') ? 'A password cannot hold NUL' : null
}

/** All passwords of a mailbox share the salt of their SCRAM keys: the server tells it before it knows which one is meant.
 *  RFC 5802 §5. @throws StoreError */
export async function sharedSalt(
  store: Pick<Store, 'appPasswords'>,
  { id, scram }: Pick<MailboxRow, 'id' | 'scram'>,
): Promise<Uint8Array | undefined> {
  const [app] = await store.appPasswords(id)
  const known = app?.scram ?? scram
  return known === null ? undefined : scramKeysOf(known).salt
}

export const argon2Of = (password: string): Promise<string> => hash(password.normalize('NFC'), argon2Options)

export async function hashPassword(
  password: string,
  random: Random,
  salt = random.bytes(16),
): Promise<{ argon2: string; scram: string }> {
  const text = password.normalize('NFC')
  const [argon2, salted] = await Promise.all([argon2Of(text), derive(text, salt, scramIterations, 32, 'sha256')])
  const clientKey = createHmac('sha256', salted).update('Client Key').digest()
  const storedKey = createHash('sha256').update(clientKey).digest()
  const serverKey = createHmac('sha256', salted).update('Server Key').digest()
  const fields = [Buffer.from(salt), storedKey, serverKey].map((octets) => octets.toString('base64'))
  return { argon2, scram: [scramIterations, ...fields].join('$') }
}

/** @throws Error with a sentence for the operator when the password cannot be used. */
export async function setPassword(
  store: Store,
  random: Random,
  login: { id: number; password: string },
): Promise<void> {
  const problem = passwordProblem(login.password)
  if (problem) throw new Error(problem)
  const salt = await sharedSalt(store, { id: login.id, scram: null })
  await store.changeMailbox(login.id, await hashPassword(login.password, random, salt))
}

export const verifyPassword = (stored: string, password: string): Promise<boolean> =>
  verify(stored, password.normalize('NFC'))

export function scramKeysOf(text: string): ScramKeys {
  const [iterations, salt, storedKey, serverKey] = text.split('$')
  const octets = (base64: string | undefined): Buffer => Buffer.from(base64 ?? '', 'base64')
  return {
    iterations: Number(iterations),
    salt: octets(salt),
    storedKey: octets(storedKey),
    serverKey: octets(serverKey),
  }
}
