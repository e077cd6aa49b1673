// The fields that a server writes on top: Received, Return-Path, Delivered-To. RFC 5321 §4.4. Hostile names are cleaned.
import assert from 'node:assert'
import { formatAddress, formatPath, type Address, type ReversePath } from './address.ts'
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
  return Buffer.from(text, 'utf8').toString('latin1')
}
const fieldAddress = (address: Address): string => octets(formatAddress(address))

export const returnPathField = (path: ReversePath): string => `Return-Path: ${octets(formatPath(path))}\r\n`
export const deliveredToField = (mailbox: string): string => `Delivered-To: ${octets(mailbox)}\r\n`
export const originalToField = (recipient: string): string => `X-Original-To: ${octets(recipient)}\r\n`
