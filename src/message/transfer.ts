// Octets as lines of ASCII: quoted-printable and base64, RFC 2045 §6.7 and §6.8. Called by what composes or converts.
import { decodeUtf8 } from './address.ts'
import { latin1 } from './header.ts'

const [tab, lf, cr, blank, equals] = [9, 10, 13, 32, 61]
const digits = Buffer.from('0123456789ABCDEF')
const lineCharsMax = 75 // and the = of a soft line break. RFC 2045 §6.7 (5)

/** Text: CRLF stays a line end, any other octet that is not plain becomes =XX. No line is longer than 76. */
export function encodeQuotedPrintable(octets: Uint8Array): Uint8Array {
  const out = Buffer.allocUnsafe(octets.length * 4 + 3) // =XX, and a soft break behind each 25 of them
  let [at, column] = [0, 0]
  for (let i = 0; i < octets.length; i++) {
    if (isLineEnd(octets, i)) {
      at = out.writeUInt16BE((cr << 8) | lf, at)
      column = 0
      i++
      continue
    }
    const octet = octets[i]!
    const width = isPlain(octet) && !(isBlank(octet) && isLast(octets, i)) ? 1 : 3
    if (column + width > lineCharsMax) {
      at = out.writeUIntBE((equals << 16) | (cr << 8) | lf, at, 3)
      column = 0
    }
    column += width
    at = width === 1 ? out.writeUInt8(octet, at) : writeHex(out, octet, at)
  }
  return out.subarray(0, at)
}

const isBlank = (octet: number): boolean => octet === blank || octet === tab
const isPlain = (octet: number): boolean => (octet > 32 && octet < 127 && octet !== equals) || isBlank(octet)
const isLineEnd = (octets: Uint8Array, i: number): boolean => octets[i] === cr && octets[i + 1] === lf
/** A blank at the end of a line would get lost on the way. RFC 2045 §6.7 (3) */
const isLast = (octets: Uint8Array, i: number): boolean => i + 1 === octets.length || isLineEnd(octets, i + 1)

function writeHex(out: Buffer, octet: number, at: number): number {
  out[at] = equals
  out[at + 1] = digits[octet >> 4]!
  out[at + 2] = digits[octet & 15]!
  return at + 3
}

/** Lines of 76, each ended by CRLF. */
export function encodeBase64Lines(octets: Uint8Array): string {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64')
  return text.replace(/.{1,76}/g, '$&\r\n')
}

/** How many octets those lines are. */
export function base64LinesBytes(sizeBytes: number): number {
  const characters = 4 * Math.ceil(sizeBytes / 3)
  return characters + 2 * Math.ceil(characters / 76)
}

/** The type of an 8-bit body that declares none: most programs write UTF-8; what is none is nobody's to guess. RFC 1428 §3 */
export const undeclaredType = (body: Uint8Array): string =>
  `text/plain; charset=${decodeUtf8(latin1(body, 0, body.length)) === null ? 'unknown-8bit' : 'utf-8'}`
