// Times as people write them: how long, and when.
import { OperationError } from '#/operations/errors.ts'

const units: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** `90s`, `30m`, `12h`, `2d`. */
export function span(text: string): number {
  const [, count, unit] = /^(\d{1,7})([smhd])$/.exec(text) ?? []
  if (count === undefined) throw new OperationError(`${text} is no length of time: write 90s, 30m, 12h or 2d`)
  return Number(count) * units.get(unit!)!
}

/** What a setting is set to: JSON or a text. One in milliseconds may be written as lengths of time: `90s`, `5m,10m,3h`. */
export function settingValue(name: string, text: string): unknown {
  if (name.endsWith('Ms') && /^\d+[smhd](?:, ?\d+[smhd])*$/.test(text)) {
    const spans = text.split(/, ?/).map(span)
    return spans.length > 1 || name.endsWith('DelaysMs') ? spans : spans[0]
  }
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A span from now, a time of today or tomorrow, or a local date and time. */
export function moment(text: string, now = Date.now()): number {
  if (/^\d+[smhd]$/.test(text)) return now + span(text)
  const [, hours, minutes] = /^(\d\d?):(\d\d)$/.exec(text) ?? []
  const at = hours === undefined ? new Date(text) : new Date(now)
  if (hours !== undefined) at.setHours(Number(hours), Number(minutes), 0, 0)
  if (hours !== undefined && at.getTime() <= now) at.setDate(at.getDate() + 1)
  if (Number.isNaN(at.getTime()))
    throw new OperationError(`${text} is no time: write 17:30, 30m, 2030-01-31 or 2030-01-31T18:00`)
  return at.getTime()
}

/** A span before now, or a local day, or a local date and time. */
export function since(text: string, now = Date.now()): number {
  if (/^\d+[smhd]$/.test(text)) return now - span(text)
  const at = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text).getTime() // a day alone would be one of UTC
  if (Number.isNaN(at)) throw new OperationError(`${text} is no day: write 2026-01-31, 2026-01-31T18:00 or 90d`)
  return at
}
