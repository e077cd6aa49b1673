// The addresses of a From, To, Cc or Bcc field: display names, groups, comments, quoted strings. RFC 5322 §3.4, §4.4
// Called for messages that name their recipients in the header. Linear, without recursion; never guesses.
import { decodeUtf8, parseAddress, type Address, type Domain } from './address.ts'
import { listedAddressesMax } from './limits.ts'

export type AddressList = { readonly addresses: readonly Address[]; readonly problems: readonly string[] }

/** `text` is what the scanner read, quotes and brackets kept; `blank` tells of blanks or a comment before it. */
type Token = { readonly text: string; readonly blank: boolean }

/** `value` is an unfolded field value of latin1 octets. A name without a domain is one of `ownDomain`: cron writes `To: root`. */
export function parseAddressList(value: string, ownDomain: Domain | null): AddressList {
  const text = decodeUtf8(value)
  if (text === null) return { addresses: [], problems: ['The list of addresses is not valid UTF-8'] }
  const tokens = scan(text)
  if (tokens === null) return { addresses: [], problems: ['A quote, comment or bracket in the list is not closed'] }
  const addresses: Address[] = []
  const problems: string[] = []
  for (const entry of entries(tokens)) {
    const parsed = parseEntry(entry, ownDomain)
    if (!parsed.ok) problems.push(`${entry.map((token) => token.text).join(' ')}: ${parsed.problem}`.slice(0, 200))
    else if (addresses.length < listedAddressesMax) addresses.push(parsed.value)
    else return { addresses, problems: [...problems, `More than ${listedAddressesMax} addresses`] }
    if (problems.length >= 10) break // the first few tell enough
  }
  return { addresses, problems }
}

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
    if (c === '(' || isBlank(c)) blank = true
    else {
      tokens.push({ text: text.slice(at, end), blank })
      blank = false
    }
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
    if (ends && entry.length > 0) yield entry
    if (ends || (!inAngle && token.text === ':')) entry = []
    else entry.push(token)
  }
  if (entry.length > 0) yield entry
}

type Parsed = ReturnType<typeof parseAddress>
const bad = (problem: string): Parsed => ({ ok: false, problem })

function parseEntry(entry: readonly Token[], ownDomain: Domain | null): Parsed {
  const open = entry.findIndex((token) => token.text === '<')
  if (open < 0) return parseSpec(entry, ownDomain)
  if (entry.at(-1)!.text !== '>') return bad('Something stands behind the address, or < is not closed')
  const inside = entry.slice(open + 1, -1)
  const route = inside.findLastIndex((token) => token.text === ':') // RFC 5322 §4.4: dropped
  return parseSpec(inside.slice(route + 1), ownDomain)
}

/** Blanks and comments may stand around @ and dots only. RFC 5322 §4.4 */
function parseSpec(tokens: readonly Token[], ownDomain: Domain | null): Parsed {
  let text = ''
  for (const token of tokens) {
    if (text !== '' && token.blank && !/[.@]$/.test(text) && !/^[.@]/.test(token.text))
      return bad('Two words without a comma or < > between them')
    text += token.text
  }
  const isName = !/[@"<>,:;]/.test(text) && text !== ''
  return parseAddress(isName && ownDomain !== null ? `${text}@${ownDomain}` : text)
}
