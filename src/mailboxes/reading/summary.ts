// A row of a list of messages, made of the first octets of each: who, what, when, how large, its first words. Pure.
import { parseDate } from '#/message/date.ts'
import type { EntryHead } from '#/storage/entries.ts'
import { headerOf, peopleOf, rawOf, textOf, type Person } from './fields.ts'
import { fieldsMax } from './limits.ts'
import { glance } from './preview.ts'

export type Summary = {
  readonly uid: number
  /** Its trace is found by this. */
  readonly key: string
  readonly from: Person | null
  readonly to: Person | null
  readonly subject: string
  readonly preview: string
  /** When it came, and what its Date field says. */
  readonly at: number
  readonly datedAt: number | null
  readonly sizeBytes: number
  readonly seen: boolean
  readonly hasAttachments: boolean
  readonly deletedAt: number | null
}

export function summaryOf({ uid, message, head, at, sizeBytes, seen, deletedAt }: EntryHead): Summary {
  const header = headerOf(head, fieldsMax)
  return {
    uid,
    key: message,
    from: peopleOf(header, 'from')[0] ?? null,
    to: peopleOf(header, 'to')[0] ?? null,
    subject: textOf(header, 'subject'),
    ...glance(head),
    at,
    datedAt: parseDate(rawOf(header, 'date') ?? ''),
    sizeBytes,
    seen,
    deletedAt,
  }
}

/** For a search: are all these words in who it is from, to whom it goes, or what it is about? */
export function mentions(head: Uint8Array, words: readonly string[]): boolean {
  const header = headerOf(head, fieldsMax)
  const named = ['from', 'to', 'cc'].flatMap((name) => peopleOf(header, name))
  const people = named.map(({ name, address }) => `${name} ${address}`)
  const text = [textOf(header, 'subject'), ...people].join(' ').toLowerCase()
  return words.every((word) => text.includes(word))
}
