// MessageKey: our key of a message, 26 characters, ordered by time, so that rows append. Never the Message-ID field.
import type { Brand } from './address.ts'
import { alphabet } from './base32.ts'

export type MessageKey = Brand<string, 'MessageKey'>

const digits = Buffer.from(alphabet)
const written = Buffer.alloc(26) // each key is written here and read at once

/** `now` in ms since the epoch; `random` at least 10 octets. Two keys of one millisecond differ in 80 random bits. */
export function messageKey(now: number, random: Uint8Array): MessageKey {
  for (let at = 9, rest = now; at >= 0; at--, rest = Math.floor(rest / 32)) written[at] = digits[rest % 32]!
  let [bits, held] = [0, 0]
  for (let at = 10, i = 0; at < 26; at++) {
    if (held < 5) {
      bits = ((bits << 8) | random[i++]!) & 0xfff
      held += 8
    }
    held -= 5
    written[at] = digits[(bits >> held) & 31]!
  }
  return written.toString('latin1') as MessageKey
}

/** The moment that a key was made, ms since the epoch. */
export function keyTime(key: string): number {
  let time = 0
  for (const c of key.slice(0, 10)) time = time * 32 + alphabet.indexOf(c)
  return time
}
