// The last lines of the log in memory, for people who look at it in a browser. Filled by log.ts with texts that are safe
// to show already; bounded in number, and each line in length.
import type { Instant, LogLevel } from '../world.ts'

export const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']
export const linesMax = 5000

export type LogLine = {
  readonly n: number
  readonly at: Instant
  readonly level: LogLevel
  readonly event: string
  readonly text: string // `name=value` of each field
}
export type LogQuery = {
  /** This level and those above it. */
  readonly level?: LogLevel | undefined
  /** In the event or the text, without case. */
  readonly text?: string | undefined
  /** Only lines before this one. */
  readonly before?: number | undefined
  readonly limit: number
}

export class LogRing {
  readonly #lines: (LogLine | undefined)[] = Array.from({ length: linesMax })
  #next = 0

  add(line: Omit<LogLine, 'n'>): void {
    this.#lines[this.#next % linesMax] = { n: this.#next, ...line }
    this.#next++
  }

  /** Newest first. */
  recent({ level = 'debug', text = '', before = this.#next, limit }: LogQuery): LogLine[] {
    const wanted = text.toLowerCase()
    const found: LogLine[] = []
    const oldest = Math.max(0, this.#next - linesMax)
    for (let n = Math.min(before, this.#next) - 1; n >= oldest && found.length < limit; n--) {
      const line = this.#lines[n % linesMax]!
      if (levels.indexOf(line.level) >= levels.indexOf(level) && holds(line, wanted)) found.push(line)
    }
    return found
  }
}

const holds = ({ event, text }: LogLine, wanted: string): boolean =>
  wanted === '' || event.toLowerCase().includes(wanted) || text.toLowerCase().includes(wanted)

/** One line of a file: its time stands in front. */
export const lineText = ({ at, level, event, text }: LogLine): string =>
  `${new Date(at).toISOString()} ${level.padEnd(5)} ${event}${text === '' ? '' : ` ${text}`}`

/** `client=192.0.2.1 name="ann other"` */
export const fieldsText = (fields: Readonly<Record<string, unknown>>): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(' ')

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return /^[!#-<>-[\]-~\u00a1-\uffff]+$/.test(text) ? text : JSON.stringify(text) // C0 controls are escapes in it
}
