// The part of a notice that people read: what happened, to whom, in whose words, and what to do next. DS-04
// Called by notice.ts. Plain text; whatever strangers said stands indented, cleaned and cut.
import { formatAddress } from './address.ts'
import { rfc5322Date } from './date.ts'
import { quotedCharsMax, recipientsNamedMax } from './limits.ts'
import type { Notice, NoticeKind, NoticeRecipient, Part } from './notice.ts'
import { cutText, forPeople, harmless } from './printable.ts'
import type { Reply } from './reply.ts'

export const subjectOf: Readonly<Record<NoticeKind, string>> = {
  failed: 'Your message could not be delivered',
  delayed: 'Your message is delayed and is still being tried',
  'delivered-late': 'Your delayed message has been delivered',
  delivered: 'Your message has been delivered',
  relayed: 'Your message has been passed on',
}

const opening: Readonly<Record<NoticeKind, (notice: Notice) => string[]>> = {
  failed: () => ['Your message could not be delivered to the recipients below. This server does not try again.'],
  // What the reader most wants to know comes first. DL-03
  delayed: ({ retryUntil }) => [
    'You need not send it again: your message is delayed, and this server goes on trying',
    retryUntil === null ? 'to deliver it.' : `to deliver it until ${rfc5322Date(retryUntil)}.`,
    'It has not reached these recipients yet:',
  ],
  'delivered-late': () => ['Your message, which was reported as delayed, has now been delivered to:'],
  delivered: () => ['As you asked to be told: your message has been delivered to:'],
  relayed: () => [
    'As you asked to be told: your message has been passed on for the recipients below, to a',
    'server that does not confirm deliveries. You hear of it again only if it fails there.',
  ],
}

const closing: Readonly<Record<NoticeKind, string>> = {
  failed:
    'What to do: check the address; if it is right, read the reason above, or ask the recipient in another way.\r\n' +
    'Your message is not kept here: once the reason is gone, send it again.',
  delayed: 'What to do: nothing. If it cannot be delivered in the end, you get another notice.',
  'delivered-late': 'What to do: nothing.',
  delivered: 'What to do: nothing.',
  relayed: 'What to do: nothing.',
}

export function textPart(notice: Notice): Part {
  const { kind, recipients, reportingMta } = notice
  const more = recipients.length - recipientsNamedMax
  const lines = [
    `This is the mail server ${forPeople(reportingMta)}.`,
    '',
    ...opening[kind](notice),
    '',
    ...recipients.slice(0, recipientsNamedMax).flatMap((recipient) => [...paragraph(recipient), '']),
    ...(more > 0 ? [`  and ${more} more, who are listed in the report below.`, ''] : []),
    closing[kind],
    '',
    ...about(notice),
  ]
  const octets = Buffer.from(lines.map((line) => `${line}\r\n`).join(''))
  return { type: 'text/plain; charset=utf-8', description: 'Notice', octets }
}

function paragraph({ address, explain, reply, fromRemote, remoteMta }: NoticeRecipient): string[] {
  const server = remoteMta === null ? 'The other server' : short(remoteMta, 255)
  return [
    `  ${forPeople(formatAddress(address))}`,
    ...(explain === '' ? [] : [`    ${cut(explain)}`]),
    ...(reply === null ? [] : [`    ${fromRemote ? server : 'This server'} said:`, ...quote(reply)]),
  ]
}

/** The words line by line as they were said, at most a kilobyte. HDR-06 */
function quote({ code, status, lines }: Reply): string[] {
  const prefix = `${code} ${status === null ? '' : `${short(status, 20)} `}`
  const quoted: string[] = []
  let room = quotedCharsMax
  for (const line of lines) {
    if (room <= 0) break
    quoted.push(...pieces(`${prefix}${cutText(harmless(line), room)}`).map((piece) => `      ${piece}`))
    room -= line.length + prefix.length
  }
  return quoted
}

/** A line of a message has at most 998 octets, and a letter up to 4: cut at blanks where there are some. RFC 5322 §2.1.1 */
const pieces = (text: string): string[] => text.match(/.{1,200}(?: |$)|.{1,200}/gu) ?? ['']
const cut = (text: string): string => pieces(short(text, quotedCharsMax)).join('\r\n    ')
const short = (text: string, charsMax: number): string => cutText(forPeople(text), charsMax)

function about({ original, arrivedAt, key }: Notice): string[] {
  return [
    'About your message:',
    ...(original.subject === null || original.subject === '' ? [] : [`  Subject: ${cut(original.subject)}`]),
    `  Taken over: ${rfc5322Date(arrivedAt)}`,
    `  Code for questions to the postmaster: ${key}`,
  ]
}
