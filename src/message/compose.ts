// A message written from its pieces: text and attachments. RFC 2045, RFC 2046, RFC 2047, RFC 2183. Called for `netcruiser send`;
// compose-stream.ts writes the same with attachments that are not in memory.
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
/** What stands in a message besides its attachments. */
export type Written = {
  readonly from: Correspondent
  readonly to: readonly Correspondent[]
  readonly cc: readonly Correspondent[]
  readonly subject: string
  readonly text: string // with any line ends
  readonly at: number
  readonly messageId: string // with its < >
  /** The messages that it answers, oldest first, the one answered last. RFC 5322 §3.6.4 */
  readonly references?: readonly string[]
}
export type Draft = Written & { readonly attachments: readonly Attachment[] }

const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
const mediaType = /^[A-Za-z0-9!#$&^_.+-]{1,60}\/[A-Za-z0-9!#$&^_.+-]{1,60}$/

export function composeText(draft: Draft): Parsed<Uint8Array> {
  const problem = problemOf(draft)
  if (problem !== null) return { ok: false, problem }
  const [header, text] = [headerOf(draft), textPart(draft.text)]
  if (draft.attachments.length === 0) return { ok: true, value: Buffer.concat([header, text]) }
  const parts: Uint8Array[] = [text, ...draft.attachments.map(attachedPart)]
  const boundary = freeBoundary('=_netcruiser', parts)
  const pieces: Uint8Array[] = [header, mixedField(boundary)]
  for (const part of parts) pieces.push(Buffer.from(`\r\n--${boundary}\r\n`), part)
  return { ok: true, value: Buffer.concat([...pieces, Buffer.from(`\r\n--${boundary}--\r\n`)]) }
}

export const mixedField = (boundary: string): Uint8Array =>
  Buffer.from(`Content-Type: multipart/mixed; boundary="${boundary}"\r\n`)

type Named = { readonly attachments: readonly Pick<Attachment, 'name' | 'type'>[] }

export function problemOf(draft: Written & Named): string | null {
  const { from, to, cc, subject, attachments, messageId, references = [] } = draft
  const names = [from, ...to, ...cc].map(({ name }) => name ?? '')
  if (names.some((name) => control.test(name))) return 'A name holds a line end or control character'
  if (control.test(subject)) return 'The subject holds a line end or control character'
  if (attachments.some(({ name }) => control.test(name))) return 'The name of an attachment holds a control character'
  if (!attachments.every(({ type }) => mediaType.test(type))) return 'The type of an attachment is not of the form a/b'
  return [messageId, ...references].every(isMessageId) ? null : 'A message id is not of the form <a@b>'
}

export const isMessageId = (text: string): boolean => /^<[!-;=?-~]{1,500}>$/.test(text)

export function headerOf({ from, to, cc, subject, at, messageId, references = [] }: Written): Uint8Array {
  const lists: [string, readonly Correspondent[]][] = [
    ['From', [from]],
    ['To', to],
    ['Cc', cc],
  ]
  const named = lists.filter(([, list]) => list.length > 0)
  const answered = references.at(-1)
  const lines = [
    ...named.map(([name, list]) => foldField(name, list.map(formatCorrespondent).join(', '))),
    foldField('Subject', encodeText(subject)),
    foldField('Date', rfc5322Date(at)),
    foldField('Message-ID', messageId),
    ...(answered === undefined
      ? []
      : [foldField('In-Reply-To', answered), foldField('References', references.join(' '))]),
    foldField('MIME-Version', '1.0'),
  ]
  return Buffer.from(lines.join(''))
}

/** Plain ASCII stays as it is; quoted-printable passes every server with all else. */
export function textPart(text: string): Uint8Array {
  const lines = text.toWellFormed().split(/\r+\n?|\n/)
  while (lines.at(-1) === '') lines.pop()
  const octets = Buffer.from(lines.map((line) => `${line}\r\n`).join(''))
  const isPlain = lines.every((line) => line.length <= lineBytesMax && /^[\t -~]*$/.test(line))
  const type = foldField('Content-Type', 'text/plain; charset=utf-8')
  const encoding = foldField('Content-Transfer-Encoding', isPlain ? '7bit' : 'quoted-printable')
  return Buffer.concat([Buffer.from(`${type}${encoding}\r\n`), isPlain ? octets : encodeQuotedPrintable(octets)])
}

const attachedPart = (file: Attachment): Uint8Array =>
  Buffer.concat([attachedHeader(file), Buffer.from(encodeBase64Lines(file.octets))])

export function attachedHeader({ name, type }: Pick<Attachment, 'name' | 'type'>): Uint8Array {
  // RFC 2046 §5.2.1: a message inside is never encoded, so a file of that kind is given as octets.
  const declared = /^(?:message|multipart)\//i.test(type) ? 'application/octet-stream' : type
  const header = [
    foldField('Content-Type', declared),
    foldField('Content-Disposition', `attachment${encodeParameter('filename', name)}`),
    foldField('Content-Transfer-Encoding', 'base64'),
  ]
  return Buffer.from(`${header.join('')}\r\n`)
}
