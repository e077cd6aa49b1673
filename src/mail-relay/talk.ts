// Saying and hearing: one command out, one reply in, both noted with secrets masked. Used by session.ts and its parts.
import assert from 'node:assert'
import { reply, type Reply } from '#/message/reply.ts'
import { readReply, storedReply, type ReplyResult } from '#/wire/replies.ts'
import { trouble } from './answers.ts'
import type { Running, SessionFailure, Stage, Talk } from './session-types.ts'

/** Sent at the latest before the next reply is waited for: commands said in a row travel together. RFC 2920 §3.1 */
export function* say({ plan }: Talk, command: string, shown = command): Running<void> {
  yield { do: 'write', text: lineOf(plan, command, shown) }
}

/** A pipelined group, in one write. */
export function* sayTogether({ plan }: Talk, commands: readonly string[]): Running<void> {
  yield { do: 'write', text: commands.map((command) => lineOf(plan, command)).join('') }
}

/** A command as it is written, noted as it is shown. */
function lineOf({ note: write }: Talk['plan'], command: string, shown = command): string {
  assert(!/[\r\n\0]/.test(command)) // whatever an address holds, it is one command
  write?.(`C: ${shown}`)
  return `${command}\r\n`
}

/** A 421 is a reply and a goodbye. RFC 5321 §3.8 */
export function* hear(talk: Talk, timeoutMs: number): Running<ReplyResult> {
  const answer = yield* readReply(timeoutMs)
  if (!('code' in answer) || answer.code === 421) talk.over = true
  if (talk.plan.note) note(talk.plan.note, answer)
  return answer
}

function note(write: (line: string) => void, answer: ReplyResult): void {
  if (!('code' in answer)) return write(`S: <${answer.is}>`)
  const { code, status, lines } = storedReply(answer)
  for (const [i, line] of lines.entries())
    write(`S: ${code}${i < lines.length - 1 ? '-' : ' '}${status === null ? '' : `${status} `}${line}`)
}

export function* ask(talk: Talk, command: string, timeoutMs: number): Running<ReplyResult> {
  yield* say(talk, command)
  return yield* hear(talk, timeoutMs)
}

/** What a delivery remembers of an answer: the host's words, or ours for what was no fitting reply. */
export function wordsOf({ plan }: Talk, stage: Stage, answer: ReplyResult): { reply: Reply; fromRemote: boolean } {
  if (answer.is === 'refused') return { reply: storedReply(answer), fromRemote: true }
  return { reply: trouble(plan.host, stage, answer.is), fromRemote: false }
}

type Extras = Partial<Pick<SessionFailure, 'retryInClear' | 'retryWithHelo' | 'authRefused' | 'loop'>>
const noExtras = { retryInClear: false, retryWithHelo: false, authRefused: false, loop: false }

export function failure(
  stage: Stage,
  words: { reply: Reply; fromRemote: boolean },
  extras: Extras = {},
): SessionFailure {
  return { is: 'failed', stage, ...words, ...noExtras, ...extras }
}

export const own = (said: Reply): { reply: Reply; fromRemote: boolean } => ({ reply: said, fromRemote: false })
export const broke = own(reply(451, '4.3.0', 'The delivery was broken off by an error here'))
