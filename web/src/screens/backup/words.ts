// How the moment of a backup is written: its day, and always its time, for there may be several a day. Pure.
import { moment } from '../../app/format.ts'
import type { Language } from '../../app/texts.svelte.ts'

export function dayAndTime(at: number, { now, language }: { now: number; language: Language }): string {
  const date = new Date(at)
  const time = date.toLocaleTimeString(language === 'de' ? 'de-DE' : 'en-GB', { hour: '2-digit', minute: '2-digit' })
  return date.toDateString() === new Date(now).toDateString() ? time : `${moment(at, { now, language })}, ${time}`
}
