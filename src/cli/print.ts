// How answers look on a terminal: aligned tables, local times, control characters made visible.

export const version = '0.1.0'

type Row = Readonly<Record<string, unknown>>

export const localTime = (at: number): string => {
  const date = new Date(at)
  const two = (n: number): string => String(n).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** A local time with how long ago it was. */
export function nearTime(at: number, now = Date.now()): string {
  const seconds = Math.round((now - at) / 1000)
  const units: [number, string][] = [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ]
  const [size, unit] = units.find(([one]) => Math.abs(seconds) >= one) ?? [1, 'second']
  const count = Math.floor(Math.abs(seconds) / size)
  const span = `${count} ${unit}${count === 1 ? '' : 's'}`
  return `${localTime(at)} (${seconds < 0 ? `in ${span}` : `${span} ago`})`
}

/** Mail text on a terminal obeys nobody. HDR-08 */
export const visible = (text: string): string =>
  text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?')

function cell(name: string, value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'number' && (name.endsWith('At') || name === 'at' || name === 'until')) return localTime(value)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return visible(value)
  return visible(JSON.stringify(value))
}

export function table(rows: readonly Row[], columns: readonly string[], empty: string): string {
  if (rows.length === 0) return empty
  const cells = rows.map((row) => columns.map((name) => cell(name, row[name])))
  const widths = columns.map((name, i) => Math.max(name.length, ...cells.map((line) => line[i]!.length)))
  const line = (values: readonly string[]): string =>
    values
      .map((value, i) => value.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()
  return [line(columns), ...cells.map(line)].join('\n')
}

export const list = (value: Row): string =>
  Object.entries(value)
    .map(([name, one]) => `${name}: ${cell(name, one)}`)
    .join('\n')
