// A message written from its pieces: text and attachments. RFC 2045, RFC 2046, RFC 2047, RFC 2183. Called for `netcruiser send`.
// Pure. Line ends in what becomes a field are refused, not repaired: SE-03, HDR-12.
import type { Parsed } from './address.ts'
import type { Correspondent } from './address-list.ts'
import { freeBoundary } from './boundary.ts'
import { rfc5322Date } from './date.ts'
import { foldField } from './fold.ts'
import { lineBytesMax } from './limits.ts'
import { encodeBase64Lines, encodeQuotedPrintable } from './transfer.ts'
import { encodeParameter, encodeText, formatCorrespondent } from './words.ts'

export type Attachment = { readonly name: string; readonly type: string; readonly octets: Uint8Array }
export type Draft = {
  readonly from: Correspondent
  readonly to: readonly Correspondent[]
  readonly cc: readonly Correspondent[]
  readonly subject: string
  readonly text: string // with any line ends
  readonly attachments: readonly Attachment[]
  readonly at: number
  readonly messageId: string // with its < >
}

const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
const mediaType = /^[A-Za-z0-9!#$&^_.+-]{1,60}\/[A-Za-z0-9!#$&^_.+-]{1,60}$/

export function composeText(draft: Draft): Parsed<Uint8Array> {
  const problem = problemOf(draft)
  if (problem !== null) return { ok: false, problem }
  const header = Buffer.from(headerOf(draft))
  const text = textPart(draft.text)
  if (draft.attachments.length === 0) return { ok: true, value: Buffer.concat([header, text]) }
  const parts: Uint8Array[] = [text, ...draft.attachments.map(attachedPart)]
  const boundary = freeBoundary('=_netcruiser', parts)
  const pieces: Uint8Array[] = [header, Buffer.from(`Content-Type: multipart/mixed; boundary="${boundary}"\r\n`)]
  for (const part of parts) pieces.push(Buffer.from(`\r\n--${boundary}\r\n`), part)
  return { ok: true, value: Buffer.concat([...pieces, Buffer.from(`\r\n--${boundary}--\r\n`)]) }
}

function problemOf({ from, to, cc, subject, attachments, messageId }: Draft): string | null {
  const names = [from, ...to, ...cc].map(({ name }) => name ?? '')
  if (names.some((name) => control.test(name))) return 'A name holds a line end or control character'
  if (control.test(subject)) return 'The subject holds a line end or control character'
  if (attachments.some(({ name }) => control.test(name))) return 'The name of an attachment holds a control character'
  if (!attachments.every(({ type }) => mediaType.test(type))) return 'The type of an attachment is not of the form a/b'
  return /^<[!-;=?-~]{1,500}>$/.test(messageId) ? null : 'The message id is not of the form <a@b>'
}

function headerOf({ from, to, cc, subject, at, messageId }: Draft): string {
  const lists: [string, readonly Correspondent[]][] = [
    ['From', [from]],
    ['To', to],
    ['Cc', cc],
  ]
  const named = lists.filter(([, list]) => list.length > 0)
  return [
    ...named.map(([name, list]) => foldField(name, list.map(formatCorrespondent).join(', '))),
    foldField('Subject', encodeText(subject)),
    foldField('Date', rfc5322Date(at)),
    foldField('Message-ID', messageId),
    foldField('MIME-Version', '1.0'),
  ].join('')
}

/** Plain ASCII stays as it is; quoted-printable passes every server with all else. */
function textPart(text: string): Buffer {
  const lines = text.toWellFormed().split(/\r+\n?|\n/)
  while (lines.at(-1) === '') lines.pop()
  const octets = Buffer.from(lines.map((line) => `${line}\r\n`).join(''))
  const isPlain = lines.every((line) => line.length <= lineBytesMax && /^[\t -~]*$/.test(line))
  const type = foldField('Content-Type', 'text/plain; charset=utf-8')
  const encoding = foldField('Content-Transfer-Encoding', isPlain ? '7bit' : 'quoted-printable')
  return Buffer.concat([Buffer.from(`${type}${encoding}\r\n`), isPlain ? octets : encodeQuotedPrintable(octets)])
}

function attachedPart({ name, type, octets }: Attachment): Buffer {
  // RFC 2046 §5.2.1: a message inside is never encoded, so a file of that kind is given as octets.
  const declared = /^(?:message|multipart)\//i.test(type) ? 'application/octet-stream' : type
  const header = [
    foldField('Content-Type', declared),
    foldField('Content-Disposition', `attachment${encodeParameter('filename', name)}`),
    foldField('Content-Transfer-Encoding', 'base64'),
  ]
  return Buffer.from(`${header.join('')}\r\n${encodeBase64Lines(octets)}`)
}
