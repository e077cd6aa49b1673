// The structured log: one JSON line per event. Control characters are escaped, long values cut, secrets never given; a field
// whose name says that it is one is left out all the same.
import pino from 'pino'
import type { Log, LogLevel } from '../world.ts'
import { clock } from './clock.ts'
import { fieldsText, LogRing, type LogLine, type LogQuery } from './log-ring.ts'

const valueCharsMax = 1024

export type LogOptions = { readonly level: LogLevel; readonly to: 'stdout' | 'stderr' }
/** A log that can be read back, and told how much to write. */
export type LogBook = Log & {
  /** Newest first. */
  recent(query: LogQuery): LogLine[]
  level(): LogLevel
  setLevel(level: LogLevel): void
}

export function nodeLog({ level, to }: LogOptions): LogBook {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' }
  const out = pino(options, pino.destination({ fd: to === 'stdout' ? 1 : 2, sync: true }))
  const ring = new LogRing()
  const say = (at: 'info' | 'warn' | 'error', event: string, fields?: Readonly<Record<string, unknown>>): void => {
    if (!out.isLevelEnabled(at)) return
    const safe = clean(fields)
    out[at](safe, event)
    ring.add({ at: clock.now(), level: at, event, text: fieldsText(safe) })
  }
  return {
    info: (event, fields) => say('info', event, fields),
    warn: (event, fields) => say('warn', event, fields),
    error: (event, fields) => say('error', event, fields),
    recent: (query) => ring.recent(query),
    level: () => out.level as LogLevel, // set by us only
    setLevel: (now) => void (out.level = now),
  }
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

const secretName = /passw|secret|token/i

/** JSON escapes C0 controls; this adds DEL, C1 and the Unicode line and direction marks that a terminal obeys. HDR-08 */
function clean(fields: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const safe: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (secretName.test(name) && typeof value === 'string') safe[name] = 'hidden'
    else if (value instanceof Error) safe[name] = cleanText(value.stack ?? value.message)
    else safe[name] = typeof value === 'string' ? cleanText(value) : value
  }
  return safe
}

// eslint-disable-next-line no-control-regex -- these are the characters to escape
const unsafe = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

function cleanText(text: string): string {
  const cut = text.length > valueCharsMax ? `${text.slice(0, valueCharsMax)}…` : text
  return cut.replace(unsafe, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
