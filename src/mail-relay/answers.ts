// Our own words for what a host did or failed to do, as replies that a delivery stores. Temporary unless another host or
// another day cannot help. Used by session.ts and its parts.
import { reply, type Reply } from '#/message/reply.ts'
import type { ReplyResult } from '#/wire/replies.ts'
import type { Stage } from './session-types.ts'

const places: Readonly<Record<Stage, string>> = {
  connect: 'while it was being called',
  greeting: 'before its greeting',
  ehlo: 'at our greeting',
  starttls: 'at STARTTLS',
  auth: 'at the sign-in',
  mail: 'at the sender',
  rcpt: 'at a recipient',
  data: 'at DATA or in the message',
  dot: 'after the message, which may have arrived',
}

/** What is no reply, or none that fits: temporary. RFC 3463 §3.5, §3.6 */
export function trouble(host: string, stage: Stage, is: ReplyResult['is']): Reply {
  if (is === 'closed') return reply(451, '4.4.2', `${host} closed the connection ${places[stage]}`)
  if (is === 'timeout') return reply(451, '4.4.2', `${host} was silent for too long ${places[stage]}`)
  return reply(451, '4.5.0', `${host} gave an answer that makes no sense ${places[stage]}`)
}

export const ours = {
  tlsMissing: (host: string) => reply(451, '4.7.4', `${host} offers no TLS, which is required for it`),
  tlsFailed: (host: string, why: string) => reply(451, '4.7.5', `TLS with ${host}: ${why}`),
  noMechanism: (host: string) =>
    reply(454, '4.7.0', `${host} offers no sign-in that is safe on this connection and fits the account`),
  notGenuine: (host: string) =>
    reply(454, '4.7.0', `${host} did not prove that it knows the account, or broke off the sign-in`),
  wouldTake: (host: string) => reply(250, '2.1.5', `${host} would take mail for this recipient`),
  loop: (host: string) => reply(554, '5.4.6', `${host} is this very server: the mail would go round in circles`),
  tooBig: (host: string, sizeBytesMax: number) =>
    reply(552, '5.3.4', `The message is larger than the ${sizeBytesMax} octets that ${host} takes`),
  noUtf8: (host: string) => reply(553, '5.6.7', `${host} takes no addresses or headers in UTF-8`),
  noEightBit: (host: string) =>
    reply(554, '5.6.3', `${host} takes no 8-bit text, and this message cannot be converted without damage`),
} as const
