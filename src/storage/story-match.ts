// From what is searched to an expression for the full-text index. Pure. Nothing that is typed is syntax.
import { parseIp } from '#/message/ip.ts'
import type { StoryQuery } from './stories.ts'

const anywhere = '{who subject ids client said}'
const wordsMax = 12

/** Whole words are found at once however often they stand there; beginnings of words cost time, so they come second. */
export type Words = 'whole' | 'begun'

/** Null: no expression, everything fits. False: nothing can fit, because nothing that is typed is a word. */
export function matchOf(query: StoryQuery, words: Words): string | null | false {
  const { text = '', who = '', subject = '', id = '', client = '', step, fate, mailbox } = query
  const typed = [
    phrases(anywhere, text, words),
    phrases('who', who, words),
    phrases('subject', subject, words),
    phrases('ids', id.replace(/-\d{5}$/, ''), words),
  ]
  const marks = [
    step === undefined ? '' : `marks : "${stepMark(step)}"`,
    fate === undefined ? '' : `marks : "f${fate}"`,
    mailbox === undefined ? '' : `marks : "${boxMark(mailbox)}"`,
    client === '' ? '' : `marks : "c${hex(client)}"`,
  ]
  if (typed.includes(null)) return false
  const all = [...typed, ...marks].filter((part) => part !== '')
  return all.length === 0 ? null : all.join(' AND ')
}

/** Null: something is typed and no word is in it. */
function phrases(columns: string, text: string, words: Words): string | null {
  const typed = text.split(/\s+/).filter((word) => word !== '') // by a person, not wire data
  const useful = typed.filter(hasWord).slice(0, wordsMax)
  if (useful.length === 0) return typed.length === 0 ? '' : null
  const phrase = (word: string): string => (words === 'begun' && mayGoOn(word) ? `${quoted(word)} *` : quoted(word))
  return `${columns} : (${useful.map(phrase).join(' AND ')})`
}

/** Few letters begin too many words, and the address of a client is meant whole. */
const mayGoOn = (word: string): boolean => /[\p{L}\p{N}]{3}$/u.test(word) && !parseIp(word)
const quoted = (text: string): string => `"${text.replaceAll('"', '""').replaceAll('\0', '')}"`
const hasWord = (text: string): boolean => /[\p{L}\p{N}]/u.test(text)

/** As the statements that fill the index write them. */
const stepMark = (step: string): string => `s${step.replace(/[^a-z]/g, '')}`
const boxMark = (mailbox: string): string => `b${hex(mailbox)}`
const hex = (text: string): string => Buffer.from(text).toString('hex')
