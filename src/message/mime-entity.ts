// One MIME entity, a message or a part of one, by offsets over its octets. RFC 2045 §5, RFC 2046 §5.1. Called by seven-bit.ts.
// Strict: what two readers may read in two ways is a problem, never a guess. Decodes nothing.
import { asciiLower, type Parsed } from './address.ts'
import { fields, fieldText, headerEnd, latin1, type Field } from './header.ts'

export type MimeEntity = {
  readonly octets: Uint8Array
  readonly fields: readonly Field[]
  readonly fieldsEnd: number
  readonly bodyStart: number
  readonly type: string // lower case
  readonly encoding: string // lower case; 7bit where none is declared
  readonly boundary: string | null
}
export type Span = { readonly start: number; readonly end: number }

const bad = (problem: string): { ok: false; problem: string } => ({ ok: false, problem })
const typeCharsMax = 4000 // a Content-Type with all its parameters

/** `defaultType` is what an entity without Content-Type is: RFC 2046 §5.1.5 makes parts of a digest messages. */
export function parseMimeEntity(octets: Uint8Array, defaultType = 'text/plain'): Parsed<MimeEntity> {
  const { fieldsEnd, bodyStart } = headerEnd(octets) ?? { fieldsEnd: octets.length, bodyStart: octets.length }
  const all = [...fields(octets, fieldsEnd)]
  const [types, encodings] = ['content-type', 'content-transfer-encoding'].map((name) =>
    all.filter((f) => f.name === name),
  )
  if (types!.length > 1 || encodings!.length > 1) return bad('A part declares its type or encoding twice')
  const declared = types![0] ? fieldText(octets, types![0], typeCharsMax) : defaultType
  const type = /^([!#-'*+.0-9A-Z^-~-]+\/[!#-'*+.0-9A-Z^-~-]+)[ \t]*(?:$|[;(])/.exec(declared)?.[1]
  if (type === undefined) return bad('A part declares a type that cannot be read')
  const encoding = encodings![0] ? fieldText(octets, encodings![0]).replace(/[ \t;(].*$/, '') : '7bit'
  const boundary = boundaryOf(declared)
  const shape = { octets, fields: all, fieldsEnd, bodyStart, boundary }
  return { ok: true, value: { ...shape, type: asciiLower(type), encoding: asciiLower(encoding) } }
}

const parameter = /;[ \t]*([!#-'*+.0-9A-Z^-~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^ \t;"()]+))/g

function boundaryOf(contentType: string): string | null {
  for (const [, name, quoted, plain] of contentType.matchAll(parameter))
    if (asciiLower(name!) === 'boundary')
      return (quoted?.replace(/\\(.)/g, '$1') ?? plain!).replace(/[ \t]+$/, '') || null
  return null
}

/** The parts of a multipart's body, without the delimiter lines and the CRLF before each. RFC 2046 §5.1.1
 *  `outside` is what stands before the first and behind the last. */
export function splitParts(body: Uint8Array, boundary: string): Parsed<{ parts: Span[]; outside: Span[] }> {
  const parts: Span[] = []
  let partStart = -1
  let firstAt = 0
  for (const line of delimiters(body, boundary)) {
    if (partStart >= 0) parts.push({ start: partStart, end: Math.max(partStart, line.at - 2) })
    else firstAt = line.at
    partStart = line.next
    if (line.closes && parts.length === 0) return bad('A multipart has no part')
    if (line.closes) return { ok: true, value: { parts, outside: [span(0, firstAt), span(line.next, body.length)] } }
  }
  if (partStart < 0) return bad('The boundary of a multipart is not found')
  parts.push(span(partStart, body.length)) // cut off on its way: readers take the rest for the last part
  return { ok: true, value: { parts, outside: [span(0, firstAt)] } }
}

const span = (start: number, end: number): Span => ({ start, end })

type Delimiter = { readonly at: number; readonly next: number; readonly closes: boolean }

function* delimiters(body: Uint8Array, boundary: string): Generator<Delimiter> {
  const octets = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const mark = Buffer.from(`--${boundary}`, 'latin1')
  for (let at = octets.indexOf(mark); at >= 0; at = octets.indexOf(mark, at + 1)) {
    if (at > 0 && !(octets[at - 2] === 13 && octets[at - 1] === 10)) continue
    const lf = octets.indexOf('\r\n', at)
    const next = lf < 0 ? octets.length : lf + 2
    const rest = latin1(octets, at + mark.length, lf < 0 ? octets.length : lf)
    if (/^(?:--)?[ \t]*$/.test(rest)) yield { at, next, closes: rest.startsWith('--') }
  }
}
