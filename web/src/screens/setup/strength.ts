// How well a password keeps strangers out, as far as its form tells. Pure. The server decides what it takes.

export type Strength = 'short' | 'plain' | 'fair' | 'good'

export const charsMin = 10
/** What stands in every list of guesses, whatever comes around it. */
const known =
  /pass?w[o0]rd|passwort|kennwort|qwert|asdf|letmein|iloveyou|welcome|abc123|admin|secret|geheim|hallo|monkey|dragon/g
const runs = /(.)\1{2,}|(?:0123|1234|2345|3456|4567|5678|6789|7890|abcd|bcde|cdef)+/g

/** Characters count; what everybody guesses counts as one. */
export function strengthOf(password: string, name: string): Strength {
  const lower = password.normalize('NFC').toLowerCase()
  const chars = Array.from(lower).length
  if (chars < charsMin) return 'short'
  const own = name.trim().toLowerCase()
  const bare = (own === '' ? lower : lower.replaceAll(own, '')).replace(known, 'x').replace(runs, 'x')
  const length = Array.from(bare).length
  const different = new Set(bare).size
  if (length < charsMin - 2 || different < 5) return 'plain'
  return length >= 16 && different >= 8 ? 'good' : 'fair'
}
