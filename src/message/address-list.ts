// The addresses of a From, To, Cc or Bcc field: display names, groups, comments, quoted strings. RFC 5322 §3.4, §4.4
// Called for messages that name their recipients in the header. Linear, without recursion; never guesses.
import { decodeUtf8, parseAddress, type Address, type Domain } from './address.ts'
import { listedAddressesMax } from './limits.ts'

export type Correspondent = { readonly name: string | null; readonly address: Address }
export type AddressList = {
  readonly correspondents: readonly Correspondent[]
  readonly hasGroup: boolean
  readonly problems: readonly string[]
}

/** `text` is what the scanner read, quotes, brackets and comments kept; `blank` tells of blanks before it. */
type Token = { readonly text: string; readonly blank: boolean }

/** `value` is an unfolded field value of latin1 octets. A name without a domain is one of `ownDomain`: cron writes `To: root`. */
export function parseAddressList(value: string, ownDomain: Domain | null): AddressList {
  const text = decodeUtf8(value)
  const tokens = text === null ? null : scan(text)
  if (tokens === null) return nobody(text === null ? 'is not valid UTF-8' : 'has a quote, comment or bracket left open')
  const correspondents: Correspondent[] = []
  const problems: string[] = []
  for (const entry of entries(tokens)) {
    const address = parseEntry(entry, ownDomain)
    if (!address.ok) problems.push(`${entry.map((token) => token.text).join(' ')}: ${address.problem}`.slice(0, 200))
    else if (correspondents.length >= listedAddressesMax) problems.push(`More than ${listedAddressesMax} addresses`)
    else correspondents.push({ name: nameOf(entry), address: address.value })
    if (problems.length >= 10) break // the first few tell enough
  }
  return { correspondents, hasGroup: tokens.some((token) => token.text === ':'), problems }
}

const nobody = (problem: string): AddressList => ({
  correspondents: [],
  hasGroup: false,
  problems: [`The list of addresses ${problem}`],
})

const specials = new Set([',', ':', ';', '<', '>'])

/** Null when something is not closed. */
function scan(text: string): Token[] | null {
  const tokens: Token[] = []
  let blank = false
  for (let at = 0; at < text.length;) {
    const c = text[at]!
    let end = at + 1
    if (c === '(') end = commentEnd(text, at)
    else if (c === '"') end = closing(text, at, '"')
    else if (c === '[') end = closing(text, at, ']')
    else if (!isBlank(c) && !specials.has(c)) end = wordEnd(text, at)
    if (end < 0) return null
    if (!isBlank(c)) tokens.push({ text: text.slice(at, end), blank })
    blank = isBlank(c)
    at = end
  }
  return tokens
}

const isBlank = (c: string): boolean => c === ' ' || c === '\t'

function wordEnd(text: string, start: number): number {
  let at = start
  while (at < text.length && !isBlank(text[at]!) && !'("['.includes(text[at]!) && !specials.has(text[at]!)) at++
  return at
}

function closing(text: string, start: number, mark: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === mark) return at + 1
  }
  return -1
}

/** Comments nest. RFC 5322 §3.2.2 */
function commentEnd(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '(') depth++
    else if (text[at] === ')' && --depth === 0) return at + 1
  }
  return -1
}

/** The tokens between commas, names and ends of groups left out. Inside < > a comma is part of a source route. */
function* entries(tokens: readonly Token[]): Generator<Token[]> {
  let entry: Token[] = []
  let inAngle = false
  for (const token of tokens) {
    if (token.text === '<') inAngle = true
    if (token.text === '>') inAngle = false
    const ends = !inAngle && (token.text === ',' || token.text === ';')
    if (ends && !entry.every(isComment)) yield entry
    if (ends || (!inAngle && token.text === ':')) entry = []
    else entry.push(token)
  }
  if (!entry.every(isComment)) yield entry
}

const isComment = ({ text }: Token): boolean => text.startsWith('(')

type Parsed = ReturnType<typeof parseAddress>
const bad = (problem: string): Parsed => ({ ok: false, problem })

function parseEntry(entry: readonly Token[], ownDomain: Domain | null): Parsed {
  const open = entry.findIndex((token) => token.text === '<')
  if (open < 0) return parseSpec(entry, ownDomain)
  const close = entry.findIndex((token) => token.text === '>')
  if (close < 0 || !entry.slice(close + 1).every(isComment)) return bad('Something stands behind > or it is missing')
  const inside = entry.slice(open + 1, close)
  const route = inside.findLastIndex((token) => token.text === ':') // RFC 5322 §4.4: dropped
  return parseSpec(inside.slice(route + 1), ownDomain)
}

/** Blanks and comments may stand around @ and dots only. RFC 5322 §4.4 */
function parseSpec(tokens: readonly Token[], ownDomain: Domain | null): Parsed {
  let text = ''
  let blank = false
  for (const token of tokens) {
    blank ||= token.blank || isComment(token)
    if (isComment(token)) continue
    if (text !== '' && blank && !/[.@]$/.test(text) && !/^[.@]/.test(token.text))
      return bad('Two words without a comma or < > between them')
    text += token.text
    blank = false
  }
  const isName = !/[@"<>,:;]/.test(text) && text !== ''
  return parseAddress(isName && ownDomain !== null ? `${text}@${ownDomain}` : text)
}

/** What stands before the < >; without them, what stands in a comment. */
function nameOf(entry: readonly Token[]): string | null {
  const open = entry.findIndex((token) => token.text === '<')
  const words = open < 0 ? entry.filter(isComment) : entry.slice(0, open)
  const unquoted = words.map(({ text }) =>
    text.startsWith('"') || (open < 0 && text.startsWith('(')) ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text,
  )
  return unquoted.join(' ') || null
}
