// What stands in the fields of an away notice, to and from what the server keeps. Pure.
import type { Answer } from '../../app/api.ts'
import { localMoment, localText } from '../send/when.ts'

export type Away = Answer<'mailbox.show'>['away']
export type AwayFields = { on: boolean; text: string; subject: string; from: string; until: string }
type Asked = { on: boolean; text?: string; subject: string | null; from: number | null; until: number | null }

const moment = (at: number | null | undefined): string => (at === null || at === undefined ? '' : localText(at))

export const awayFields = (away: Away): AwayFields => ({
  on: away?.on ?? false,
  text: away?.text ?? '',
  subject: away?.subject ?? '',
  from: moment(away?.from),
  until: moment(away?.until),
})

/** What saving would send; undefined: nothing differs. A moment that was not touched keeps its seconds. */
export function awayAsked(fields: AwayFields, shown: Away): Asked | undefined {
  const before = awayFields(shown)
  if (JSON.stringify(fields) === JSON.stringify(before)) return undefined
  const at = (name: 'from' | 'until'): number | null =>
    fields[name] === before[name] ? (shown?.[name] ?? null) : localMoment(fields[name])
  return {
    on: fields.on,
    ...(fields.text.trim() !== '' && { text: fields.text }),
    subject: fields.subject.trim() || null,
    from: at('from'),
    until: at('until'),
  }
}

/** Why it cannot be saved. */
export function awayWrong({ on, text, from, until }: AwayFields): 'text' | 'times' | null {
  if (on && text.trim() === '') return 'text'
  const [begin, end] = [localMoment(from), localMoment(until)]
  return begin !== null && end !== null && end <= begin ? 'times' : null
}
