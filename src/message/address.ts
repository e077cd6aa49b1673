// Addresses and domains of the envelope, parsed once at the edge. Text is latin1: one char is one octet. RFC 5321 §4.1.2
import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import { localBytesMax } from './limits.ts'

declare const brand: unique symbol
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** Lower-case A-label domain without trailing dot, or an address literal in brackets. */
export type Domain = Brand<string, 'Domain'>
/** RFC 5321 §4.1.2 calls this Mailbox. We say Address: a Mailbox is a place where messages are kept. */
export type Address = { readonly local: string; readonly domain: Domain }
/** Null is `MAIL FROM:<>`, the sender of a bounce. RFC 5321 §4.5.5 */
export type ReversePath = Address | null
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string }

/** A path as a client writes it. */
export type Path = {
  readonly address: Address | null // null for <> and for a bare name
  readonly bare: string | null // <postmaster>: a local part alone
  readonly rest: string // what follows '>'
  readonly utf8: boolean // needs SMTPUTF8
}

// RFC 5321 §4.5.3.1
const domainBytesMax = 255
const addressBytesMax = 254 // §4.5.3.1.3: a path of 256 octets with its < and >
const routeBytesMax = 1000 // a source route may stand before the address, and is dropped

const atom = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~\u00a0-\u2027\u202a-\uffff]+"
const dotAtom = new RegExp(`^${atom}(?:\\.${atom})*$`)
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/ // line separators too. AD-08
const unicodeName = /^[a-z0-9_.\-\u0080-\uffff]+$/
const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
const labels = new RegExp(`^${label}(?:\\.${label})*$`)

const bad = (problem: string): { ok: false; problem: string } => ({ ok: false, problem })
const good = <T>(value: T): { ok: true; value: T } => ({ ok: true, value })

/** Folds A to Z only: the Kelvin sign is not a k. RLY-16 */
export function asciiLower(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (run) => run.toLowerCase()) : text
}

/** IDNA to A-label, ASCII lower case, one trailing dot dropped; `[192.0.2.1]` and `[IPv6:…]` pass as literals. AD-04 */
export function parseDomain(text: string): Parsed<Domain> {
  if (text.startsWith('[')) return parseLiteral(text)
  let name = asciiLower(text.endsWith('.') ? text.slice(0, -1) : text)
  // The converter takes 0x7f.1 for an address, drops tabs and cuts at a slash: it gets Unicode names only, and no others.
  if (/[^\u0000-\u007f]/.test(name)) name = unicodeName.test(name) ? domainToASCII(name) : ''
  if (name.length === 0) return bad('The domain is empty or not a name')
  if (name.length > domainBytesMax) return bad('The domain is longer than 255 octets')
  if (!labels.test(name)) return bad('The domain is not a name')
  if (/(?:^|\.)[0-9]+$/.test(name))
    return bad('The domain is a number: an address stands in brackets, like [192.0.2.1]')
  return good(name as Domain) // the one place that makes Domains
}

function parseLiteral(text: string): Parsed<Domain> {
  const inner = /^\[([0-9A-Za-z:.]{2,60})\]$/.exec(text)?.[1]
  if (inner === undefined) return bad('The address literal is not closed or holds other characters')
  if (isIPv4(inner)) return good(text as Domain)
  if (/^IPv6:/i.test(inner) && isIPv6(inner.slice(5))) return good(asciiLower(text) as Domain)
  return bad('The address literal is no IPv4 or IPv6 address')
}

type Local = { readonly local: string; readonly next: number }

function readLocal(text: string, start: number): Parsed<Local> {
  if (text[start] === '"') return readQuoted(text, start + 1)
  let next = start
  while (next < text.length && text[next] !== '@' && text[next] !== '>') next++
  const local = text.slice(start, next)
  if (local.length === 0) return bad('The part before @ is empty')
  if (!dotAtom.test(local)) return bad('The part before @ has a character or a dot out of place')
  return good({ local, next })
}

