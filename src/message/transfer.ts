// Octets as lines of ASCII: quoted-printable and base64, RFC 2045 §6.7 and §6.8. Called by what composes or converts.
import { decodeUtf8 } from './address.ts'
import { latin1 } from './header.ts'

const hex = (octet: number): string => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`
const tab = 9
const blank = 32

/** Text: CRLF stays a line end, any other octet that is not plain becomes =XX. No line is longer than 76. */
export function encodeQuotedPrintable(octets: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < octets.length;) {
    const cr = crlfFrom(octets, at)
    const end = cr < 0 ? octets.length : cr
    lines.push(quotedLine(octets.subarray(at, end)))
    if (cr < 0) return lines.join('\r\n')
    at = cr + 2
  }
  return lines.map((line) => `${line}\r\n`).join('')
}

function crlfFrom(octets: Uint8Array, from: number): number {
  for (let at = octets.indexOf(13, from); at >= 0; at = octets.indexOf(13, at + 1)) if (octets[at + 1] === 10) return at
  return -1
}

/** Soft line breaks keep it under 76; a blank at the end of a line would get lost on the way. RFC 2045 §6.7 (3), (5) */
function quotedLine(line: Uint8Array): string {
  const rows: string[] = []
  let row = ''
  for (const [i, octet] of line.entries()) {
    const isBlank = octet === blank || octet === tab
    const isPlain = (octet > 32 && octet < 127 && octet !== 61) || (isBlank && i < line.length - 1)
    const text = isPlain ? String.fromCharCode(octet) : hex(octet)
    if (row.length + text.length > 75) {
      rows.push(`${row}=`)
      row = ''
    }
    row += text
  }
  return [...rows, row].join('\r\n')
}

/** Lines of 76, each ended by CRLF. */
export function encodeBase64Lines(octets: Uint8Array): string {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64')
  return text.replace(/.{1,76}/g, '$&\r\n')
}

/** The type of an 8-bit body that declares none: most programs write UTF-8; what is none is nobody's to guess. RFC 1428 §3 */
export const undeclaredType = (body: Uint8Array): string =>
  `text/plain; charset=${decodeUtf8(latin1(body, 0, body.length)) === null ? 'unknown-8bit' : 'utf-8'}`
