// Times for Send later: some that are often wanted, and what a field for local times holds. Pure; the moment is handed in.

/** In an hour, tomorrow at eight, Monday at eight. */
export function usualTimes(now: number): readonly [hour: number, tomorrow: number, monday: number] {
  const hour = Math.ceil((now + 3_600_000) / 60_000) * 60_000
  return [hour, atEight(now, 1), atEight(now, daysToMonday(now))]
}

function atEight(now: number, days: number): number {
  const date = new Date(now)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, 8).getTime()
}

/** Never today. */
const daysToMonday = (now: number): number => (8 - new Date(now).getDay()) % 7 || 7

/** As `<input type="datetime-local">` writes it. */
export function localText(at: number): string {
  const date = new Date(at)
  const two = (n: number): string => String(n).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`
}

/** Null for what is no time. */
export function localMoment(text: string): number | null {
  const at = new Date(text).getTime()
  return text === '' || Number.isNaN(at) ? null : at
}
