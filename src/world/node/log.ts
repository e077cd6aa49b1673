// The structured log: one JSON line per event. Control characters are escaped, long values cut, secrets never given.
import pino from 'pino'
import type { Log } from '../world.ts'

const valueCharsMax = 1024

export type LogOptions = { readonly level: string; readonly to: 'stdout' | 'stderr' }

export function nodeLog({ level, to }: LogOptions): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' }
  const out = pino(options, pino.destination({ fd: to === 'stdout' ? 1 : 2, sync: true }))
  return {
    info: (event, fields) => out.info(clean(fields), event),
    warn: (event, fields) => out.warn(clean(fields), event),
    error: (event, fields) => out.error(clean(fields), event),
  }
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** JSON escapes C0 controls; this adds DEL, C1 and the Unicode line and direction marks that a terminal obeys. HDR-08 */
function clean(fields: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const safe: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (value instanceof Error) safe[name] = cleanText(value.stack ?? value.message)
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
