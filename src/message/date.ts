// RFC 5322 §3.3 dates: written in UTC, from ms since the epoch, with fixed English names, and read as others write them. CLK-07
const days = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (n: number): string => (n < 10 ? `0${n}` : String(n))

export function rfc5322Date(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const day = Math.floor(seconds / 86_400)
  const rest = seconds - day * 86_400
  const { year, month, date } = civil(day)
  const time = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`
  return `${days[((day % 7) + 7) % 7]}, ${date} ${months[month]} ${year} ${time} +0000`
}

/** Days since 1970-01-01 to a date of the Gregorian calendar, counted in eras of 400 years that begin on 1 March. */
function civil(day: number): { year: number; month: number; date: number } {
  const z = day + 719_468
  const era = Math.floor(z / 146_097)
  const doe = z - era * 146_097
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365)
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const month = mp < 10 ? mp + 2 : mp - 10
  return { year: yoe + era * 400 + (month <= 1 ? 1 : 0), month, date: doy - Math.floor((153 * mp + 2) / 5) + 1 }
}

const form =
  /(?:^|[ \t,])([0-9]{1,2})[ \t]+([A-Za-z]{3})[a-z]*[ \t]+([0-9]{2,4})[ \t]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?:[ \t]+([+-][0-9]{4}|[A-Za-z]{1,5}))?/

/** Ms since the epoch; null for what is no date. Obsolete years and zones are read too; a zone that nobody knows is UTC.
 *  RFC 5322 §4.3 */
export function parseDate(text: string): number | null {
  const [, day, name, year, hour, minute, second = '0', zone = ''] = form.exec(text) ?? []
  const month = months.findIndex((one) => one.toLowerCase() === name?.toLowerCase())
  const [d, h, m, s] = [day, hour, minute, second].map(Number)
  if (month < 0 || d! < 1 || d! > 31 || h! > 24 || m! > 59 || s! > 60) return null
  const at = ((daysTo(fullYear(Number(year)), month, d!) * 24 + h!) * 60 + m! - zoneMinutes(zone)) * 60 + s!
  return at < 0 ? null : at * 1000
}

const fullYear = (year: number): number => (year < 50 ? year + 2000 : year < 1000 ? year + 1900 : year)

/** The inverse of `civil`. */
function daysTo(year: number, month: number, date: number): number {
  const y = month <= 1 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yoe = y - era * 400
  const doy = Math.floor((153 * ((month + 10) % 12) + 2) / 5) + date - 1
  return era * 146_097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719_468
}

const zones = new Map([
  ['EDT', -4],
  ['EST', -5],
  ['CDT', -5],
  ['CST', -6],
  ['MDT', -6],
  ['MST', -7],
  ['PDT', -7],
  ['PST', -8],
])

function zoneMinutes(zone: string): number {
  if (!/^[+-]/.test(zone)) return (zones.get(zone.toUpperCase()) ?? 0) * 60
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3))
  return zone.startsWith('-') ? -minutes : minutes
}
