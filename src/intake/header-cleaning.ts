// What is read from a header section on arrival and which of its fields are not taken over. Called by receiving.ts.
// Never decodes anything to decide, and never touches the octets of a field that stays. IN-21, HDR-04
import { decodeWords, fields, fieldText, type Field } from '#/message/header.ts'
import { asciiLower } from '#/message/address.ts'

export type HeaderRules = {
  /** Our authserv-id: only we may say it. RFC 8601 §5 */
  readonly hostname: string
  /** Does this Delivered-To value name a place here? */
  readonly isOurs: (address: string) => boolean
}
export type HeaderFacts = {
  /** The octets to keep, as subarrays in order; the section itself when nothing was removed. */
  readonly kept: readonly Uint8Array[]
  readonly fieldCount: number
  readonly receivedCount: number
  readonly subject: string | null
  readonly messageId: string | null
  /** From a list or in bulk: its sender waits for nobody, and hears of failures only. DL-02 */
  readonly bulk: boolean
  /** Marks of addresses that forwarded this message before. LP-02 */
  readonly forwardMarks: readonly string[]
  readonly removed: readonly string[]
}

/** Written by whoever forwards a message outside, and looked for when one comes in. */
export const forwardMarkName = 'X-NetCruiser-Forwarded'

export function cleanHeader(section: Uint8Array, rules: HeaderRules): HeaderFacts {
  const kept: Uint8Array[] = []
  const removed: string[] = []
  let [fieldCount, receivedCount, keepFrom] = [0, 0, 0]
  let subject: string | null = null
  let messageId: string | null = null
  let bulk = false
  const forwardMarks: string[] = []
  for (const field of fields(section, section.length)) {
    fieldCount++
    if (field.name === 'received') receivedCount++
    else if (field.name === 'subject') subject ??= decodeWords(fieldText(section, field))
    else if (field.name === 'message-id') messageId ??= fieldText(section, field)
    else if (field.name === markName) forwardMarks.push(fieldText(section, field))
    else if (isBulk(section, field)) bulk = true
    else if (isUnwanted(section, field, rules)) {
      if (field.start > keepFrom) kept.push(section.subarray(keepFrom, field.start))
      keepFrom = field.end
      removed.push(field.name)
    }
  }
  if (keepFrom < section.length) kept.push(section.subarray(keepFrom))
  return { kept, fieldCount, receivedCount, subject, messageId, bulk, forwardMarks, removed }
}

const markName = asciiLower(forwardMarkName)

/** RFC 2919 §3; Precedence is older than any standard: RFC 3834 §3.1.8 */
const isBulk = (section: Uint8Array, field: Field): boolean =>
  field.name === 'list-id' ||
  (field.name === 'precedence' && ['list', 'bulk', 'junk'].includes(asciiLower(fieldText(section, field))))

function isUnwanted(section: Uint8Array, field: Field, rules: HeaderRules): boolean {
  const { name } = field
  if (name === 'return-path') return true // RFC 5321 §4.4: only the final delivery writes it
  if (name === 'x-spam' || name.startsWith('x-spam-')) return true
  if (name === 'delivered-to') return rules.isOurs(fieldText(section, field))
  if (name === 'authentication-results') return authservId(fieldText(section, field)) === asciiLower(rules.hostname)
  return false
}

/** The first word of an Authentication-Results value, comments and quotes undone. RFC 8601 §2.2 */
export function authservId(value: string): string {
  const start = skipComments(value)
  if (value[start] !== '"') return asciiLower(/^[^ \t;(]*/.exec(value.slice(start))![0]).replace(/\.$/, '')
  let id = ''
  for (let i = start + 1; i < value.length && value[i] !== '"'; i++)
    id += value[i] === '\\' ? (value[++i] ?? '') : value[i]
  return asciiLower(id).replace(/\.$/, '')
}

function skipComments(value: string): number {
  let depth = 0
  for (let i = 0; i < value.length; i++) {
    const c = value[i]
    if (c === '\\' && depth > 0) i++
    else if (c === '(') depth++
    else if (c === ')' && depth > 0) depth--
    else if (depth === 0 && c !== ' ' && c !== '\t') return i
  }
  return value.length
}
