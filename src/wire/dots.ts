// Reads a dot-terminated body (DATA, RETR) and stuffs one for sending. Only CRLF.CRLF ends a body; a bare CR or LF never
// does and is kept and told. RFC 5321 §4.5.2, RFC 1939 §3
const CR = 13
const LF = 10
const DOT = 46

// Where the reader stands: what the octets before this one were.
const TEXT = 0
const SEEN_CR = 1
const LINE_START = 2 // behind CRLF
const SEEN_DOT = 3 // CRLF .
const DOT_CR = 4 // CRLF . CR

export type Facts = {
  sizeBytes: number
  strayLineEnds: boolean
  nul: boolean
  eightBit: boolean
}

/** The aligned middle of a chunk, four octets at a time; `offset` octets come before it. */
type Words = { readonly words: Int32Array; readonly offset: number }

function wordsOf({ buffer, byteOffset, length }: Uint8Array): Words {
  const offset = -byteOffset & 3
  if (length < offset + 4) return noWords
  return { words: new Int32Array(buffer, byteOffset + offset, (length - offset) >> 2), offset }
}
const noWords: Words = { words: new Int32Array(0), offset: 0 }

/** Whether one of four octets is below 14: CR, LF and NUL are. An octet with its high bit set is not. */
const hasControl = (word: number): boolean => ((word - 0x0e0e0e0e) & ~word & 0x80808080) !== 0

export class DotReader {
  done = false
  readonly facts: Facts = { sizeBytes: 0, strayLineEnds: false, nul: false, eightBit: false }
  #state = LINE_START

  /** Takes octets up to and including CRLF.CRLF, emits the body's in parts that share the chunk's memory, returns how many
   *  were taken. The CRLF before the final dot belongs to the body. */
  push(chunk: Uint8Array, emit: (part: Uint8Array) => void): number {
    const { length } = chunk
    const words = wordsOf(chunk)
    let partStart = 0 // first octet not emitted yet
    let i = 0
    while (i < length) {
      if (this.#state === TEXT) {
        i = this.#text(chunk, i, words)
        continue
      }
      const c = chunk[i]!
      if (this.#state === LINE_START && c === DOT) {
        this.#emit(chunk, { from: partStart, to: i, emit }) // this dot is stuffing or the end: it is never body
        partStart = i + 1
        this.#state = SEEN_DOT
        i++
      } else if (this.#state === SEEN_DOT && c === CR) {
        this.#state = DOT_CR
        partStart = i + 1 // held back: body only if no LF follows
        i++
      } else if (this.#state === DOT_CR) {
        if (c === LF) {
          this.done = true
          return i + 1
        }
        this.facts.strayLineEnds = true
        this.#part(carriageReturn, emit)
        partStart = i
        this.#state = c === CR ? SEEN_CR : TEXT
        if (c === CR) i++
      } else if (this.#state === SEEN_CR && c === LF) {
        this.#state = LINE_START
        i++
      } else {
        if (this.#state === SEEN_CR) this.facts.strayLineEnds = true
        this.#state = TEXT
      }
    }
    this.#emit(chunk, { from: partStart, to: length, emit })
    return length
  }

  /** Runs over octets that cannot matter and stops behind a CR or at the end. The one loop that sees every octet. */
  #text(chunk: Uint8Array, from: number, { words, offset }: Words): number {
    const { length } = chunk
    let high = 0
    for (let i = from; i < length; i++) {
      let word = (i - offset) >> 2
      if (i === (word << 2) + offset) {
        for (; word < words.length && !hasControl(words[word]!); word++) high |= words[word]!
        i = (word << 2) + offset
        if (i >= length) break
      }
      const c = chunk[i]!
      high |= c
      if (c > CR) continue
      if (c === CR) {
        // CRLF followed by no dot is by far the most common end of a line: stay in the loop.
        if (i + 2 < length && chunk[i + 1] === LF && chunk[i + 2] !== DOT) {
          i++
          continue
        }
        this.#seen(high)
        this.#state = SEEN_CR
        return i + 1
      }
      if (c === LF) this.facts.strayLineEnds = true
      else if (c === 0) this.facts.nul = true
    }
    this.#seen(high)
    return length
  }

  #seen(high: number): void {
    if ((high & 0x80808080) !== 0) this.facts.eightBit = true
  }

  #emit(chunk: Uint8Array, { from, to, emit }: { from: number; to: number; emit: (part: Uint8Array) => void }): void {
    if (to > from) this.#part(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to), emit)
  }

  #part(part: Uint8Array, emit: (part: Uint8Array) => void): void {
    this.facts.sizeBytes += part.length
    emit(part)
  }
}

const carriageReturn = Uint8Array.of(CR)

/** Whether any line of these octets begins with a dot, also behind a bare LF. `lineStart` tells how the octets begin. */
export function needsStuffing(octets: Buffer, lineStart = true): boolean {
  return (lineStart && octets[0] === DOT) || octets.includes('\n.', 0, 'latin1')
}

/** Doubles the dot at the start of each line. Returns the same octets when there is none. */
export function stuff(octets: Uint8Array, lineStart = true): Uint8Array {
  const source = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  if (!needsStuffing(source, lineStart)) return octets
  const parts: Uint8Array[] = []
  let start = 0
  if (lineStart && source[0] === DOT) parts.push(Uint8Array.of(DOT))
  for (let at = source.indexOf('\n.', 0, 'latin1'); at >= 0; at = source.indexOf('\n.', at + 1, 'latin1')) {
    parts.push(source.subarray(start, at + 1), Uint8Array.of(DOT))
    start = at + 1
  }
  parts.push(source.subarray(start))
  return Buffer.concat(parts)
}
