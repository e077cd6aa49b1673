// Whom a mailbox answers while its owner is away, and why not: what the header section and the sender's name say. Pure.
// Called by receiving.ts when somebody is away, and by away.ts. LP-05, RFC 3834 §2
import { asciiLower, type Address, type ReversePath } from '#/message/address.ts'
import { parseAddressList } from '#/message/address-list.ts'
import { isMessageId } from '#/message/compose.ts'
import { fields, fieldText, type Field } from '#/message/header.ts'
import type { Away } from '#/storage/away.ts'
import type { MailboxRow } from '#/storage/store.ts'
import { awayAddresseesBytesMax, awayAddresseesMax } from './limits.ts'

/** Why nobody is answered. The trace keeps this name; story-words.ts has a sentence for each. */
export const quietReasons = [
  'null-sender',
  'own-address',
  'no-reply',
  'automatic',
  'list',
  'bulk',
  'not-named',
  'answered',
  'too-many',
  'disabled',
  'unreachable',
  'failed',
] as const
export type Quiet = (typeof quietReasons)[number]

export type AwayHeader = {
  readonly quiet: Quiet | null
  /** Of To and Cc, also of whoever sent it again. */
  readonly addressees: readonly Address[]
  readonly references: readonly string[]
}

/** Is its owner away at this moment? */
export const isAway = ({ away }: Pick<MailboxRow, 'away'>, at: number): boolean => away !== null && isNow(away, at)

const isNow = ({ on, from, until }: Away, at: number): boolean =>
  on && (from === null || from <= at) && (until === null || at < until)

const naming: ReadonlySet<string> = new Set(['to', 'cc', 'resent-to', 'resent-cc'])

/** Bounded, whatever stands there. */
export function readAwayHeader(section: Uint8Array): AwayHeader {
  let quiet: Quiet | null = null
  let bytesLeft = awayAddresseesBytesMax
  const addressees: Address[] = []
  let references: readonly string[] = []
  for (const field of fields(section, section.length)) {
    quiet ??= quietBy(section, field)
    if (field.name === 'references') references = fieldText(section, field, awayAddresseesBytesMax).split(/[ \t]+/)
    if (!naming.has(field.name) || addressees.length >= awayAddresseesMax || bytesLeft <= 0) continue
    const text = fieldText(section, field, bytesLeft)
    bytesLeft -= text.length
    addressees.push(...parseAddressList(text, null).correspondents.map(({ address }) => address))
  }
  return { quiet, addressees: addressees.slice(0, awayAddresseesMax), references: references.filter(isMessageId) }
}

function quietBy(section: Uint8Array, field: Field): Quiet | null {
  const { name } = field
  if (name.startsWith('list-')) return 'list' // RFC 2369, RFC 2919
  switch (name) {
    case 'auto-submitted': // RFC 3834 §5
      return firstWord(fieldText(section, field)) === 'no' ? null : 'automatic'
    case 'precedence': // older than any standard: RFC 3834 §3.1.8
      return ['list', 'bulk', 'junk'].includes(firstWord(fieldText(section, field))) ? 'bulk' : null
    case 'content-type': // a notice with a sender all the same. RFC 6522
      return firstWord(fieldText(section, field)) === 'multipart/report' ? 'automatic' : null
    case 'x-auto-response-suppress': // [MS-OXCMAIL] 2.1.3.1.17: what programs of Microsoft ask for
      return /\b(?:all|oof|autoreply)\b/i.test(fieldText(section, field)) ? 'automatic' : null
    default:
      return null
  }
}

/** Without comments before it and what stands behind it. */
const firstWord = (value: string): string => asciiLower(/^(?:\([^()]*\)|[ \t])*([^ \t;(]*)/.exec(value)?.[1] ?? '')

const nobodyReads = [
  /(?:^|[-_.+])no[-_.]?reply(?:$|[-_.+=])/,
  /(?:^|[-_.+])do[-_.]?not[-_.]?reply(?:$|[-_.+=])/,
  /^(?:mailer[-_.]?daemon|postmaster|listserv|majordomo)(?:$|[-_.+=])/,
  /^owner-/,
  /-(?:request|owner)(?:$|[+=])/,
  /(?:^|[-_.+])bounces?(?:$|[-_.+=])/, // with the recipient behind it: VERP
  /-return-[0-9]+-/, // ezmlm
]

/** What the sender's name says; its mail is asked about nothing more. RFC 3834 §2 */
export function quietFor(sender: ReversePath): Quiet | null {
  if (sender === null) return 'null-sender'
  const local = asciiLower(sender.local)
  return nobodyReads.some((pattern) => pattern.test(local)) ? 'no-reply' : null
}

/** Who is remembered as answered: whoever stands behind a sender that is rewritten anew each day. SRS, BATV */
export function senderKey({ local, domain }: Address): string {
  const name = asciiLower(local)
  const srs = /^srs[01][-+=].*=([^=]+)=([^=]+)$/.exec(name)
  if (srs) return `${srs[2]}@${srs[1]}`
  return `${name.replace(/^prvs=[0-9a-f]+=/, '')}@${domain}`
}
