// IP addresses by value, so that one address has one form however it is written. Used wherever addresses are judged.
// Strict: no octal, no short forms, no guesses. AC-09
import { LRUCache } from 'lru-cache'

export type Ip = { readonly family: 4 | 6; readonly value: bigint }

export const bitsOf = (family: 4 | 6): bigint => (family === 4 ? 32n : 128n)

/** The addresses of a few hosts are judged several times for each message. */
const lately = new LRUCache<string, { readonly ip: Ip | null }>({ max: 1000 })
const textMax = 64 // longer ones are no addresses

/** IPv4-mapped IPv6 is IPv4; a zone id is dropped. */
export function parseIp(text: string): Ip | null {
  const known = lately.get(text)
  if (known) return known.ip
  const ip = parsed(text)
  if (text.length <= textMax) lately.set(text, { ip })
  return ip
}

function parsed(text: string): Ip | null {
  const bare = text.replace(/%[^%/]*$/, '')
  if (!bare.includes(':')) {
    const value = parseV4(bare)
    return value === null ? null : { family: 4, value }
  }
  const value = parseV6(bare)
  if (value === null) return null
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffff_ffffn } : { family: 6, value }
}

function parseV4(text: string): bigint | null {
  const octets = text.split('.')
  if (octets.length !== 4 || !octets.every(isOctet)) return null
  return octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n)
}

/** `010` is ten for some and eight for others, so it is nobody's. */
export const isOctet = (text: string): boolean => /^(?:0|[1-9][0-9]{0,2})$/.test(text) && Number(text) < 256

function parseV6(text: string): bigint | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [head, tail] = halves.map((half) => groups(half))
  if (!head || tail === null) return null
  if (tail === undefined) return head.length === 8 ? join(head) : null
  const missing = 8 - head.length - tail.length
  return missing < 1 ? null : join([...head, ...Array<number>(missing).fill(0), ...tail])
}

/** 16-bit groups; the last may be written as IPv4. RFC 4291 §2.2 */
function groups(half: string): number[] | null {
  if (half === '') return []
  const parts = half.split(':')
  const numbers: number[] = []
  for (const [i, part] of parts.entries()) {
    const v4 = i === parts.length - 1 && part.includes('.') ? parseV4(part) : null
    if (v4 !== null) numbers.push(Number(v4 >> 16n), Number(v4 & 0xffffn))
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) numbers.push(Number.parseInt(part, 16))
    else return null
  }
  return numbers
}

const join = (numbers: readonly number[]): bigint =>
  numbers.reduce((value, group) => (value << 16n) | BigInt(group), 0n)
