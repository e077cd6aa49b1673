// What a content needs of the server that it is passed to, and the same content for a server that takes 7 bits only.
// RFC 6152 §3, RFC 6531. Called before each transaction. RO-23, RO-24. Never opens what is signed or encrypted.
import type { Parsed } from './address.ts'
import { foldField } from './fold.ts'
import { headerEnd, latin1 } from './header.ts'
import { lineBytesMax, nestingMax, partsMax } from './limits.ts'
import { parseMimeEntity, splitParts, type MimeEntity, type Span } from './mime-entity.ts'
import { encodeBase64Lines, encodeQuotedPrintable, undeclaredType } from './transfer.ts'

export type BodyNeeds = {
  readonly eightBit: boolean // an octet above 127 behind the header section
  readonly utf8Header: boolean // or in it: SMTPUTF8
  readonly longLine: boolean // of more than 998 octets
}
export type SevenBit = {
  readonly content: Uint8Array
  readonly breaksSignature: boolean // it was changed, and a DKIM-Signature covered it
}

export function bodyNeeds(content: Uint8Array): BodyNeeds {
  const bodyStart = headerEnd(content)?.bodyStart ?? content.length
  return {
    eightBit: hasHigh(content.subarray(bodyStart)),
    utf8Header: hasHigh(content.subarray(0, bodyStart)),
    longLine: hasLongLine(content),
  }
}

function hasHigh(octets: Uint8Array): boolean {
  for (let i = 0; i < octets.length; i++) if (octets[i]! > 127) return true // some() takes ten times as long
  return false
}

/** More than 998 octets before a line's end. RFC 5322 §2.1.1 */
export function hasLongLine(content: Uint8Array): boolean {
  for (let at = 0; content.length - at > lineBytesMax;) {
    const lf = content.lastIndexOf(10, at + lineBytesMax) // of the lines that end so near none is too long
    if (lf >= at) at = lf + 1
    else if (content[at + lineBytesMax] === 13 && content[at + lineBytesMax + 1] === 10) at += lineBytesMax + 2
    else return true
  }
  return false
}

const isFine = (octets: Uint8Array): boolean => !hasHigh(octets) && !hasLongLine(octets)

/** Parts that need it become quoted-printable or base64, their fields say so, and every other octet stays. A raw UTF-8 header
 *  section stays too: it needs SMTPUTF8, whatever the body is. The problem says why it cannot be: then it is a 5.6.3. */
export function toSevenBit(content: Uint8Array): Parsed<SevenBit> {
  const bodyStart = headerEnd(content)?.bodyStart ?? content.length
  if (isFine(content.subarray(bodyStart))) return { ok: true, value: { content, breaksSignature: false } }
  const entity = parseMimeEntity(content)
  if (!entity.ok) return entity
  const pieces = convert(entity.value, { depth: 0, partsLeft: { count: partsMax } })
  if (!pieces.ok) return pieces
  const breaksSignature = entity.value.fields.some(({ name }) => name === 'dkim-signature')
  return { ok: true, value: { content: Buffer.concat(pieces.value), breaksSignature } }
}

/** `partsLeft` is shared by all levels. */
type Walk = { readonly depth: number; readonly partsLeft: { count: number } }
type Pieces = Parsed<Uint8Array[]>

const bad = (problem: string): { ok: false; problem: string } => ({ ok: false, problem })
const identity = new Set(['7bit', '8bit', 'binary'])

function convert(entity: MimeEntity, walk: Walk): Pieces {
  const { type, encoding } = entity
  if (/^multipart\/(?:signed|encrypted)$/.test(type))
    return bad('What needs 8 bits is inside a signed or encrypted part')
  const isContainer = type.startsWith('multipart/') || type === 'message/rfc822'
  if (!identity.has(encoding)) return isContainer ? bad('A multipart is itself encoded') : rewrap(entity)
  if (walk.depth >= nestingMax) return bad('Parts are nested too deeply')
  if (type === 'message/rfc822') return inner(entity, bodyOf(entity), walk)
  return isContainer ? convertParts(entity, walk) : { ok: true, value: encodeLeaf(entity, walk) }
}

