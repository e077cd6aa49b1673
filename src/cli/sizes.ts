// Sizes as people write and read them.
import { OperationError } from '#/operations/errors.ts'

/** `500M`, `2G`, octets without a letter. */
export function bytes(text: string): number {
  const match = /^(\d+)([kMG]?)$/.exec(text)
  if (!match) throw new OperationError(`${text} is no size: write 500M or 2G`)
  return Number(match[1]) * { '': 1, k: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match[2] as '' | 'k' | 'M' | 'G'] // the pattern's letters
}

/** A whole number; undefined stays so. Whatever is none would be `null` on its way to a running server, which takes a choice away. */
export function count(option: unknown): number | undefined {
  if (option === undefined) return undefined
  const text = option as string // our options hold texts
  if (!/^\d{1,15}$/.test(text)) throw new OperationError(`${text} is no number: write 100`)
  return Number(text)
}

/** For example `31.4 MB`. */
export function sized(octets: number): string {
  const [unit, size] = [
    ['GB', 1024 ** 3],
    ['MB', 1024 ** 2],
    ['kB', 1024],
  ].find(([, one]) => octets >= Number(one)) ?? ['octets', 1]
  return `${unit === 'octets' ? octets : (octets / Number(size)).toFixed(1)} ${unit}`
}
