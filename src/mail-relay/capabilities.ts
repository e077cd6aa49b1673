// What a host offers in its answer to EHLO. Pure; used by session.ts. RFC 5321 §4.1.1.1
import { sizeDigitsMax } from './limits.ts'

export type Capabilities = {
  readonly startTls: boolean
  readonly pipelining: boolean
  readonly eightBitMime: boolean
  readonly smtputf8: boolean
  readonly dsn: boolean
  readonly size: boolean
  readonly sizeBytesMax: number | null // null: none told, or nonsense. RFC 1870 §4: 0 is no limit
  readonly auth: ReadonlySet<string>
}

export const nothingOffered: Capabilities = parseCapabilities([])

/** `lines` are those of the reply; the first is a greeting and offers nothing. */
export function parseCapabilities(lines: readonly string[]): Capabilities {
  const offered = new Map<string, readonly string[]>()
  for (const line of lines.slice(1)) {
    const [keyword, ...parameters] = line.toUpperCase().split(/[ =]+/) // AUTH=PLAIN is an old way to write it
    offered.set(keyword!, [...(offered.get(keyword!) ?? []), ...parameters])
  }
  return {
    startTls: offered.has('STARTTLS'),
    pipelining: offered.has('PIPELINING'),
    eightBitMime: offered.has('8BITMIME'),
    smtputf8: offered.has('SMTPUTF8'),
    dsn: offered.has('DSN'),
    size: offered.has('SIZE'),
    sizeBytesMax: sizeOf(offered.get('SIZE')?.[0]),
    auth: new Set(offered.get('AUTH')),
  }
}

function sizeOf(text: string | undefined): number | null {
  if (text === undefined || text.length > sizeDigitsMax || !/^[0-9]+$/.test(text)) return null
  return Number(text) === 0 ? null : Number(text)
}
