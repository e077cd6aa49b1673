// Which seeds are run: those that found something once, then the first so many. Used by the simulations' tests and main.ts.
import { readFileSync } from 'node:fs'

export function seedsTo(last: number, file: 'seeds.txt' | 'collect/seeds.txt' = 'seeds.txt'): Set<number> {
  const known = readFileSync(new URL(file, import.meta.url), 'latin1').matchAll(/^[0-9]+/gm)
  return new Set([...Array.from(known, ([seed]) => Number(seed)), ...range(1, last)])
}

export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)
