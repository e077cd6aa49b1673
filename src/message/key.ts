// MessageKey: our key of a message, 26 characters, ordered by time, so that rows append. Never the Message-ID field.
import type { Brand } from './address.ts'
import { alphabet } from './base32.ts'

export type MessageKey = Brand<string, 'MessageKey'>

const codes = Buffer.from(alphabet, 'latin1')
const letters = Buffer.alloc(26) // filled anew for each key: one string is made, not one for each letter

/** `now` in ms since the epoch; `random` at least 10 octets. Two keys of one millisecond differ in 80 random bits. */
export function messageKey(now: number, random: Uint8Array): MessageKey {
  let rest = now
  for (let at = 9; at >= 0; at--, rest = Math.floor(rest / 32)) letters[at] = codes[rest % 32]!
  let held = 0
  let bits = 0
  for (let i = 0, at = 10; i < 10; i++) {
    held = ((held << 8) | random[i]!) & 0xfff // no more than 4 bits were left
    for (bits += 8; bits >= 5; at++) letters[at] = codes[(held >> (bits -= 5)) & 31]!
  }
  return letters.toString('latin1') as MessageKey
}

/** The moment that a key was made, ms since the epoch. */
export function keyTime(key: string): number {
  let time = 0
  for (const c of key.slice(0, 10)) time = time * 32 + alphabet.indexOf(c)
  return time
}
