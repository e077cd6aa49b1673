// A message that a program hands over without an envelope, made ready for intake: line ends, recipients from its header,
// no Bcc, the fields that must be there. For `sendmail -t` and `netcruiser send`. SE-02, SE-03. Pure; the body stays.
import { addressKey, formatAddress, type Address } from './address.ts'
import { parseAddressList } from './address-list.ts'
import { rfc5322Date } from './date.ts'
import { fields, fieldText, headerEnd, latin1, type Field } from './header.ts'
import { foldField } from './fold.ts'
import { submittedField, type NamedValue } from './submitted-fields.ts'
import { undeclaredType } from './transfer.ts'

export type Submission = {
  readonly content: Uint8Array
  readonly from: Address | null // for the envelope: Sender, else the first of From, else the default
  readonly to: readonly Address[] // To, Cc and Bcc, each once; empty when the header names nobody
  readonly problems: readonly string[]
}
/** `messageId` comes with its < >. `defaultFrom` writes what has no From, and completes names without a domain. */
export type SubmissionContext = {
  readonly at: number
  readonly messageId: string
  readonly defaultFrom: Address | null
}

type Source = { readonly header: readonly NamedValue[]; readonly body: Uint8Array }

export function prepareSubmission(raw: Uint8Array, context: SubmissionContext): Submission {
  const source = takeApart(Buffer.from(crlf(raw), 'latin1'))
  const resent = newestResent(source.header) // RFC 5322 §3.6.6: who sends it again addresses it anew
  const about = resent.length > 0 ? resent : source.header
  const problems: string[] = []
  const read = (...names: string[]): Address[] => readAddresses(about, names, { context, problems })
  const to = unique(read('to', 'cc', 'bcc'))
  const sender = read('sender')[0] ?? read('from')[0] ?? context.defaultFrom
  for (const name of ['from', 'sender'])
    if (source.header.filter((field) => field.name === name).length > 1) problems.push(`There is more than one ${name}`)
  const ownDomain = context.defaultFrom?.domain ?? null
  const kept = source.header.filter(({ name }) => name !== 'bcc' && name !== 'resent-bcc')
  const written = kept.map((field) => submittedField(field, ownDomain))
  const added = Buffer.from(missingFields(source, { ...context, isResent: resent.length > 0 }))
  return { content: Buffer.concat([added, ...written, Buffer.from('\r\n'), source.body]), from: sender, to, problems }
}

/** Scripts write LF, and some CR CR LF: every line end becomes CRLF, and the last line has one. RFC 5321 §2.3.8, RO-24 */
function crlf(raw: Uint8Array): string {
  const text = latin1(raw, 0, raw.length).replace(/\r+\n?|\n/g, '\r\n')
  const ended = text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`
  return ended.replace(/^From [^\r]*\r\n/, '') // the first line of a message in an mbox file
}

function takeApart(octets: Uint8Array): Source {
  const { fieldsEnd, bodyStart } = headerEnd(octets) ?? { fieldsEnd: octets.length, bodyStart: octets.length }
  const named = ({ name, start, end, ...rest }: Field): NamedValue => ({
    name,
    value: fieldText(octets, { name, start, end, ...rest }, end - start),
    octets: octets.subarray(start, end),
  })
  return { header: [...fields(octets, fieldsEnd)].map(named), body: octets.subarray(bodyStart) }
}

/** The fields of the newest resending, their names without the prefix: they stand on top, and an older block begins where a
 *  name comes again or a server has signed. */
function newestResent(header: readonly NamedValue[]): NamedValue[] {
  const block = new Map<string, NamedValue>()
  for (const field of header) {
    const name = field.name.startsWith('resent-') ? field.name.slice(7) : null
    if (block.size > 0 && (field.name === 'received' || (name !== null && block.has(name)))) break
    if (name !== null) block.set(name, { ...field, name })
  }
  return [...block.values()]
}

type Reading = { readonly context: SubmissionContext; readonly problems: string[] }

function readAddresses(header: readonly NamedValue[], names: readonly string[], into: Reading): Address[] {
  const found: Address[] = []
  for (const { name, value } of header) {
    if (!names.includes(name)) continue
    const list = parseAddressList(value, into.context.defaultFrom?.domain ?? null)
    found.push(...list.correspondents.map(({ address }) => address))
    into.problems.push(...list.problems.map((problem) => `${name}: ${problem}`))
  }
  return found
}

const unique = (addresses: readonly Address[]): Address[] => [
  ...new Map(addresses.map((address) => [addressKey(address), address])).values(),
]

/** RFC 5322 §3.6 demands From and Date, RFC 6409 §8.3 lets us add a Message-ID; the rest lets programs read the body. */
function missingFields(source: Source, context: SubmissionContext & { isResent: boolean }): string {
  const there = new Set(source.header.map((field) => field.name))
  const { at, messageId, defaultFrom } = context
  const wanted: [string, string | null][] = [
    ['Resent-Date', context.isResent ? rfc5322Date(at) : null],
    ['Resent-Message-ID', context.isResent ? messageId : null],
    ['From', defaultFrom && formatAddress(defaultFrom)],
    ['Date', rfc5322Date(at)],
    ['Message-ID', messageId],
    ['MIME-Version', '1.0'],
    ...(there.has('content-type') ? [] : contentFields(source.body)),
  ]
  const missing = wanted.filter(([name, value]) => value !== null && !there.has(name.toLowerCase()))
  return missing.map(([name, value]) => foldField(name, value ?? '')).join('')
}

/** A body of 8 bits must say so. RFC 2045 §6.2 */
function contentFields(body: Uint8Array): [string, string][] {
  if (!body.some((octet) => octet > 127)) return []
  return [
    ['Content-Type', undeclaredType(body)],
    ['Content-Transfer-Encoding', '8bit'],
  ]
}
