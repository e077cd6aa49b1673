// How hard a password is to guess, in a word, and one that is made up. The estimate is of the crudest kind: it knows lengths, kinds of
// characters and repetition, no dictionaries.

export type Strength = 'empty' | 'short' | 'weak' | 'fair' | 'good'

const kinds = [
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[0-9]/, 10],
  [/[^a-zA-Z0-9]/, 33],
] as const

export function strengthOf(password: string): Strength {
  if (password === '') return 'empty'
  if (password.length < 8) return 'short'
  const pool = kinds.reduce((sum, [kind, size]) => (kind.test(password) ? sum + size : sum), 0)
  const different = new Set(password.toLowerCase()).size
  const bits = Math.min(password.length, different * 2) * Math.log2(pool)
  if (isRun(password)) return 'weak'
  return bits < 50 ? 'weak' : bits < 70 ? 'fair' : 'good'
}

/** abcdefgh, 12345678, and the like, forwards and backwards. */
function isRun(password: string): boolean {
  const steps = Array.from(password)
    .slice(1)
    .map((letter, i) => letter.charCodeAt(0) - password.charCodeAt(i))
  return steps.filter((step) => Math.abs(step) <= 1).length > steps.length * 0.7
}

const letters = 'abcdefghjkmnpqrstuvwxyz23456789' // none that look alike

/** Four groups of five: about 99 bits. */
export function madeUp(): string {
  const octets = crypto.getRandomValues(new Uint8Array(64))
  const usable = [...octets].filter((octet) => octet < 248).slice(0, 20) // 248 is eight times 31
  return usable.map((octet, i) => (i > 0 && i % 5 === 0 ? '-' : '') + letters[octet % letters.length]).join('')
}
