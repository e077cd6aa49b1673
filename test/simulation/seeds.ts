// Which seeds are run: those that found something once, then the first so many. Used by simulation.test.ts and main.ts.
import { readFileSync } from 'node:fs'

export function seedsTo(last: number): Set<number> {
  const known = readFileSync(new URL('seeds.txt', import.meta.url), 'latin1').matchAll(/^[0-9]+/gm)
  return new Set([...Array.from(known, ([seed]) => Number(seed)), ...range(1, last)])
}

export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)
