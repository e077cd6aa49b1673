// The fields that a server writes on top: Received, Return-Path, Delivered-To. RFC 5321 §4.4. Hostile names are cleaned.
import assert from 'node:assert'
import { formatAddress, formatPath, utf8Octets, type Address, type ReversePath } from './address.ts'
import { rfc5322Date } from './date.ts'

export type ReceivedFrom = {
  readonly ehlo: string | null
  readonly reverseName: string | null // forward-confirmed, or null
  readonly address: string
  readonly by: string
  readonly protocol: string // SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA, UTF8SMTP…: RFC 3848, RFC 6531 §4.3
  readonly key: string
  readonly tls: { readonly version: string; readonly cipher: string } | null
  /** Given only when there is exactly one recipient: others must not learn of each other. */
  readonly forRecipient: Address | null
  readonly at: number
}

/** Only what a host name or an address literal may hold; the rest becomes '?'. HDR-01 */
const safeName = (text: string): string => text.slice(0, 255).replace(/[^A-Za-z0-9._:[\]-]/g, '?')

/** RFC 3848 with TLS and AUTH, RFC 6531 for UTF-8. */
export function protocolName(p: { extended: boolean; tls: boolean; authenticated: boolean; utf8: boolean }): string {
  if (!p.extended) return 'SMTP'
  return `${p.utf8 ? 'UTF8SMTP' : 'ESMTP'}${p.tls ? 'S' : ''}${p.authenticated ? 'A' : ''}`
}

export function receivedField(from: ReceivedFrom): string {
  const name = from.ehlo === null || from.ehlo === '' ? 'unknown' : safeName(from.ehlo)
  const reverse = from.reverseName === null ? 'unknown' : safeName(from.reverseName)
  const tls = from.tls ? `\r\n\t(${safeName(from.tls.version)} ${safeName(from.tls.cipher)})` : ''
  const recipient = from.forRecipient ? `\r\n\tfor <${fieldAddress(from.forRecipient)}>` : ''
  return (
    `Received: from ${name} (${reverse} [${from.address.includes(':') ? 'IPv6:' : ''}${from.address}])\r\n` +
    `\tby ${safeName(from.by)} with ${from.protocol} id ${from.key}${tls}${recipient};\r\n` +
    `\t${rfc5322Date(from.at)}\r\n`
  )
}

/** latin1 octets of the UTF-8 form: fields are written as octets.
 *  @throws AssertionError when a value would break its line: names and addresses are checked where they come in. HDR-12 */
function octets(text: string): string {
  assert(!/[\r\n\0]/.test(text))
  return utf8Octets(text)
}
const fieldAddress = (address: Address): string => octets(formatAddress(address))

export const returnPathField = (path: ReversePath): string => `Return-Path: ${octets(formatPath(path))}\r\n`
export const deliveredToField = (mailbox: string): string => `Delivered-To: ${octets(mailbox)}\r\n`
export const originalToField = (recipient: string): string => `X-Original-To: ${octets(recipient)}\r\n`

export type CollectedFields = {
  readonly host: string
  readonly address: string | null
  readonly tls: ReceivedFrom['tls']
  readonly account: string
  readonly uid: string
  readonly by: string
  readonly key: string
  readonly at: number
  readonly mark: string
}

/** On top of what was collected: whence, by which account, and which message it was there. PC-19 */
export function collectedFields({ host, address, tls, account, uid, by, key, at, mark }: CollectedFields): string {
  const literal = address === null ? '' : ` ([${address.includes(':') ? 'IPv6:' : ''}${address}])`
  const shownUid = uid.slice(0, 200).replace(/[^!-~]|["\\]/g, '?')
  const secure = tls ? `\r\n\t(${safeName(tls.version)} ${safeName(tls.cipher)})` : ''
  return (
    `Received: from ${safeName(host)}${literal}\r\n` +
    `\tby ${safeName(by)} with POP3${tls ? 'S' : ''} id ${key}${secure};\r\n` +
    `\t${rfc5322Date(at)}\r\n` +
    `X-NetCruiser-Collected: account=${safeName(account)};\r\n\tuid="${shownUid}"${mark === '' ? '' : `;\r\n\tmark=${mark}`}\r\n`
  )
}

/** The rest of a header section of ours, behind which a message stands that cannot be stored as it is. PC-20 */
export function rawFields({ by, account, at, key }: Pick<CollectedFields, 'by' | 'account' | 'at' | 'key'>): string {
  return (
    `From: POP3 Client <MAILER-DAEMON@${safeName(by)}>\r\n` +
    `Subject: A message of ${safeName(account)} as it came\r\n` +
    `Date: ${rfc5322Date(at)}\r\n` +
    `Message-ID: <${key}@${safeName(by)}>\r\n` +
    'MIME-Version: 1.0\r\nContent-Type: application/octet-stream; name="message.eml"\r\n' +
    'Content-Disposition: attachment; filename="message.eml"\r\nContent-Transfer-Encoding: binary\r\n\r\n'
  )
}
