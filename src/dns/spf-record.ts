// An SPF record as a value, or why it is none. Pure. Called by spf.ts. A mistake anywhere spoils all of it. RFC 7208 §4.6, §12
import type { Parsed } from '#/message/address.ts'
import { isOctet, parseIp, type Ip } from '#/message/ip.ts'
import { printable } from '#/message/printable.ts'
import { spfRecordBytesMax } from './limits.ts'
import { parseMacros, parseTarget, type MacroText } from './spf-macros.ts'

export type Qualifier = 'pass' | 'fail' | 'softfail' | 'neutral'
/** A target that is null is the domain of the record. */
export type Mechanism =
  | { readonly is: 'all' }
  | { readonly is: 'include' | 'exists'; readonly target: MacroText }
  | { readonly is: 'ptr'; readonly target: MacroText | null }
  | {
      readonly is: 'a' | 'mx'
      readonly target: MacroText | null
      readonly bits: { readonly 4: number; readonly 6: number }
    }
  | { readonly is: 'ip'; readonly network: Ip; readonly bits: number }
export type Directive = { readonly qualifier: Qualifier; readonly mechanism: Mechanism; readonly text: string }
export type SpfRecord = { readonly directives: readonly Directive[]; readonly redirect: MacroText | null }

/** RFC 7208 §4.5 */
export const isSpf = (text: string): boolean => /^v=spf1(?: |$)/i.test(text)

const bad = (term: string): { ok: false; problem: string } => ({
  ok: false,
  problem: `"${printable(term.slice(0, 80))}" is not understood`,
})

export function parseSpf(text: string): Parsed<SpfRecord> {
  if (text.length > spfRecordBytesMax) return { ok: false, problem: 'the record is too long' }
  const directives: Directive[] = []
  const once = new Map<string, MacroText>() // redirect and exp
  for (const term of text.slice('v=spf1'.length).split(' ')) {
    if (term === '') continue
    const modifier = /^([a-z][a-z0-9_.-]*)=(.*)$/i.exec(term)
    const directive = modifier ? null : readDirective(term)
    if (modifier ? !readModifier(modifier[1]!.toLowerCase(), modifier[2]!, once) : directive === null) return bad(term)
    if (directive) directives.push(directive)
  }
  return { ok: true, value: { directives, redirect: once.get('redirect') ?? null } }
}

/** Unknown ones are passed over; redirect and exp stand once at most. RFC 7208 §6 */
function readModifier(name: string, value: string, once: Map<string, MacroText>): boolean {
  if (name !== 'redirect' && name !== 'exp') return parseMacros(value) !== null
  const target = parseTarget(value)
  if (target === null || once.has(name)) return false
  once.set(name, target)
  return true
}

const qualifiers: Readonly<Record<string, Qualifier>> = {
  '': 'pass',
  '+': 'pass',
  '-': 'fail',
  '~': 'softfail',
  '?': 'neutral',
}

function readDirective(term: string): Directive | null {
  const match = /^([-+~?]?)([a-z][a-z0-9]*)((?:[:/].*)?)$/i.exec(term)
  const mechanism = match && readMechanism(match[2]!.toLowerCase(), match[3]!)
  return mechanism ? { qualifier: qualifiers[match[1]!]!, mechanism, text: term } : null
}

function readMechanism(name: string, rest: string): Mechanism | null {
  switch (name) {
    case 'all':
      return rest === '' ? { is: 'all' } : null
    case 'include':
    case 'exists': {
      const target = rest.startsWith(':') ? parseTarget(rest.slice(1)) : null
      return target && { is: name, target }
    }
    case 'ptr': {
      const target = rest.startsWith(':') ? parseTarget(rest.slice(1)) : null
      return rest === '' || target ? { is: name, target } : null
    }
    case 'a':
    case 'mx':
      return readHosts(name, rest)
    case 'ip4':
    case 'ip6':
      return rest.startsWith(':') ? readNetwork(name, rest.slice(1)) : null
    default:
      return null
  }
}

/** `a:host.example/24//64` RFC 7208 §5.3, §5.4 */
function readHosts(is: 'a' | 'mx', rest: string): Mechanism | null {
  const [, named, v4, v6] = /^(.*?)(?:\/([0-9]+))?(?:\/\/([0-9]+))?$/.exec(rest) ?? []
  const bits = { 4: prefix(v4, 32), 6: prefix(v6, 128) }
  if (named === undefined || bits[4] === null || bits[6] === null) return null
  const target = named.startsWith(':') ? parseTarget(named.slice(1)) : null
  return named === '' || target ? { is, target, bits: { 4: bits[4], 6: bits[6] } } : null
}

/** RFC 7208 §5.6 */
function readNetwork(name: 'ip4' | 'ip6', text: string): Mechanism | null {
  const [, address = '', length] = /^([0-9A-Fa-f:.]+)(?:\/([0-9]+))?$/.exec(text) ?? []
  const ip = parseIp(address)
  if (ip === null || (name === 'ip6') !== address.includes(':')) return null
  const bits = prefix(length, name === 'ip4' ? 32 : 128)
  return bits === null ? null : { is: 'ip', network: name === 'ip4' ? ip : asV6(ip), bits }
}

/** Under ip6 a mapped address stays one of IPv6. */
const asV6 = ({ family, value }: Ip): Ip => ({ family: 6, value: family === 6 ? value : (0xffffn << 32n) | value })

function prefix(text: string | undefined, max: 32 | 128): number | null {
  if (text === undefined) return max
  return isOctet(text) && Number(text) <= max ? Number(text) : null // no leading zero: RFC 7208 §5.6
}
