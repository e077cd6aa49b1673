// What is read from the header section of a collected message, in one pass. Called by collecting.ts. Nothing of it is
// rewritten: only a claim to be our own judgement is taken off. PC-19, P3C-11
import { asciiLower, parseAddress, type ReversePath } from '#/message/address.ts'
import { parseDate } from '#/message/date.ts'
import { decodeWords, fields, fieldText, type Field } from '#/message/header.ts'
import { authservId } from './header-cleaning.ts'

export type Distribution = { readonly header: string; readonly position: number; readonly guess: boolean }
export type CollectedHeader = {
  readonly fieldCount: number
  readonly receivedCount: number
  readonly subject: string | null
  readonly messageId: string | null
  /** As the provider wrote it at the top. */
  readonly returnPath: ReversePath
  /** When it came to the provider, or was written. */
  readonly datedAt: number | null
  /** What copies of one message have in common, however they travelled. */
  readonly common: string
  /** Marks of mailboxes into which it was collected before. LP-06 */
  readonly marks: readonly string[]
  /** The value of the field by which mail is distributed; null when it is not there. PC-26 */
  readonly recipient: string | null
  /** To and Cc, when they may be guessed from. */
  readonly addressees: readonly string[]
  readonly removed: readonly string[]
}
/** `kept`: the octets to keep, as subarrays in order. Whoever holds one of them holds all that came in its buffer. */
type Read = { readonly header: CollectedHeader; readonly kept: readonly Uint8Array[] }
export type CollectedRules = { readonly hostname: string; readonly distribution: Distribution | null }

export const collectedMarkName = 'X-NetCruiser-Collected'
const markName = asciiLower(collectedMarkName)

type Seen = { -readonly [key in 'subject' | 'messageId' | 'date' | 'from']: string | null }

export function readCollected(section: Uint8Array, { hostname, distribution }: CollectedRules): Read {
  const kept: Uint8Array[] = []
  const removed: string[] = []
  const marks: string[] = []
  const addressees: string[] = []
  const seen: Seen = { subject: null, messageId: null, date: null, from: null }
  const wanted = distribution && asciiLower(distribution.header)
  let [fieldCount, receivedCount, keepFrom, occurrence] = [0, 0, 0, 0]
  let [recipient, path, received]: [string | null, string | null, string | null] = [null, null, null]
  const text = (field: Field): string => fieldText(section, field)
  for (const field of fields(section, section.length)) {
    fieldCount++
    const { name } = field
    if (name === wanted && ++occurrence === distribution?.position) recipient = text(field)
    if (name === 'received' && receivedCount++ === 0) received = text(field)
    else if (name === 'subject') seen.subject ??= text(field)
    else if (name === 'message-id') seen.messageId ??= text(field)
    else if (name === 'date') seen.date ??= text(field)
    else if (name === 'from') seen.from ??= text(field)
    else if (name === 'return-path') path ??= text(field)
    else if (name === markName) marks.push(text(field))
    else if (distribution?.guess && (name === 'to' || name === 'cc')) addressees.push(text(field))
    else if (name === 'authentication-results' && authservId(text(field)) === asciiLower(hostname)) {
      if (field.start > keepFrom) kept.push(section.subarray(keepFrom, field.start))
      keepFrom = field.end
      removed.push(name)
    }
  }
  if (keepFrom < section.length) kept.push(section.subarray(keepFrom))
  const header = {
    fieldCount,
    receivedCount,
    subject: seen.subject === null ? null : decodeWords(seen.subject),
    messageId: seen.messageId,
    returnPath: pathOf(path),
    datedAt: parseDate(received?.slice(received.lastIndexOf(';') + 1) ?? '') ?? parseDate(seen.date ?? ''),
    common: [seen.messageId, seen.date, seen.from, seen.subject].join('\0'),
    marks,
    recipient,
    addressees,
    removed,
  }
  return { header, kept }
}

function pathOf(text: string | null): ReversePath {
  const parsed = parseAddress(/^<(.*)>$/.exec(text ?? '')?.[1] ?? '')
  return parsed.ok ? parsed.value : null
}
