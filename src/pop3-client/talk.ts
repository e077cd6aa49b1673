// Saying and hearing: one command out, one status line or a list in, noted with secrets masked. Used by session.ts and its
// parts. RFC 1939 §3
import assert from 'node:assert'
import type { Line } from '#/wire/session.ts'
import type { Instant } from '#/world/world.ts'
import { linesAtOnce } from './limits.ts'
import type { Running, Talk } from './session-types.ts'
import { quote } from './troubles.ts'

/** `challenge`: the server asks for more. RFC 5034 §4 */
export type Said = { readonly is: 'ok' | 'refused' | 'challenge'; readonly text: string }
export type Nothing = 'closed' | 'timeout' | 'garbage'
export type Heard = Said | { readonly is: Nothing }

/** Sent at the latest before the next reply is waited for: commands said in a row travel together. RFC 2449 §6.8 */
export function* say(talk: Talk, command: string, shown = command): Running<void> {
  assert(!/[\r\n\0]/.test(command)) // it is one command
  talk.plan.note?.(`C: ${quote(talk, shown)}`)
  yield { do: 'write', text: `${command}\r\n` }
}

export function* hear(talk: Talk, timeoutMs: number): Running<Heard> {
  const { plan } = talk
  const line = (yield { do: 'readLine', timeoutMs, lineBytesMax: plan.lineBytesMax }) as Line // what the driver answers
  const heard = statusOf(line)
  if (!('text' in heard)) talk.over = true
  plan.note?.(`S: ${'text' in heard ? `${signs[heard.is]} ${quote(talk, heard.text)}`.trimEnd() : `<${heard.is}>`}`)
  return heard
}

const signs = { ok: '+OK', refused: '-ERR', challenge: '+' } as const

/** What is no status line is never quoted: it may be the words of another service. P3C-10 */
function statusOf(line: Line): Heard {
  if (line.is === 'closed' || line.is === 'timeout') return line
  const [, sign, text = ''] = (line.is === 'line' && form.exec(line.text)) || []
  if (sign === undefined) return { is: 'garbage' }
  return { is: sign === '+' ? 'challenge' : sign[0] === '+' ? 'ok' : 'refused', text }
}
const form = /^(\+OK|-ERR|\+)(?:[ \t]+([^]*))?$/i

export function* ask(talk: Talk, command: string, timeoutMs: number): Running<Heard> {
  yield* say(talk, command)
  return yield* hear(talk, timeoutMs)
}

/** The lines of a list until its dot, one call each. */
export function* eachLine(
  talk: Talk,
  { linesMax, timeoutMs }: { linesMax: number; timeoutMs: number },
  take: (line: Line) => void,
): Running<Nothing | 'end'> {
  const { lineBytesMax } = talk.plan
  let until = 0
  for (let count = 0; count <= linesMax; count++) {
    const now = (yield { do: 'now' }) as Instant // what the driver answers
    if (count % linesAtOnce === 0) until = now + timeoutMs
    const line = (yield { do: 'readLine', timeoutMs: until - now, lineBytesMax }) as Line // likewise
    if (line.is === 'line' && line.text === '.') return 'end'
    if (line.is === 'closed' || line.is === 'timeout') return line.is
    if (line.is === 'endless') return 'garbage'
    take(line)
  }
  return 'garbage'
}
