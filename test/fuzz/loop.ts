// A loop that learns: inputs that reach code not reached before join the corpus, and new inputs are made from it.
// What was reached is told by the engine's own precise coverage, also how often in powers of two.
import { Session, type Profiler } from 'node:inspector'

/** Throws when the input shows a bug. */
export type Target = (input: Buffer) => unknown
export type Fuzzed = {
  readonly runs: number
  readonly corpus: number
  readonly crash: { input: Buffer; error: unknown } | null
}
export type Random = (below: number) => number

/** A small generator, so that a seed repeats a run. */
export function seeded(seed: number): Random {
  let state = seed >>> 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

class Coverage implements Disposable {
  readonly #session = new Session()
  readonly #seen = new Set<string>()

  constructor() {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** Whether anything was reached since the last question that never was before. */
  isNew(): boolean {
    let scripts: Profiler.ScriptCoverage[] = []
    this.#session.post('Profiler.takePreciseCoverage', (_error, { result }) => (scripts = result))
    const before = this.#seen.size
    for (const { url, functions } of scripts.filter((script) => script.url.includes('/src/')))
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges)
          this.#seen.add(`${url}:${startOffset}-${endOffset}:${Math.ceil(Math.log2(count + 1))}`)
    return this.#seen.size > before
  }

  [Symbol.dispose](): void {
    this.#session.disconnect()
  }
}

const tokens = [
  '\r\n',
  '\n',
  '\r',
  '.',
  '\r\n.\r\n',
  '\0',
  '<',
  '>',
  '"',
  '\\',
  '@',
  ':',
  ' ',
  '=',
  ',',
  '\xff',
  '\xc3\xa4',
]

export function mutate(input: Buffer, other: Buffer, random: Random): Buffer {
  const at = random(input.length + 1)
  const to = Math.min(input.length, at + random(16))
  const [head, tail] = [input.subarray(0, at), input.subarray(at)]
  switch (random(6)) {
    case 0:
      return Buffer.concat([head, Buffer.of(random(256)), input.subarray(Math.min(at + 1, input.length))])
    case 1:
      return Buffer.concat([head, input.subarray(to)])
    case 2:
      return Buffer.concat([head, Buffer.from(tokens[random(tokens.length)] ?? '', 'latin1'), tail])
    case 3:
      return Buffer.concat([input.subarray(0, to), tail]) // some octets twice
    case 4:
      return Buffer.concat([head, other.subarray(random(other.length + 1))])
    default:
      return Buffer.concat([head, Buffer.alloc(random(600), input[at] ?? 97), tail])
  }
}

export async function fuzz(
  target: Target,
  { seeds, ms, seed }: { seeds: readonly string[]; ms: number; seed: number },
): Promise<Fuzzed> {
  using coverage = new Coverage()
  const random = seeded(seed)
  const corpus: Buffer[] = seeds.map((text) => Buffer.from(text, 'latin1'))
  const pick = (): Buffer => corpus[random(corpus.length)] ?? Buffer.alloc(0)
  let runs = 0
  for (const stopAt = Date.now() + ms; Date.now() < stopAt; runs++) {
    let input = runs < seeds.length ? Buffer.from(corpus[runs] ?? '') : pick()
    if (runs >= seeds.length) for (let i = random(4); i >= 0; i--) input = mutate(input, pick(), random)
    try {
      await target(input.subarray(0, 8192))
    } catch (error) {
      return { runs, corpus: corpus.length, crash: { input, error } }
    }
    if (coverage.isNew()) corpus.push(input)
  }
  return { runs, corpus: corpus.length, crash: null }
}
