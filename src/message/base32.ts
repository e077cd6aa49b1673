// Numbers in base32 without letters that look alike, always lower case: keys of messages and rewritten senders.
export const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** Of a safe integer, the last `chars` digits of it. */
export function encodeBase32(number: number, chars: number): string {
  let text = ''
  for (let rest = number; text.length < chars; rest = Math.floor(rest / 32)) text = alphabet[rest % 32]! + text
  return text
}
