// The header section of a message, found by one function and walked by offsets over raw octets. RFC 5322 §2.2
// Nothing here decodes or changes what is stored.

export type Field = {
  readonly name: string // ASCII lower case
  readonly start: number
  readonly valueStart: number
  readonly end: number // behind the CRLF of the last folded line
}

const CR = 13
const LF = 10

/** Where the header section ends: the offset of the empty line (or of a first line that is no field), and of the body.
 *  Null when the octets seen do not hold the end yet. The only place that decides this. EOD-15 */
export function headerEnd(octets: Uint8Array, from = 0): { fieldsEnd: number; bodyStart: number } | null {
  let at = from
  for (;;) {
    if (octets[at] === CR && octets[at + 1] === LF) return { fieldsEnd: at, bodyStart: at + 2 }
    const lineEnd = nextLine(octets, at)
    if (lineEnd < 0) return null
    if (!isFieldLine(octets, at, lineEnd)) return { fieldsEnd: at, bodyStart: at }
    at = lineEnd
  }
}

/** The offset behind the next CRLF, or -1. */
function nextLine(octets: Uint8Array, from: number): number {
  for (let at = octets.indexOf(LF, from); at >= 0; at = octets.indexOf(LF, at + 1))
    if (octets[at - 1] === CR) return at + 1
  return -1
}

function isFieldLine(octets: Uint8Array, start: number, end: number): boolean {
  const first = octets[start]!
  if (first === 32 || first === 9) return start > 0 // a folded line goes on with the field before it
  const colon = octets.indexOf(58, start)
  if (colon < 0 || colon >= end || colon === start) return false
  for (let i = start; i < colon; i++) if (octets[i]! < 33 || octets[i]! > 126) return onlyBlanks(octets, i, colon)
  return true
}

/** `Subject :` is obsolete syntax and still a field. RFC 5322 §4.5 */
function onlyBlanks(octets: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (octets[i] !== 32 && octets[i] !== 9) return false
  return true
}

/** The fields before `fieldsEnd`, in order. */
export function* fields(octets: Uint8Array, fieldsEnd: number): Generator<Field> {
  let start = 0
  while (start < fieldsEnd) {
    let end = nextLine(octets, start)
    if (end < 0 || end > fieldsEnd) end = fieldsEnd
    while (end < fieldsEnd && (octets[end] === 32 || octets[end] === 9)) {
      const more = nextLine(octets, end)
      end = more < 0 || more > fieldsEnd ? fieldsEnd : more
    }
    const colon = octets.indexOf(58, start)
    if (colon > start && colon < end) yield { name: nameOf(octets, start, colon), start, valueStart: colon + 1, end }
    start = end
  }
}

function nameOf(octets: Uint8Array, start: number, colon: number): string {
  return latin1(octets, start, Math.min(colon, start + 100))
    .trimEnd()
    .toLowerCase()
}

export function latin1(octets: Uint8Array, start: number, end: number): string {
  const buffer = Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  return buffer.toString('latin1', start, end)
}

/** The value unfolded, blanks at its ends dropped, at most `charsMax` long. */
export function fieldText(octets: Uint8Array, field: Field, charsMax = 998): string {
  let start = field.valueStart
  let end = Math.min(field.end, start + charsMax)
  while (start < end && isBlank(octets[start]!)) start++ // not trim: it takes 0xA0 too, the last octet of a UTF-8 à
  while (start < end && (isBlank(octets[end - 1]!) || octets[end - 1] === CR || octets[end - 1] === LF)) end--
  const text = latin1(octets, start, end)
  return text.includes('\n') || text.includes('\r') ? unfolded(text) : text // most are one line: nothing more is made of them
}

const isBlank = (octet: number): boolean => octet === 32 || octet === 9

const unfolded = (text: string): string =>
  text
    .replace(/\r\n[ \t]/g, ' ')
    .replace(/[\r\n]/g, '')
    .replace(/^[ \t]+|[ \t]+$/g, '')

const word = /=\?([A-Za-z0-9_-]{1,40})(?:\*[^?]*)?\?([BbQq])\?([^?]*)\?=/g
const wordRun = new RegExp(`(?:${word.source})+`, 'g')

/** RFC 2047 words as text, for display only; control characters are dropped. Never used to decide anything. MSG-07 */
export function decodeWords(text: string): string {
  const joined = text.replace(/(=\?[^?]*\?[^?]*\?[^?]*\?=)[ \t]+(?==\?)/g, '$1')
  const decoded = joined.replace(wordRun, decodeRun)
  const shown = decoded === text ? (asUtf8(text) ?? text) : decoded
  return shown.replace(/[\u0000-\u001f\u007f-\u009f]/g, '')
}

/** Words of one charset are decoded as one: many programs cut a letter in two. */
function decodeRun(run: string): string {
  const pieces: { charset: string; octets: Buffer; words: string }[] = []
  for (const [words, charset, encoding, body] of run.matchAll(word) as Iterable<string[]>) {
    const octets = encoding!.toUpperCase() === 'B' ? Buffer.from(body!, 'base64') : decodeQ(body!)
    const last = pieces.at(-1)
    if (last?.charset !== charset) pieces.push({ charset: charset!, octets, words: words! })
    else Object.assign(last!, { octets: Buffer.concat([last!.octets, octets]), words: last!.words + words! })
  }
  return pieces.map(decodePiece).join('')
}

function decodeQ(body: string): Buffer {
  const octet = (_all: string, hex: string): string => String.fromCharCode(Number.parseInt(hex, 16))
  return Buffer.from(body.replace(/_/g, ' ').replace(/=([0-9A-Fa-f]{2})/g, octet), 'latin1')
}

function decodePiece({ charset, octets, words }: { charset: string; octets: Buffer; words: string }): string {
  try {
    return new TextDecoder(charset).decode(octets)
  } catch {
    return words // a charset that nobody knows
  }
}

function asUtf8(text: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'))
  } catch {
    return null
  }
}
