// MessageKey: our key of a message, 26 characters, ordered by time, so that rows append. Never the Message-ID field.
import type { Brand } from './address.ts'
import { alphabet, encodeBase32 } from './base32.ts'

export type MessageKey = Brand<string, 'MessageKey'>

/** `now` in ms since the epoch; `random` at least 10 octets. Two keys of one millisecond differ in 80 random bits. */
export function messageKey(now: number, random: Uint8Array): MessageKey {
  let text = encodeBase32(now, 10)
  for (let i = 0; i < 10; i += 5) {
    const [a, b, c, d, e] = [random[i]!, random[i + 1]!, random[i + 2]!, random[i + 3]!, random[i + 4]!]
    for (const n of [a >> 3, ((a & 7) << 2) | (b >> 6), (b >> 1) & 31, ((b & 1) << 4) | (c >> 4)]) text += alphabet[n]
    for (const n of [((c & 15) << 1) | (d >> 7), (d >> 2) & 31, ((d & 3) << 3) | (e >> 5), e & 31]) text += alphabet[n]
  }
  return text as MessageKey
}

/** The moment that a key was made, ms since the epoch. */
export function keyTime(key: string): number {
  let time = 0
  for (const c of key.slice(0, 10)) time = time * 32 + alphabet.indexOf(c)
  return time
}
