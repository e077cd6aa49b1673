// One end of a conversation in lines, written down as it goes: of a pretend server or of a pretend mail program.
import { LineReader } from '#/wire/lines.ts'
import type { Clock, Connection } from '#/world/world.ts'
import { lineBytesMax, patienceMs } from './limits.ts'
import type { Scribe } from './transcript.ts'

type Side = 'client' | 'server'
const otherSide: Readonly<Record<Side, Side>> = { client: 'server', server: 'client' }

export class Talk {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #scribe: Scribe
  readonly #side: Side
  readonly #reader = new LineReader()

  constructor(connection: Connection, { side, clock, scribe }: { side: Side; clock: Clock; scribe: Scribe }) {
    this.#connection = connection
    this.#clock = clock
    this.#scribe = scribe
    this.#side = side
  }

  /** The other side's next line; null when it has gone, is silent, or says what is no line. */
  async line(): Promise<string | null> {
    for (;;) {
      const line = this.#reader.next(lineBytesMax)
      if (line?.is === 'line') {
        this.#scribe.write(otherSide[this.#side], line.text)
        return line.text
      }
      if (line !== undefined) return null
      const octets = await this.#connection.read(this.#clock.now() + patienceMs)
      if (octets === null || octets === 'timeout') return null
      this.#reader.push(octets)
    }
  }

  async say(...lines: readonly string[]): Promise<void> {
    for (const line of lines) this.#scribe.write(this.#side, line)
    await this.#connection.write(lines.map((line) => `${line}\r\n`).join(''))
  }

  /** Lines up to a dot, unstuffed. RFC 5321 §4.5.2, RFC 1939 §3 */
  async untilDot(): Promise<string[]> {
    const lines: string[] = []
    for (let line = await this.line(); line !== null && line !== '.'; line = await this.line())
      lines.push(line.startsWith('.') ? line.slice(1) : line)
    return lines
  }

  end(): void {
    this.#connection.end()
  }
}
