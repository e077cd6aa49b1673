// Names with macros in them, as SPF records hold them. Pure. Called by spf-record.ts, which checks them, and by spf.ts, which
// fills them in. RFC 7208 §7
import { spfNameBytesMax } from './limits.ts'

export type MacroLetter = 's' | 'l' | 'o' | 'd' | 'i' | 'p' | 'h' | 'v'
type Macro = {
  readonly letter: MacroLetter
  readonly escaped: boolean
  readonly labels: number
  readonly reversed: boolean
  readonly delimiters: string
}
/** A text with macros, in order. */
export type MacroText = readonly (string | Macro)[]
export type MacroValues = Readonly<Record<MacroLetter, string>>

// c, r and t are for explanations only. RFC 7208 §7.2
const token = /%\{([slodiphv])(0*[1-9][0-9]*)?(r?)([-.+,/_=]*)\}|%([%_-])|[\x21-\x24\x26-\x7e]+/gi
const signs: Readonly<Record<string, string>> = { '%': '%', _: ' ', '-': '%20' }

/** Null: not a macro-string. */
export function parseMacros(text: string): MacroText | null {
  const pieces: (string | Macro)[] = []
  let read = 0
  for (const { 0: whole, 1: letter, 2: labels, 3: reversed, 4: delimiters, 5: sign, index } of text.matchAll(token)) {
    if (index !== read) return null
    read += whole.length
    pieces.push(
      letter === undefined
        ? (signs[sign ?? ''] ?? whole)
        : {
            letter: letter.toLowerCase() as MacroLetter, // of the pattern
            escaped: letter !== letter.toLowerCase(),
            labels: labels === undefined ? Number.POSITIVE_INFINITY : Number(labels),
            reversed: reversed !== '',
            delimiters: delimiters === undefined || delimiters === '' ? '.' : delimiters,
          },
    )
  }
  return read === text.length ? pieces : null
}

/** A domain-spec: it ends in a macro or in a label that may be the last one of a name. RFC 7208 §7.1 */
export function parseTarget(text: string): MacroText | null {
  const pieces = parseMacros(text)
  if (pieces === null || pieces.length === 0) return null
  return typeof pieces.at(-1) !== 'string' || /%[%_-]$/.test(text) || endsInLabel(text) ? pieces : null
}

function endsInLabel(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  const dot = name.lastIndexOf('.')
  const label = name.slice(dot + 1)
  return dot >= 0 && /^[a-z0-9-]+$/i.test(label) && !/^-|-$/.test(label) && /[a-z-]/i.test(label)
}

export const needsName = (text: MacroText): boolean =>
  text.some((piece) => typeof piece !== 'string' && piece.letter === 'p')

/** Cut from the left to the length of a name. */
export function expand(text: MacroText, values: MacroValues): string {
  let name = ''
  for (const piece of text) {
    name += typeof piece === 'string' ? piece : filled(piece, values[piece.letter])
    if (name.length > 2 * spfRoom) name = name.slice(-spfRoom) // only the end of it can count
  }
  while (name.length > spfNameBytesMax && name.includes('.')) name = name.slice(name.indexOf('.') + 1)
  return name
}

const spfRoom = 4 * spfNameBytesMax

function filled({ escaped, labels, reversed, delimiters }: Macro, value: string): string {
  const parts: string[] = ['']
  for (const letter of value)
    if (delimiters.includes(letter)) parts.push('')
    else parts[parts.length - 1] += letter
  if (reversed) parts.reverse()
  const text = parts.slice(-labels).join('.')
  return escaped ? urlEscaped(text) : text
}

/** All but unreserved octets. RFC 3986 §2.3 */
const urlEscaped = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
