// A delivery status notification: what became of a message, told to its sender. RFC 3464, RFC 6522, RFC 3461 §6, RFC 6533
// Called by whoever settles deliveries. Pure; never decides whether a notice is due or to whom. DS-03, DS-08
import assert from 'node:assert'
import { formatAddress, type Address } from './address.ts'
import { freeBoundary } from './boundary.ts'
import { rfc5322Date } from './date.ts'
import { foldField } from './fold.ts'
import { recipientsNamedMax } from './limits.ts'
import { reportPart } from './notice-report.ts'
import { returnedPart } from './notice-returned.ts'
import { subjectOf, textPart } from './notice-text.ts'
import { isAscii } from './printable.ts'
import type { Reply } from './reply.ts'

export type NoticeKind =
  | 'failed'
  | 'delayed'
  | 'delivered-late' // now delivered, after a notice of delay. DL-04
  | 'delivered' // NOTIFY=SUCCESS was asked
  | 'relayed' // the same, and the next server tells of no success. RFC 3461 §5.2.2

export type NoticeRecipient = {
  readonly address: Address // as the sender wrote it, never a private forward target. DS-06
  readonly orcpt: string | null // "rfc822;ann@example.org", decoded
  readonly reply: Reply | null
  readonly fromRemote: boolean // the reply is another server's; otherwise it is our own
  readonly remoteMta: string | null
  readonly lastAttemptAt: number | null
  readonly explain: string // what happened and what to do next, in a sentence; may be empty
}

export type Notice = {
  readonly kind: NoticeKind
  readonly reportingMta: string
  readonly from: string // MAILER-DAEMON at a domain of ours. DS-01
  readonly to: Address
  readonly key: string // of the message that this is about
  readonly noticeId: string
  readonly at: number
  readonly arrivedAt: number
  readonly retryUntil: number | null
  readonly envid: string | null
  readonly recipients: readonly NoticeRecipient[]
  readonly original: {
    readonly header: Uint8Array // its section, without the empty line
    readonly messageId: string | null
    readonly subject: string | null
    readonly whole: Uint8Array | null // only where RET=FULL asked for it
  }
  readonly boundary: string // random
}

/** One part of the notice: its media type and its octets, ended by CRLF. */
export type Part = { readonly type: string; readonly description: string; readonly octets: Uint8Array }

/** The complete message, to be sent with a null reverse-path. It needs SMTPUTF8 only if the address of its reader does:
 *  other addresses are then written in ASCII. RFC 6533 §3 */
export function composeNotice(notice: Notice): Uint8Array {
  assert(notice.recipients.length > 0, 'a notice is about somebody')
  const utf8 = !isAscii(formatAddress(notice.to))
  const parts = [textPart(notice), reportPart(notice, utf8), returnedPart(notice.original, utf8)]
  const octets = parts.map((part) => part.octets)
  const boundary = freeBoundary(notice.boundary, octets)
  const pieces: Uint8Array[] = [Buffer.from(headerOf(notice, { boundary, eightBit: octets.some(isEightBit), utf8 }))]
  for (const part of parts) pieces.push(Buffer.from(`\r\n--${boundary}\r\n${partHeader(part)}\r\n`), part.octets)
  return Buffer.concat([...pieces, Buffer.from(`\r\n--${boundary}--\r\n`)])
}

type Shape = { readonly boundary: string; readonly eightBit: boolean; readonly utf8: boolean }

function headerOf(notice: Notice, { boundary, eightBit, utf8 }: Shape): string {
  const { kind, original } = notice
  const fields: [string, string][] = [
    ['From', `Mail Delivery System <${notice.from}>`],
    ['To', formatAddress(notice.to)],
    ['Subject', subjectOf[kind]],
    ['Date', rfc5322Date(notice.at)],
    ['Message-ID', `<${notice.noticeId}@${notice.reportingMta}>`],
    ...threadFields(original.messageId),
    ['Auto-Submitted', 'auto-replied'], // RFC 3834 §5
    ...(kind === 'failed' ? failedRecipients(notice.recipients, utf8) : []),
    ['MIME-Version', '1.0'],
    ['Content-Type', `multipart/report; report-type=delivery-status; boundary="${boundary}"`],
    ['Content-Transfer-Encoding', eightBit ? '8bit' : '7bit'],
  ]
  return fields.map(([name, value]) => foldField(name, value)).join('')
}

/** Only an identifier of the form goes into a field of ours. HDR-06 */
function threadFields(messageId: string | null): [string, string][] {
  if (messageId === null || !/^<[!-;=?-~]{1,500}>$/.test(messageId)) return []
  return [
    ['In-Reply-To', messageId],
    ['References', messageId],
  ]
}

function failedRecipients(recipients: readonly NoticeRecipient[], utf8: boolean): [string, string][] {
  const addresses = recipients.map(({ address }) => formatAddress(address))
  const shown = addresses.filter((text) => utf8 || isAscii(text)).slice(0, recipientsNamedMax)
  return shown.length === 0 ? [] : [['X-Failed-Recipients', shown.join(', ')]]
}

function partHeader({ type, description, octets }: Part): string {
  return (
    foldField('Content-Type', type) +
    foldField('Content-Description', description) +
    foldField('Content-Transfer-Encoding', isEightBit(octets) ? '8bit' : '7bit')
  )
}

const isEightBit = (octets: Uint8Array): boolean => octets.some((octet) => octet > 127)
