// mbox, both ways, of the kind mboxrd: a line `From ` between messages, a `>` before every line of a message that could be taken
// for one, and one `>` taken off again. Streams; what was not quoted by these rules is not touched. RFC 4155
import { asctime, fromAsctime } from './times.ts'
import { isBlank, linesOf, withCrlf, type Line } from './lines.ts'
import type { Archive, ArchiveEvent, Chunks } from './types.ts'

/** A line between messages tells a time; a sentence that begins with From seldom does. */
const separator = /^From .*[0-9]{1,2}:[0-9]{2}.* [0-9]{4}/
const quoted = /^>+From /

const textOf = ({ octets }: Line): string => octets.toString('latin1', 0, 200)

export async function* readMbox(chunks: Chunks): Archive {
  const reader = new MboxReader()
  for await (const lines of linesOf(chunks)) yield* reader.take(lines)
  yield* reader.end()
}

class MboxReader {
  #count = 0
  #open = false
  #keepsCrlf = false
  #strange = false
  /** An empty line before the next separator belongs to the mbox, not to the message. */
  #blank: Line | null = null
  #afterBlank = true

  take(lines: readonly Line[]): ArchiveEvent[] {
    const events: ArchiveEvent[] = []
    let octets: Buffer[] = []
    const flush = (): void => {
      if (octets.length > 0) events.push({ is: 'octets', octets: Buffer.concat(octets) })
      octets = []
    }
    for (const line of lines) {
      if (this.#isSeparator(line)) {
        flush()
        events.push(...this.#next(line))
      } else if (this.#open) octets.push(...this.#content(line))
      else if (!isBlank(line) && !this.#strange) events.push(this.#notAnMbox())
    }
    flush()
    return events
  }

  end = (): ArchiveEvent[] => (this.#open ? [{ is: 'end' }] : [])

  #isSeparator(line: Line): boolean {
    const { octets, begins } = line
    return begins && this.#afterBlank && octets[0] === 70 && octets[4] === 32 && separator.test(textOf(line)) // F, blank
  }

  #next(line: Line): ArchiveEvent[] {
    const ended = this.end()
    ;[this.#open, this.#blank, this.#afterBlank] = [true, null, false]
    this.#keepsCrlf = line.octets.at(-2) === 13
    return [...ended, { is: 'begin', name: `message ${++this.#count}`, at: fromAsctime(textOf(line)), seen: false }]
  }

  #content(line: Line): Buffer[] {
    const before = this.#blank === null ? [] : this.#lineEnds(this.#blank)
    this.#blank = isBlank(line) ? line : null
    this.#afterBlank = this.#blank !== null
    return this.#blank === null ? [...before, ...this.#lineEnds(unquoted(line))] : before
  }

  /** In an mbox whose own lines end in CRLF the messages are as they came. */
  #lineEnds = (line: Line): Buffer[] => (this.#keepsCrlf ? [line.octets] : withCrlf(line))

  #notAnMbox(): ArchiveEvent {
    this.#strange = true
    return { is: 'skipped', name: 'the beginning', why: 'It stands before the first line "From "' }
  }
}

const unquoted = (line: Line): Line =>
  line.begins && line.octets[0] === 62 && quoted.test(textOf(line))
    ? { ...line, octets: line.octets.subarray(1) }
    : line

export type Outgoing = { readonly sender: string; readonly at: number; readonly chunks: Chunks }

/** One message as it stands in an mbox, the empty line behind it included. */
export async function* writeMbox({ sender, at, chunks }: Outgoing): AsyncGenerator<Uint8Array> {
  const path = /^[!-~]{1,320}$/.test(sender) ? sender : 'MAILER-DAEMON'
  yield Buffer.from(`From ${path} ${asctime(at)}\r\n`)
  let last: Buffer = Buffer.from('\n')
  for await (const lines of linesOf(chunks)) {
    if (lines.length === 0) continue
    last = lines.at(-1)!.octets
    yield Buffer.concat(lines.flatMap((line) => (mustQuote(line) ? [mark, line.octets] : [line.octets])))
  }
  yield Buffer.from(last.at(-1) === 10 ? '\r\n' : '\r\n\r\n')
}

const mark = Buffer.from('>')
const mustQuote = (line: Line): boolean =>
  line.begins && (line.octets[0] === 62 || line.octets[0] === 70) && /^>*From /.test(textOf(line))
