// Times as archives write them, always UTC. Pure.
import { parseDate, rfc5322Date } from '#/message/date.ts'

const form = /^(...), ([0-9]+) (...) ([0-9]+) ([0-9:]{8}) /
const months = 'JanFebMarAprMayJunJulAugSepOctNovDec'
const two = (n: number): string => String(n).padStart(2, '0')

/** `Thu Nov 26 16:25:49 2026`, as the From line of an mbox has it. RFC 4155 */
export function asctime(ms: number): string {
  const [, weekday, day, month, year, time] = form.exec(rfc5322Date(ms))!
  return `${weekday} ${month} ${day!.padStart(2, ' ')} ${time} ${year}`
}

export function fromAsctime(text: string): number | null {
  const [, month, day, time, zone = '+0000', year] =
    /([A-Z][a-z]{2}) +([0-9]{1,2}) ([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?: ([A-Z]{3,4}|[+-][0-9]{4}))? ([0-9]{4})/.exec(
      text,
    ) ?? []
  return year === undefined ? null : parseDate(`${day} ${month} ${year} ${time} ${zone}`)
}

/** `20261126-162549`, a part of file names that sorts by time. */
export function stamp(ms: number): string {
  const [, , day, month, year, time] = form.exec(rfc5322Date(ms))!
  return `${year}${two(months.indexOf(month!) / 3 + 1)}${two(Number(day))}-${time!.replaceAll(':', '')}`
}

export function fromStamp(text: string): number | null {
  const [, year, month, day, h, m, s] =
    /(?:^|\/)([0-9]{4})([0-9]{2})([0-9]{2})-([0-9]{2})([0-9]{2})([0-9]{2})-/.exec(text) ?? []
  const name = months.slice(Number(month) * 3 - 3, Number(month) * 3)
  return s === undefined || name === '' ? null : parseDate(`${Number(day)} ${name} ${year} ${h}:${m}:${s} +0000`)
}

/** As a zip has it: two-second steps since 1980. */
export function dosTime(ms: number): { readonly date: number; readonly time: number } {
  const [year, month, day, h, m, s] = [...stamp(ms).matchAll(/^(....)(..)(..)-(..)(..)(..)$/g)][0]!
    .slice(1)
    .map(Number) as [number, number, number, number, number, number] // six groups
  return { date: (Math.max(0, year - 1980) << 9) | (month << 5) | day, time: (h << 11) | (m << 5) | (s >> 1) }
}
