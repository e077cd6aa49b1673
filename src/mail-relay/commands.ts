// MAIL and RCPT as they are written to a host, with the parameters that it offers and no others. Pure. RFC 5321 §4.1.1,
// RFC 1870, RFC 6152, RFC 6531, RFC 3461
import { formatPath } from '#/message/address.ts'
import type { ReversePath } from '#/message/address.ts'
import { encodeOrcpt, encodeXtext } from '#/message/xtext.ts'
import type { Capabilities } from './capabilities.ts'
import type { Mail, MailRecipient } from './session-types.ts'

export const needsUtf8 = (path: ReversePath): boolean => /[^\u0000-\u007f]/.test(path?.local ?? '') // domains are A-labels

/** `mail` as it is sent: after a conversion it needs no 8 bits any more. */
export function mailCommand(mail: Mail, offers: Capabilities): string {
  const { ret, envid, body } = mail.parameters
  return [
    `MAIL FROM:${wirePath(mail.from)}`,
    offers.size && `SIZE=${mail.sizeBytes}`,
    offers.eightBitMime && (mail.needs.eightBit || body === '8BITMIME') && 'BODY=8BITMIME',
    wantsUtf8(mail) && 'SMTPUTF8',
    offers.dsn && ret !== null && `RET=${ret}`,
    offers.dsn && envid !== null && `ENVID=${encodeXtext(envid)}`,
  ]
    .filter((word) => word !== false)
    .join(' ')
}

/** Whether anything in it truly needs SMTPUTF8. RO-23 */
export const wantsUtf8 = ({ needs, from, recipients }: Mail): boolean =>
  needs.smtputf8 || needsUtf8(from) || recipients.some(({ address }) => needsUtf8(address))

export function rcptCommand({ address, parameters }: MailRecipient, offers: Capabilities): string {
  const { notify, orcpt } = parameters
  return [
    `RCPT TO:${wirePath(address)}`,
    offers.dsn && notify !== null && `NOTIFY=${notify === 'NEVER' ? notify : notify.join(',')}`,
    offers.dsn && orcpt !== null && `ORCPT=${encodeOrcpt(orcpt)}`, // RFC 3461 §4.2, RFC 6533 §3
  ]
    .filter((word) => word !== false)
    .join(' ')
}

/** Latin1 text that spells UTF-8 octets: connections write latin1. */
const wirePath = (path: ReversePath): string => Buffer.from(formatPath(path)).toString('latin1')
