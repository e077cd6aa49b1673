// What stands in fields of this screen, to and from what the server keeps. Pure.

/** One a line; blanks around do not count. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

/** The last local day on which it holds. */
export function dayOf(at: number | null): string {
  if (at === null) return ''
  const date = new Date(at - 1)
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** The end of that day; null when the field is empty. */
export function endOf(day: string): number | null {
  if (day === '') return null
  const date = new Date(`${day}T00:00`)
  date.setDate(date.getDate() + 1)
  return date.getTime()
}
