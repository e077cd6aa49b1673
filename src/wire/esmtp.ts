// The parameters behind MAIL FROM and RCPT TO. RFC 5321 §4.1.1.11, RFC 1870, RFC 6152, RFC 6531, RFC 3461, RFC 4954 §5
import {
  noMailParameters,
  noRcptParameters,
  type MailParameters,
  type Notify,
  type RcptParameters,
} from '#/message/envelope.ts'
import { reply, type Reply } from '#/message/reply.ts'
import { decodeOrcpt, decodeXtext } from '#/message/xtext.ts'

export type Parameters<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reply: Reply }

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Reader<T> = (value: string | null, into: Mutable<T>) => boolean // false: the value is wrong

const mailReaders: ReadonlyMap<string, Reader<MailParameters>> = new Map<string, Reader<MailParameters>>([
  ['SIZE', (value, into) => /^[0-9]{1,20}$/.test(value ?? '') && assign(into, { sizeBytes: Number(value) })], // RFC 1870 §4
  ['BODY', (value, into) => readBody(value?.toUpperCase(), into)],
  ['SMTPUTF8', (value, into) => value === null && assign(into, { smtputf8: true })],
  ['RET', (value, into) => readRet(value?.toUpperCase(), into)],
  ['ENVID', (value, into) => readText(value, 100, (envid) => assign(into, { envid }))], // RFC 3461 §4.4
  ['AUTH', (value, into) => readText(value, 500, (auth) => assign(into, { auth }))],
])
const rcptReaders: ReadonlyMap<string, Reader<RcptParameters>> = new Map<string, Reader<RcptParameters>>([
  ['NOTIFY', (value, into) => readNotify(value?.toUpperCase(), into)],
  ['ORCPT', (value, into) => readOrcpt(value ?? '', into)],
])

function assign<T extends object>(into: T, values: Partial<T>): true {
  Object.assign(into, values)
  return true
}
function readBody(value: string | undefined, into: Mutable<MailParameters>): boolean {
  return (value === '7BIT' || value === '8BITMIME') && assign(into, { body: value })
}
function readRet(value: string | undefined, into: Mutable<MailParameters>): boolean {
  return (value === 'FULL' || value === 'HDRS') && assign(into, { ret: value })
}
function readText(value: string | null, charsMax: number, take: (text: string) => boolean): boolean {
  const text = value === null || value.length > charsMax ? null : decodeXtext(value)
  return text !== null && text !== '' && take(text)
}
function readOrcpt(value: string, into: Mutable<RcptParameters>): boolean {
  const orcpt = value.length > 500 ? null : decodeOrcpt(value) // RFC 3461 §4.2
  return orcpt !== null && assign(into, { orcpt })
}
function readNotify(value: string | undefined, into: Mutable<RcptParameters>): boolean {
  if (value === 'NEVER') return assign(into, { notify: 'NEVER' as Notify })
  const words = value?.split(',') ?? []
  const known = words.every((word) => word === 'SUCCESS' || word === 'FAILURE' || word === 'DELAY')
  if (words.length === 0 || !known || new Set(words).size !== words.length) return false
  return assign(into, { notify: words as Notify }) // every word was just checked
}

const unknown = reply(555, '5.5.4', 'A parameter is not known here')
const twice = reply(501, '5.5.4', 'A parameter is given twice')

function parse<T extends object>(text: string, readers: ReadonlyMap<string, Reader<T>>, none: T): Parameters<T> {
  if (text === '') return { ok: true, value: none }
  const into: Mutable<T> = { ...none }
  const seen = new Set<string>()
  if (text[0] !== ' ')
    return { ok: false, reply: reply(501, '5.5.4', 'A blank must stand between > and the parameters') }
  for (const word of text.split(' ')) {
    if (word === '') continue
    const equals = word.indexOf('=')
    const name = (equals < 0 ? word : word.slice(0, equals)).toUpperCase()
    const read = readers.get(name)
    if (!read) return { ok: false, reply: unknown }
    if (seen.has(name)) return { ok: false, reply: twice }
    seen.add(name)
    if (!read(equals < 0 ? null : word.slice(equals + 1), into))
      return { ok: false, reply: reply(501, '5.5.4', `The value of ${name} is not valid`) }
  }
  return { ok: true, value: into }
}

/** `text` is what follows '>' of the path, trailing blanks already dropped. */
export const parseMailParameters = (text: string): Parameters<MailParameters> =>
  parse(text, mailReaders, noMailParameters)
/** `utf8`: the sender asked for SMTPUTF8, so ORCPT may be raw UTF-8. RFC 6533 §3 */
export function parseRcptParameters(text: string, { utf8 } = { utf8: false }): Parameters<RcptParameters> {
  const parsed = parse(text, rcptReaders, noRcptParameters)
  if (!parsed.ok || utf8 || !/[^\u0000-\u007f]/.test(text)) return parsed
  return { ok: false, reply: reply(501, '5.5.4', 'The value of ORCPT needs the SMTPUTF8 extension (RFC 6531)') }
}
