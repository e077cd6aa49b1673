// LIST and UIDL as values: lines matched by number, whatever they hold. Pure; used by session.ts. What makes no sense is
// skipped with a warning; UIDs stay the octets that they are. RFC 1939 §5, §7, PC-07, P3C-03
import { readable } from '#/message/printable.ts'
import type { Line } from '#/wire/session.ts'
import type { Listed, Listing } from './box.ts'
import { lineCharsMax, warningsMax } from './limits.ts'

type Entry = { number: number; sizeBytes: number; uid: string | null }

export class ListingReader {
  readonly #messagesMax: number
  readonly #entries = new Map<number, Entry>()
  readonly #warnings: string[] = []
  #contradicted = new Set<number>()
  #beyond = 0

  constructor(messagesMax: number) {
    this.#messagesMax = messagesMax
  }

  /** A line of LIST. Servers may write more behind the size. RFC 1939 §5 */
  size(line: Line): void {
    const [number, rest] = split(line) ?? [0, '']
    const digits = /^[0-9]{1,30}(?![^ \t])/.exec(rest)?.[0]
    if (number === 0 || digits === undefined) return this.#skip('LIST', line)
    if (this.#entries.has(number)) return this.warn(`LIST has message ${number} twice`)
    if (this.#entries.size >= this.#messagesMax) return void this.#beyond++
    this.#entries.set(number, { number, sizeBytes: Math.min(Number(digits), Number.MAX_SAFE_INTEGER), uid: null })
  }

  /** A line of UIDL. A number with two UIDs has none: nobody can say which is right. */
  uid(line: Line): void {
    const [number, uid] = split(line) ?? [0, '']
    const entry = this.#entries.get(number)
    if (uid === '') return this.#skip('UIDL', line)
    if (!entry) return this.#beyond > 0 ? undefined : this.warn(`UIDL has message ${number}, which LIST has not`)
    if (this.#contradicted.has(number) || entry.uid === uid) return
    if (entry.uid === null) entry.uid = uid
    else {
      entry.uid = null
      this.#contradicted.add(number)
      this.warn(`UIDL has two UIDs for message ${number}`)
    }
  }

  warn(words: string): void {
    if (this.#warnings.length < warningsMax) this.#warnings.push(words)
  }

  #skip(command: string, line: Line): void {
    const text = line.is === 'line' || line.is === 'bad-end' ? line.text : line.is
    this.warn(`${command} has a line that makes no sense: ${readable(text, lineCharsMax)}`)
  }

  listing(): Listing {
    if (this.#beyond > 0) this.warn(`LIST has ${this.#beyond} messages more than are looked at`)
    const messages: Listed[] = [...this.#entries.values()]
    const isSorted = messages.every(({ number }, i) => i === 0 || messages[i - 1]!.number < number)
    if (!isSorted) messages.sort((a, b) => a.number - b.number)
    return { messages, warnings: this.#warnings }
  }
}

/** The number and the rest, blanks around them gone. Null when there is no number. */
function split(line: Line): [number: number, rest: string] | null {
  if (line.is !== 'line') return null
  const { text } = line
  const match = /^[ \t]*([0-9]{1,10})(?:[ \t]+|$)/.exec(text)
  if (match === null) return null
  let end = text.length
  while (end > match[0].length && isBlank(text.charCodeAt(end - 1))) end-- // no regular expression: they go back and forth
  return [Number(match[1]), text.slice(match[0].length, end)]
}

const isBlank = (code: number): boolean => code === 32 || code === 9
