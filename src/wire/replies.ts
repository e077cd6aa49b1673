// Reads the replies of a server, for clients: one or many lines, bounded in lines, octets and time. What is no reply is
// told as garbage, never guessed at. RFC 5321 §4.2
import { cutText, readable } from '#/message/printable.ts'
import { reply, type Reply } from '#/message/reply.ts'
import type { Instant } from '#/world/world.ts'
import type { ClientWireEffect, Line, Session, WireEffect } from './session.ts'

/** By the first digit, which decides when a code is unknown: 2, 3, 4 or 5. RFC 5321 §4.2.1 */
export type RawReply = {
  readonly is: 'good' | 'goAhead' | 'refused'
  readonly code: number
  readonly lines: readonly string[] // latin1
}
export type ReplyResult = RawReply | { readonly is: 'closed' } | { readonly is: 'timeout' } | { readonly is: 'garbage' }

const replyBytesMax = 65_536 // RFC 5321 §4.5.3.1.5: at least 512 a line
const replyLinesMax = 100 // no RFC
const storedCharsMax = 1024 // no RFC: what a delivery remembers of a reply, in UTF-16 units

const form = /^([2-5][0-9][0-9])(?:([ -])([^]*))?$/ // a code alone is a reply: RFC 5321 §4.2

/** The first line may take `timeoutMs`, all that follow as long again: a slow dripper gains nothing. OUT-01 */
export function* readReply(timeoutMs: number): Session<WireEffect | ClientWireEffect, ReplyResult> {
  const lines: string[] = []
  let [code, bytes, restMs, until] = ['', 0, timeoutMs, 0]
  for (;;) {
    const line = (yield { do: 'readLine', timeoutMs: restMs, lineBytesMax: replyBytesMax }) as Line // what the driver answers
    if (line.is === 'closed' || line.is === 'timeout') return line
    const [, digits, sign, text = ''] = (line.is === 'line' && form.exec(line.text)) || []
    bytes += text.length
    if (digits === undefined || (code !== '' && digits !== code)) return { is: 'garbage' } // one code in all lines: OUT-02
    if (lines.push(text) > replyLinesMax || bytes > replyBytesMax) return { is: 'garbage' }
    code = digits
    if (sign !== '-') return { is: kindOf(Number(code)), code: Number(code), lines }
    const now = (yield { do: 'now' }) as Instant // what the driver answers
    if (lines.length === 1) until = now + timeoutMs
    restMs = until - now
    if (restMs <= 0) return { is: 'timeout' }
  }
}

const kindOf = (code: number): RawReply['is'] => (code < 300 ? 'good' : code < 400 ? 'goAhead' : 'refused')

/** As it is stored and quoted: text for people, at most 1,024 characters. The enhanced code stands apart when its class agrees; one
 *  that contradicts stays in the text, because the basic code decides. RFC 3463 §2, RO-20 */
export function storedReply({ code, lines }: RawReply): Reply {
  const status = /^([245])\.[0-9]{1,3}\.[0-9]{1,3}(?= |$)/.exec(lines[0] ?? '')
  const agrees = status !== null && Number(status[1]) === Math.trunc(code / 100)
  const prefix = agrees ? status[0] : null
  let left = storedCharsMax
  const kept: string[] = []
  for (const line of lines) {
    const said = prefix !== null && line.startsWith(prefix) ? line.slice(prefix.length + 1) : line
    const text = readable(said, storedCharsMax + 4) // too long stays longer than what is left, wherever it is cut
    if (text.length > left) {
      kept.push(cutText(text, left))
      break
    }
    kept.push(text)
    left -= text.length
  }
  return reply(code, prefix, ...kept)
}