function readQuoted(text: string, start: number): Parsed<Local> {
  let local = ''
  for (let i = start; i < text.length; i++) {
    let c = text[i]!
    if (c === '"') return local === '' ? bad('The part before @ is empty') : good({ local, next: i + 1 })
    if (c === '\\') c = text[++i] ?? ''
    if (c === '' || control.test(c)) break
    local += c
  }
  return bad('The quoted part before @ is not closed or holds a control character')
}

/** `ann@example.org`, without brackets. */
export function parseAddress(text: string): Parsed<Address> {
  const local = readLocal(text, 0)
  if (!local.ok) return local
  const { next } = local.value
  if (text[next] !== '@') return bad('An address needs a domain: name@example.org')
  return finish(local.value.local, text.slice(next + 1))
}

function finish(local: string, domainText: string): Parsed<Address> {
  if (Buffer.byteLength(local) > localBytesMax) return bad('The part before @ is longer than 64 octets')
  const domain = parseDomain(domainText)
  if (!domain.ok) return domain
  if (Buffer.byteLength(local) + 1 + domain.value.length > addressBytesMax) return bad('The address is too long')
  return good({ local, domain: domain.value })
}

/** `<ann@example.org> SIZE=1` as it follows `MAIL FROM:` and `RCPT TO:`. A source route is recognised and dropped
 *  (RFC 5321 §4.1.1.3, Appendix C). Octets above 127 are read as strict UTF-8 and flagged. */
export function parsePath(octets: string): Parsed<Path> {
  const open = octets.startsWith(' ') ? 1 : 0 // one stray blank is common and harmless
  if (octets[open] !== '<') return bad('The address must stand in < >')
  const end = closing(octets, open + 1)
  if (end < 0) return bad('The address is not closed by >')
  if (end - open > routeBytesMax) return bad('The address is too long')
  const raw = octets.slice(open + 1, end)
  const inner = decodeUtf8(raw)
  if (inner === null) return bad('The address is not valid UTF-8')
  const rest = octets.slice(end + 1)
  const utf8 = inner !== raw
  if (inner === '') return good({ address: null, bare: null, rest, utf8: false })
  const routed = dropRoute(inner)
  if (!routed.ok) return routed
  return parseInner(routed.value, { rest, utf8 })
}

function parseInner(inner: string, more: { rest: string; utf8: boolean }): Parsed<Path> {
  if (/^[A-Za-z0-9._+-]+$/.test(inner)) return good({ address: null, bare: inner, ...more })
  const address = parseAddress(inner)
  return address.ok ? good({ address: address.value, bare: null, ...more }) : address
}

function closing(text: string, start: number): number {
  let quoted = false
  for (let i = start; i < text.length; i++) {
    const c = text[i]
    if (quoted && c === '\\') i++
    else if (c === '"') quoted = !quoted
    else if (c === '>' && !quoted) return i
  }
  return -1
}

function dropRoute(inner: string): Parsed<string> {
  if (!inner.startsWith('@')) return good(inner)
  const colon = inner.indexOf(':')
  if (colon < 0) return bad('The source route has no address after it')
  const hops = inner.slice(0, colon).split(',')
  if (!hops.every((hop) => hop.startsWith('@') && parseDomain(hop.slice(1)).ok))
    return bad('The source route is malformed')
  return good(inner.slice(colon + 1))
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text that latin1 octets spell as UTF-8; null when they spell none. */
export function decodeUtf8(octets: string): string | null {
  if (!/[\u0080-\u00ff]/.test(octets)) return octets
  try {
    return utf8.decode(Buffer.from(octets, 'latin1'))
  } catch {
    return null
  }
}

/** The reverse: latin1 text that spells the UTF-8 octets of a text. Connections and fields are written as octets. */
export const utf8Octets = (text: string): string =>
  /[^\u0000-\u007f]/.test(text) ? Buffer.from(text).toString('latin1') : text

/** As it is written in commands and fields; the local part is quoted when it must be. */
export function formatAddress({ local, domain }: Address): string {
  return `${dotAtom.test(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`}@${domain}`
}

export const formatPath = (path: ReversePath): string => `<${path === null ? '' : formatAddress(path)}>`

/** The key by which addresses are compared here: ASCII case folded. AD-04 */
export const addressKey = ({ local, domain }: Address): string => `${asciiLower(local)}@${domain}`