const bodyOf = ({ octets, bodyStart }: MimeEntity): Uint8Array => octets.subarray(bodyStart)

/** The message in a message/rfc822, which may not be encoded itself. RFC 2046 §5.2.1 */
function inner(entity: MimeEntity, message: Uint8Array, walk: Walk): Pieces {
  const pieces = convertPart(message, 'text/plain', { ...walk, depth: walk.depth + 1 })
  return pieces.ok ? { ok: true, value: [...headerWith(entity, '7bit'), ...pieces.value] } : pieces
}

function convertParts(entity: MimeEntity, walk: Walk): Pieces {
  const body = bodyOf(entity)
  if (entity.boundary === null) return bad('A multipart names no boundary')
  const split = splitParts(body, entity.boundary)
  if (!split.ok) return split
  const take = ({ start, end }: Span): Uint8Array => body.subarray(start, end)
  if (!split.value.outside.every((span) => isFine(take(span)))) return bad('There are 8 bits between the parts')
  const pieces = headerWith(entity, '7bit')
  const defaultType = entity.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain'
  let at = 0
  for (const span of split.value.parts) {
    if (walk.partsLeft.count-- <= 0) return bad('There are too many parts')
    const part = convertPart(take(span), defaultType, { ...walk, depth: walk.depth + 1 })
    if (!part.ok) return part
    pieces.push(body.subarray(at, span.start), ...part.value)
    at = span.end
  }
  return { ok: true, value: [...pieces, body.subarray(at)] }
}

function convertPart(octets: Uint8Array, defaultType: string, walk: Walk): Pieces {
  if (isFine(octets)) return { ok: true, value: [octets] }
  const entity = parseMimeEntity(octets, defaultType)
  if (!entity.ok) return entity
  if (!isFine(octets.subarray(0, entity.value.bodyStart)))
    return bad('The header of a part has 8 bits or an overlong line')
  return convert(entity.value, walk)
}

function encodeLeaf(entity: MimeEntity, { depth }: Walk): Uint8Array[] {
  const isText = entity.type.startsWith('text/')
  const body = bodyOf(entity)
  const missing = depth === 0 ? undeclared(entity, body) : ''
  const encoded = isText ? encodeQuotedPrintable(body) : Buffer.from(encodeBase64Lines(body))
  return [...headerWith(entity, isText ? 'quoted-printable' : 'base64', missing), encoded]
}

/** A message from before MIME becomes one of MIME: else nobody would decode it. RFC 2045 §4 */
function undeclared({ fields }: MimeEntity, body: Uint8Array): string {
  const there = new Set(fields.map(({ name }) => name))
  const version = there.has('mime-version') ? '' : foldField('MIME-Version', '1.0')
  return version + (there.has('content-type') ? '' : foldField('Content-Type', undeclaredType(body)))
}

/** Encoded already: 8 bits contradict that, but base64 may stand in a line of any length. */
function rewrap(entity: MimeEntity): Pieces {
  const body = bodyOf(entity)
  if (hasHigh(body) || entity.encoding !== 'base64') return bad('A part is not encoded as it declares')
  const octets = Buffer.from(latin1(body, 0, body.length), 'base64')
  return { ok: true, value: [...headerWith(entity, 'base64'), Buffer.from(encodeBase64Lines(octets))] }
}

/** The header section with the encoding in its place, or at the end where none was declared. */
function headerWith(entity: MimeEntity, encoding: string, missing = ''): Uint8Array[] {
  const { octets, fieldsEnd, bodyStart } = entity
  const old = entity.fields.find(({ name }) => name === 'content-transfer-encoding')
  const line = Buffer.from(foldField('Content-Transfer-Encoding', encoding) + missing)
  const empty = bodyStart > fieldsEnd ? octets.subarray(fieldsEnd, bodyStart) : Buffer.from('\r\n')
  if (!old && encoding === '7bit') return [octets.subarray(0, bodyStart)]
  if (!old) return [octets.subarray(0, fieldsEnd), line, empty]
  return [octets.subarray(0, old.start), line, octets.subarray(old.end, fieldsEnd), empty]
}
