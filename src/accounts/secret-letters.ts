// Random letters of 5 bits each that nobody mistakes for one another, for what is copied by hand: passwords of programs, tokens,
// recovery codes. Pure.
import type { Random } from '#/world/world.ts'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567' // no 0, 1, 8, 9 to mistake for letters

export const secretLetters = (random: Random, count: number): string =>
  Array.from(random.bytes(count), (octet) => alphabet[octet & 31]!).join('')

/** In groups of four, as it is printed. */
export const grouped = (letters: string): string => letters.replace(/.{4}(?=.)/g, '$&-')

/** Typed with or without its hyphens, in any case. */
export const typedLetters = (typed: string): string => typed.replace(/[- ]/g, '').toLowerCase()
