// An answer to a message, or the message sent on: whom it goes to, its subject, the text quoted. Pure; the words are handed in.
import type { Answer } from '../../app/api.ts'
import { bareAddress } from './addresses.ts'

export type Fields = Answer<'draft.show'>['fields']
type Message = Pick<
  Answer<'message.show'>,
  'subject' | 'from' | 'to' | 'cc' | 'replyTo' | 'messageId' | 'fields' | 'text'
>
type Person = Message['from'][number]
export type How = 'reply' | 'all' | 'forward'
export type QuoteWords = {
  readonly wrote: (name: string) => string
  readonly forwarded: string
  readonly fields: readonly (readonly [words: string, value: string])[]
}

export const noFields: Fields = { from: '', to: [], cc: [], bcc: [], subject: '', text: '', references: [] }

const written = ({ name, address }: Person): string =>
  name ? `"${name.replace(/["\\]/g, '\\$&').replace(/[\u0000-\u001f\u007f]/g, ' ')}" <${address}>` : address

/** `own`: the addresses of whoever answers; they get no copy, and the one that the message came to is the sender. */
export function answerTo(
  message: Message,
  how: How,
  { own, words }: { own: readonly string[]; words: QuoteWords },
): Fields {
  const isOwn = ({ address }: Person): boolean => own.includes(address.toLowerCase())
  const received = [...message.to, ...message.cc].find(isOwn)
  const from = received ? received.address : (own[0] ?? '')
  if (how === 'forward')
    return { ...noFields, from, subject: prefixed('Fwd', message.subject), text: sentOn(message, words) }
  const sender = message.replyTo.length > 0 ? message.replyTo : message.from
  const to = sender.map(written)
  const there = new Set(sender.map(({ address }) => address.toLowerCase()))
  const others = [...message.to, ...message.cc].filter((one) => !isOwn(one) && !there.has(one.address.toLowerCase()))
  return {
    ...noFields,
    from,
    to,
    cc: how === 'all' ? [...new Set(others.map(written))] : [],
    subject: prefixed('Re', message.subject),
    text: quoted(message, words),
    references: referencesOf(message),
  }
}

const prefixed = (prefix: string, subject: string): string =>
  new RegExp(`^${prefix === 'Re' ? '(?:re|aw)' : '(?:fwd?|wg)'}:`, 'i').test(subject)
    ? subject
    : `${prefix}: ${subject}`

const nameOf = ({ from: [first] }: Message): string => first?.name || (first?.address ?? '')

const quoted = (message: Message, { wrote }: QuoteWords): string =>
  `\n\n${wrote(nameOf(message))}\n${(message.text ?? '')
    .trimEnd()
    .replace(/^(?=>)/gm, '>')
    .replace(/^(?!>)/gm, '> ')}\n`

const sentOn = (message: Message, { forwarded, fields }: QuoteWords): string =>
  [
    '\n',
    `---------- ${forwarded} ----------`,
    ...fields.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`),
    '',
    message.text ?? '',
  ].join('\n')

const idsMax = 20
/** The thread so far, the message itself last. RFC 5322 §3.6.4 */
function referencesOf({ messageId, fields }: Message): string[] {
  const field = (name: string): string => fields.find((one) => one.name.toLowerCase() === name)?.text ?? ''
  const before = (field('references') || field('in-reply-to')).match(/<[!-;=?-~]{1,500}>/g) ?? []
  const own = messageId?.match(/<[!-;=?-~]{1,500}>/)?.[0]
  if (own === undefined) return []
  const thread = [...new Set([...before.filter((id) => id !== own), own])]
  return thread.length <= idsMax ? thread : [thread[0]!, ...thread.slice(1 - idsMax)]
}

export const isEmpty = (fields: Fields): boolean =>
  [...fields.to, ...fields.cc, ...fields.bcc].length === 0 && fields.subject === '' && fields.text.trim() === ''

export const ownNames = (addresses: readonly string[]): string[] =>
  addresses.map((one) => bareAddress(one).toLowerCase())
