// MAIL and RCPT as they are written to a host, with the parameters that it offers and no others. Pure. RFC 5321 §4.1.1,
// RFC 1870, RFC 6152, RFC 6531, RFC 3461
import { formatPath, utf8Octets } from '#/message/address.ts'
import type { ReversePath } from '#/message/address.ts'
import { encodeOrcpt, encodeXtext } from '#/message/xtext.ts'
import type { Capabilities } from './capabilities.ts'
import type { Mail, MailRecipient } from './session-types.ts'

export const needsUtf8 = (path: ReversePath): boolean => /[^\u0000-\u007f]/.test(path?.local ?? '') // domains are A-labels

/** `mail` as it is sent: after a conversion it needs no 8 bits any more. */
export function mailCommand(mail: Mail, offers: Capabilities): string {
  const { ret, envid, body } = mail.parameters
  let command = `MAIL FROM:${wirePath(mail.from)}`
  if (offers.size) command += ` SIZE=${mail.sizeBytes}`
  if (offers.eightBitMime && (mail.needs.eightBit || body === '8BITMIME')) command += ' BODY=8BITMIME'
  if (wantsUtf8(mail)) command += ' SMTPUTF8'
  if (offers.dsn && ret !== null) command += ` RET=${ret}`
  if (offers.dsn && envid !== null) command += ` ENVID=${encodeXtext(envid)}`
  return command
}

/** Whether anything in it truly needs SMTPUTF8. RO-23 */
export const wantsUtf8 = ({ needs, from, recipients }: Mail): boolean =>
  needs.smtputf8 || needsUtf8(from) || recipients.some(({ address }) => needsUtf8(address))

export function rcptCommand({ address, parameters }: MailRecipient, offers: Capabilities): string {
  const { notify, orcpt } = parameters
  let command = `RCPT TO:${wirePath(address)}`
  if (offers.dsn && notify !== null) command += ` NOTIFY=${notify === 'NEVER' ? notify : notify.join(',')}`
  if (offers.dsn && orcpt !== null) command += ` ORCPT=${encodeOrcpt(orcpt)}` // RFC 3461 §4.2, RFC 6533 §3
  return command
}

const wirePath = (path: ReversePath): string => utf8Octets(formatPath(path))
