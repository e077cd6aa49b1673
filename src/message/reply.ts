// A reply is a value: composed anywhere, written to a socket in one place, stored with a delivery, quoted in a notice.
import assert from 'node:assert'
import { harmless, printable } from './printable.ts'

export type Reply = {
  readonly code: number // RFC 5321 §4.2
  readonly status: string | null // RFC 3463 §2; null where RFC 2034 §4 forbids one
  readonly lines: readonly string[]
}

/** @throws AssertionError when the status class contradicts the code: `reply(250, '5.1.1', …)` is our bug. */
export function reply(code: number, status: string | null, ...lines: string[]): Reply {
  assert(status === null || Number(status[0]) === Math.trunc(code / 100))
  assert(lines.length > 0 && lines.every((line) => !/[\r\n]/.test(line)))
  return { code, status, lines }
}

/** The text that goes to the client, each line ended by CRLF. RFC 5321 §4.2.1. ASCII only: connections write latin1, which
 *  would make a CR of U+010D. HDR-11 */
export const formatReply = (reply: Reply): string => `${written(reply, printable)}\r\n`

/** The same for people, in traces and lists: every letter is kept, and no line end at its end. Never for a socket. */
export const replyText = (reply: Reply): string => written(reply, harmless).trimEnd()

function written({ code, status, lines }: Reply, cleaned: (line: string) => string): string {
  const prefix = status === null ? '' : `${status} `
  const last = lines.length - 1
  let text = ''
  for (let i = 0; i < last; i++) text += `${code}-${prefix}${cleaned(lines[i]!)}\r\n`
  return `${text}${code} ${prefix}${cleaned(lines[last]!)}`
}

export const isAccepted = (r: Reply): boolean => r.code < 400
export const isTemporary = (r: Reply): boolean => r.code >= 400 && r.code < 500
export const isPermanent = (r: Reply): boolean => r.code >= 500
