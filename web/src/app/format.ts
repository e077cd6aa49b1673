// How times, spans, sizes and counts are written. Pure: the language and the moment are handed in. Design guide, section 7
import type { Language } from './texts.svelte.ts'

const locales = { en: 'en-GB', de: 'de-DE' } as const

export const count = (n: number, language: Language): string => n.toLocaleString(locales[language])

const units = ['B', 'kB', 'MB', 'GB', 'TB']
/** Decimal, one digit below 1,000. */
export function size(bytes: number, language: Language): string {
  let value = bytes
  let unit = 0
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 ? 0 : 1
  const text = value.toLocaleString(locales[language], { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${text} ${units[unit]}`
}

/** Waiting spans: `31 min`, `5 h 07 min`, `2 days`. */
export function span(ms: number, language: Language): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
  return `${Math.floor(hours / 24)} ${language === 'de' ? 'Tage' : 'days'}`
}

/** Today `14:45`, with seconds on demand; this week `Fri 20`; this year `14 Oct`; older `14 Oct 2025`. */
export function moment(
  at: number,
  { now, language, seconds = false }: { now: number; language: Language; seconds?: boolean },
): string {
  const date = new Date(at)
  const today = new Date(now)
  const locale = locales[language]
  if (date.toDateString() === today.toDateString())
    return date.toLocaleTimeString(locale, {
      hour: '2-digit',
      minute: '2-digit',
      ...(seconds ? { second: '2-digit' } : {}),
    })
  const days = Math.abs(now - at) / 86_400_000
  if (days < 7) return date.toLocaleDateString(locale, { weekday: 'short', day: 'numeric' }).replace(',', '')
  const year = date.getFullYear() === today.getFullYear() ? {} : ({ year: 'numeric' } as const)
  return date.toLocaleDateString(locale, { day: 'numeric', month: 'short', ...year })
}

/** The whole of it, with its zone: `Fri 20 Nov 2026, 09:02:11.408 CET (UTC+1)`. */
export function wholeMoment(at: number, language: Language): string {
  const date = new Date(at)
  const day = date.toLocaleDateString(locales[language], {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  })
  const time = date.toLocaleTimeString(locales[language], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  })
  const zone = (style: 'short' | 'shortOffset'): string =>
    new Intl.DateTimeFormat(locales[language], { timeZoneName: style })
      .formatToParts(date)
      .find(({ type }) => type === 'timeZoneName')?.value ?? ''
  return `${day.replace(/^(\S+),/, '$1')}, ${time} ${zone('short')} (${zone('shortOffset').replace('GMT', 'UTC')})`
}
