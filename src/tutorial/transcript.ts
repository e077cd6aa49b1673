// What two programs said to each other, line by line, with the time since the connection was made. Written by talk.ts, shown
// by the tutorial. A password is never in it.
import type { Transcript } from '#/operations/tutorial.ts'
import type { Clock } from '#/world/world.ts'
import { lineCharsMax, linesMax } from './limits.ts'

export type Between = Pick<Transcript, 'protocol' | 'client' | 'server'>
export type Speaker = Transcript['lines'][number]['by']

/** One conversation under way. */
export class Scribe {
  readonly transcript: Transcript
  readonly #clock: Clock
  readonly #begunAt: number

  constructor(between: Between, clock: Clock) {
    this.transcript = { ...between, lines: [] }
    this.#clock = clock
    this.#begunAt = clock.now()
  }

  write(by: Speaker, line: string): void {
    const { lines } = this.transcript
    if (lines.length >= linesMax) return
    lines.push({ afterMs: this.#clock.now() - this.#begunAt, by, text: withoutSecret(line).slice(0, lineCharsMax) })
  }
}

const withoutSecret = (line: string): string => (/^PASS /i.test(line) ? 'PASS (password hidden)' : line)

/** Keeps the conversations of a step until they are taken. */
export class Recorder {
  readonly #clock: Clock
  #kept: Transcript[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  begin(between: Between): Scribe {
    const scribe = new Scribe(between, this.#clock)
    this.#kept.push(scribe.transcript)
    return scribe
  }

  /** In the order in which they began; those without a line are left out. */
  take(): Transcript[] {
    const taken = this.#kept.filter(({ lines }) => lines.length > 0)
    this.#kept = []
    return taken
  }
}
