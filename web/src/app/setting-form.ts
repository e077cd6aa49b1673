// How a setting is shown in a field and read back from it. Pure; the form is the JSON schema that the server sends along.

export type Form = Readonly<Record<string, unknown>>
export type Kind = 'yes-no' | 'choice' | 'duration' | 'size' | 'number' | 'text' | 'list' | 'durations'
export type Read = { readonly ok: true; readonly value: unknown } | { readonly ok: false }

export function kindOf(name: string, form: Form): Kind {
  if (form['enum'] !== undefined) return 'choice'
  const type = form['type'] ?? (form['anyOf'] as Form[] | undefined)?.find((one) => one['type'] !== 'null')?.['type']
  if (type === 'boolean') return 'yes-no'
  if (type === 'array') return name.endsWith('Ms') ? 'durations' : 'list'
  if (type !== 'integer' && type !== 'number') return 'text'
  if (name.endsWith('Ms')) return 'duration'
  return /bytes/i.test(name) ? 'size' : 'number'
}

/** Null is a value of its own. */
export const nullable = (form: Form): boolean =>
  (form['anyOf'] as Form[] | undefined)?.some((one) => one['type'] === 'null') ?? false
export const choicesOf = (form: Form): readonly string[] => (form['enum'] as string[] | undefined) ?? []

const spans = [
  ['days', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const
const sizes = [
  ['GB', 1_000_000_000],
  ['MB', 1_000_000],
  ['kB', 1000],
  ['B', 1],
] as const
type Units = readonly (readonly [string, number])[]

/** The largest unit that divides it without a rest. */
function written(value: number, units: Units): string {
  if (value === 0) return '0'
  const [unit, factor] = units.find(([, factor]) => value % factor === 0) ?? units.at(-1)!
  return `${value / factor} ${unit}`
}

function measured(text: string, units: Units): number | null {
  const match = /^([0-9]+(?:[.,][0-9]+)?) ?([a-zA-Z]*)$/.exec(text.trim())
  if (!match) return null
  const number = Number(match[1]!.replace(',', '.'))
  const wanted = match[2]!.toLowerCase()
  if (wanted === '') return number === 0 ? 0 : null
  const unit = units.find(
    ([name]) => name.toLowerCase() === wanted || (name === 'days' && /^(?:d|day|tage?)$/.test(wanted)),
  )
  return unit ? Math.round(number * unit[1]) : null
}

export function shownValue(kind: Kind, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (kind === 'duration') return written(Number(value), spans)
  if (kind === 'size') return written(Number(value), sizes)
  if (kind === 'durations') return (value as number[]).map((one) => written(one, spans)).join(', ')
  if (kind === 'list') return (value as unknown[]).join('\n')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export function readValue(kind: Kind, text: string, mayBeNull: boolean): Read {
  const trimmed = text.trim()
  if (trimmed === '' && mayBeNull) return { ok: true, value: null }
  if (kind === 'duration' || kind === 'size') return numberOr(measured(trimmed, kind === 'size' ? sizes : spans))
  if (kind === 'number') return numberOr(trimmed === '' ? null : Number(trimmed.replace(',', '.')))
  if (kind === 'list')
    return {
      ok: true,
      value: trimmed
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    }
  if (kind !== 'durations') return { ok: true, value: text }
  const all = trimmed.split(',').map((one) => measured(one, spans))
  return all.includes(null) ? { ok: false } : { ok: true, value: all }
}

const numberOr = (value: number | null): Read =>
  value === null || Number.isNaN(value) ? { ok: false } : { ok: true, value }
