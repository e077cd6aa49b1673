// The key that seals secrets in the database: a file of its own beside it, so that a copy of the database alone gives nothing
// away. Opened by main and the command line, after the data folder is theirs.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from '../world.ts'

const keyBytes = 32

export const secretKeyFile = (folder: string): string => join(folder, 'secret.key')

/** Makes the key when there is none; it is on disk before anything can be sealed with it.
 *  @throws Error with a sentence for the operator when the file is not what it should be. */
export function openSecretKey(folder: string, random: Random): Uint8Array {
  const file = secretKeyFile(folder)
  const text = readIfThere(file)
  if (text === null) return makeKey(folder, random)
  const key = /^([0-9a-f]{64})\n?$/.exec(text)?.[1]
  if (key === undefined)
    throw new Error(`${file} is damaged: restore it from a backup, or remove it and give the passwords of servers anew`)
  return Buffer.from(key, 'hex')
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function makeKey(folder: string, random: Random): Uint8Array {
  const key = Uint8Array.from(random.bytes(keyBytes))
  const temporary = `${secretKeyFile(folder)}.new`
  const file = openSync(temporary, 'w', 0o600)
  writeSync(file, `${Buffer.from(key).toString('hex')}\n`)
  fsyncSync(file)
  closeSync(file)
  renameSync(temporary, secretKeyFile(folder))
  const entry = openSync(folder, 'r')
  fsyncSync(entry)
  closeSync(entry)
  return key
}
