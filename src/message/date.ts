// RFC 5322 §3.3 dates, in UTC, from ms since the epoch, with fixed English names. CLK-07
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
