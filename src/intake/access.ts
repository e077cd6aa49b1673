// Patterns of the access list: what a person types becomes a matcher, or a problem that the person can understand.
// Called when an entry is saved (checkEntry) and when the list is compiled for judging. Pure. AC-02 to AC-05, AC-09
import { asciiLower, parseDomain, type Parsed } from '#/message/address.ts'
import { bitsOf, isOctet, parseIp, type Ip } from '#/message/ip.ts'

export type Pattern =
  | { readonly is: 'range'; readonly family: 4 | 6; readonly low: bigint; readonly high: bigint }
  | { readonly is: 'host'; readonly name: string }
  | { readonly is: 'under'; readonly suffix: string } // ".mydomain.com"
  | { readonly is: 'everyone' }

const bad = (problem: string): { ok: false; problem: string } => ({ ok: false, problem })
const good = (value: Pattern): { ok: true; value: Pattern } => ({ ok: true, value })

/** Digits, dots, stars, colons and slashes speak of addresses and are never compared with names. AC-04 */
const looksNumeric = (text: string): boolean => /^[0-9.*/-]+$/.test(text) || text.includes(':')

export function parsePattern(typed: string): Parsed<Pattern> {
  const text = typed.trim()
  if (text === '') return bad('Type an address, a range, or a host name')
  if (text === '*') return good({ is: 'everyone' })
  if (!looksNumeric(text)) return parseName(text)
  if (text.includes('/')) return parseNetwork(text)
  if (text.includes('-')) return parseRange(text)
  if (text.includes('*')) return parseStars(text)
  const ip = parseIp(text)
  return ip ? good(range(ip, ip.value)) : bad(`"${text}" is no IP address`)
}

const range = ({ family, value }: Ip, high: bigint): Pattern => ({ is: 'range', family, low: value, high })

function parseNetwork(text: string): Parsed<Pattern> {
  const [address = '', length = '', ...more] = text.split('/')
  const ip = parseIp(address)
  if (!ip || more.length > 0 || !/^(?:0|[1-9][0-9]{0,2})$/.test(length))
    return bad(`"${text}" is no network; write it like 192.168.1.0/24`)
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8
  const mapped = ip.family === 4 && address.includes(':') ? 96 : 0
  const bits = Number(bitsOf(ip.family))
  const prefix = Number(length) - mapped
  if (prefix < 0 || prefix > bits) return bad(`A network prefix of ${length} does not fit this address`)
  const size = 1n << BigInt(bits - prefix)
  if (ip.value % size !== 0n)
    return bad(
      `"${text}" is not the start of a network; write a single address without "/", or the network's first address`,
    )
  return good(range(ip, ip.value + size - 1n))
}

function parseRange(text: string): Parsed<Pattern> {
  const [first, last, ...more] = text.split('-').map((part) => parseIp(part.trim()))
  if (!first || !last || more.length > 0) return bad(`"${text}" is no range; write it like 10.0.0.1-10.0.0.9`)
  if (first.family !== last.family) return bad('A range has two addresses of the same kind')
  if (first.value > last.value) return bad('The first address of a range is the lower one')
  return good(range(first, last.value))
}

/** `192.168.*`: whole octets, stars only at the end. */
function parseStars(text: string): Parsed<Pattern> {
  const parts = text.split('.')
  const stars = parts.indexOf('*')
  const octets = parts.slice(0, stars)
  if (stars < 0 || parts.length > 4 || !octets.every(isOctet) || !parts.slice(stars).every((part) => part === '*'))
    return bad(`"${text}" is not understood; a star stands for whole numbers at the end, like 192.168.*`)
  if (octets.length === 0) return good({ is: 'everyone' })
  const free = BigInt(8 * (4 - octets.length))
  const low = octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n) << free
  return good({ is: 'range', family: 4, low, high: low + (1n << free) - 1n })
}

function parseName(text: string): Parsed<Pattern> {
  const under = text.startsWith('*.')
  const name = under ? text.slice(2) : text
  if (name.includes('*'))
    return bad(`"${text}" is not understood; a star stands for whole labels at the start, like *.mydomain.com`)
  if (name.includes('@')) return bad('This is a list of machines, not of e-mail addresses')
  if (name.startsWith('.')) return bad(`"${text}" is not understood; write *${name} for all names under it`)
  const domain = parseDomain(name)
  if (!domain.ok) return bad(`"${text}" is no host name: ${domain.problem}`)
  if (domain.value.startsWith('[')) return bad('Write the address without brackets')
  return good(under ? { is: 'under', suffix: `.${domain.value}` } : { is: 'host', name: domain.value })
}

/** Why a pattern opens the server wider than anyone should; null when it does not. AC-02 */
export function danger(pattern: Pattern): string | null {
  const everyone = 'This lets everyone on the Internet send mail through this server'
  if (pattern.is === 'everyone') return everyone
  if (pattern.is === 'under')
    return pattern.suffix.lastIndexOf('.') === 0
      ? `This lets every machine under "${pattern.suffix}" send mail through this server`
      : null
  if (pattern.is === 'host') return null
  const size = pattern.high - pattern.low + 1n
  if (size === 1n << bitsOf(pattern.family)) return everyone
  // 10.0.0.0/8 and fc00::/7 are the widest private networks; anything wider holds strangers.
  const widest = pattern.family === 4 ? 1n << 24n : 1n << 121n
  return size > widest ? 'This lets a large part of the Internet send mail through this server' : null
}

export type EntryToCheck = { readonly pattern: string; readonly action: 'allow' | 'deny'; readonly confirmed: boolean }

/** Asked before an entry is stored: a dangerous one needs an explicit confirmation. AC-02 */
export function checkEntry({ pattern, action, confirmed }: EntryToCheck): Parsed<Pattern> {
  const parsed = parsePattern(pattern)
  if (!parsed.ok || action === 'deny' || confirmed) return parsed
  const why = danger(parsed.value)
  return why === null ? parsed : bad(`${why}. Confirm it if you are certain.`)
}

/** Does an address fall under a pattern of addresses? Names are another matter. */
export function coversIp(pattern: Pattern, ip: Ip): boolean {
  if (pattern.is === 'everyone') return true
  return pattern.is === 'range' && pattern.family === ip.family && ip.value >= pattern.low && ip.value <= pattern.high
}

/** Label-aligned: a.mydomain.com and a.b.mydomain.com, not mydomain.com, not evilmydomain.com. AC-05 */
export function coversName(pattern: Pattern, name: string): boolean {
  const plain = asciiLower(name.endsWith('.') ? name.slice(0, -1) : name)
  if (pattern.is === 'host') return plain === pattern.name
  return pattern.is === 'under' && plain.length > pattern.suffix.length && plain.endsWith(pattern.suffix)
}
