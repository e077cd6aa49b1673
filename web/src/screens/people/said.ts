// The parameters of an act as the audit keeps them, in a line that people read. Pure.
import { moment } from '../../app/format.ts'
import type { Language } from '../../app/texts.svelte.ts'

type Reading = { readonly now: number; readonly language: Language }

/** `name ann, pop3, targets a and b`: what is empty or off is left out. */
export function saidOf(parameters: string, reading: Reading): string {
  const value: unknown = JSON.parse(parameters)
  return typeof value === 'object' && value !== null ? pairs(value, reading) : ''
}

function pairs(value: object, reading: Reading): string {
  return Object.entries(value)
    .filter(([, one]) => one !== null && one !== false && one !== '' && !(Array.isArray(one) && one.length === 0))
    .map(([key, one]) => (one === true ? key : `${key} ${words(key, one, reading)}`))
    .join(', ')
}

function words(key: string, value: unknown, reading: Reading): string {
  if (typeof value === 'number' && (key === 'at' || key.endsWith('At'))) return moment(value, reading)
  if (Array.isArray(value)) return value.map((one) => words('', one, reading)).join(' + ')
  if (typeof value === 'object' && value !== null) return `(${pairs(value, reading)})`
  return String(value)
}
