// The part of a notice that programs read. RFC 3464 §2, with the address types of RFC 6533. Called by notice.ts.
import { asciiLower, formatAddress } from './address.ts'
import { rfc5322Date } from './date.ts'
import { foldField } from './fold.ts'
import { quotedCharsMax } from './limits.ts'
import type { Notice, NoticeKind, NoticeRecipient, Part } from './notice.ts'
import { escapedForMachines, forMachines, isAscii } from './printable.ts'
import type { Reply } from './reply.ts'
import { encodeUnicodeAddress } from './xtext.ts'

/** RFC 3464 §2.3.3, and the classes that a status may have with it: §2.3.4. DL-03 */
const actions: Readonly<Record<NoticeKind, { readonly action: string; readonly classes: string }>> = {
  failed: { action: 'failed', classes: '54' }, // 4 when time ran out
  delayed: { action: 'delayed', classes: '4' },
  'delivered-late': { action: 'delivered', classes: '2' },
  delivered: { action: 'delivered', classes: '2' },
  relayed: { action: 'relayed', classes: '2' },
}

export function reportPart(notice: Notice, utf8: boolean): Part {
  const blocks = [messageFields(notice), ...notice.recipients.map((one) => recipientFields(notice, one, utf8))]
  const text = blocks.map((block) => block.map(([name, value]) => foldField(name, value)).join('')).join('\r\n')
  const type = utf8 ? 'message/global-delivery-status' : 'message/delivery-status'
  return { type, description: 'Delivery report', octets: Buffer.from(text) }
}

type Fields = [name: string, value: string][]

function messageFields({ envid, reportingMta, arrivedAt, key }: Notice): Fields {
  return [
    ...present('Original-Envelope-Id', envid === null ? null : forMachines(envid)), // RFC 3461 §6.3: as it was given
    ['Reporting-MTA', `dns; ${forMachines(reportingMta)}`],
    ['X-NetCruiser-Key', key],
    ['Arrival-Date', rfc5322Date(arrivedAt)],
  ]
}

function recipientFields(notice: Notice, recipient: NoticeRecipient, utf8: boolean): Fields {
  const { kind, retryUntil } = notice
  const { address, orcpt, reply, fromRemote, remoteMta, lastAttemptAt } = recipient
  return [
    ...present('Original-Recipient', orcpt === null ? null : originalRecipient(orcpt, utf8)),
    ['Final-Recipient', typedAddress('rfc822', formatAddress(address), utf8)],
    ['Action', actions[kind].action],
    ['Status', statusOf(kind, reply)],
    ...present('Remote-MTA', remoteMta === null ? null : `dns; ${forMachines(remoteMta)}`),
    ...present('Diagnostic-Code', reply && `${fromRemote ? 'smtp' : 'x-netcruiser'}; ${diagnosis(reply)}`),
    ...present('Last-Attempt-Date', lastAttemptAt === null ? null : rfc5322Date(lastAttemptAt)),
    ...present('Will-Retry-Until', kind !== 'delayed' || retryUntil === null ? null : rfc5322Date(retryUntil)),
  ]
}

const present = (name: string, value: string | null): Fields => (value === null ? [] : [[name, value]])

/** As the server that the sender spoke to got it: type and address. RFC 3464 §2.3.1 */
function originalRecipient(orcpt: string, utf8: boolean): string {
  const [, type, address] = /^([A-Za-z0-9-]+);(.*)$/s.exec(orcpt) ?? [null, 'unknown', orcpt]
  return typedAddress(type!, address!.slice(0, quotedCharsMax), utf8)
}

/** RFC 6533 §3: type utf-8 for what ASCII cannot say, escaped where the report is ASCII. */
function typedAddress(type: string, address: string, utf8: boolean): string {
  if (isAscii(address) && asciiLower(type) !== 'utf-8') return `${type};${forMachines(address)}`
  return `utf-8;${utf8 ? address.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?') : encodeUnicodeAddress(address)}`
}

/** The status that the reply gave, unless it contradicts the code or what we say became of the message: the code decides,
 *  and the words stand beside it. RO-20, RFC 3463 §3.1 */
export function statusOf(kind: NoticeKind, reply: Reply | null): string {
  const { classes } = actions[kind]
  const class_ = String(reply?.code ?? '')[0] ?? ''
  if (reply === null || !classes.includes(class_)) return `${classes[0]}.0.0`
  const said = reply.status ?? ''
  return said[0] === class_ && /^[245]\.[0-9]{1,3}\.[0-9]{1,3}$/.test(said) ? said : `${class_}.0.0`
}

/** The reply in one line, as exact as ASCII allows: RFC 3464 §2.1.2 and §2.3.6. The `\x{E4}` of RFC 6533 §3 is for addresses of
 *  type utf-8 alone, and a reader may know no UTF-8 here, so octets above 127 are escaped one by one. */
function diagnosis({ code, status, lines }: Reply): string {
  const words = `${code} ${status === null ? '' : `${status} `}${lines.join(' ')}`
  return escapedForMachines(words).trimEnd()
}
