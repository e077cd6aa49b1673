// AUTH of the client: runs a mechanism of wire/sasl-client.ts over 334 challenges. Used by session.ts. Never shows a secret
// where somebody can listen, unless the operator allowed it. RFC 4954
import { decodeBase64, encodeBase64 } from '#/wire/base64.ts'
import type { ReplyResult } from '#/wire/replies.ts'
import { advance, chooseMechanism } from '#/wire/sasl-client.ts'
import { ours } from './answers.ts'
import { commandBytesMax } from './limits.ts'
import type { Running, SessionFailure, Talk } from './session-types.ts'
import { ask, failure, hear, own, say, wordsOf } from './talk.ts'

export function* signIn(talk: Talk): Running<SessionFailure | null> {
  const { plan, offers, tls } = talk
  if (plan.credentials === null) return null
  const secure = plan.plainAuthAllowed || tls?.verified === true
  const mechanism = chooseMechanism(offers.auth, plan.credentials, { secure })
  if (!mechanism) return failure('auth', own(ours.noMechanism(plan.host)), { authRefused: true })
  const exchange = mechanism.begin(plan.nonce)
  let message = yield* advance(exchange)
  let answer = yield* begin(talk, mechanism.name, message?.say ?? null)
  while (answer.is === 'goAhead') {
    const challenge = decodeBase64(answer.lines[0] ?? '')
    message = challenge && (yield* advance(exchange, challenge)) // every exchange has an end, whoever asks for more. OUT-11
    if (message === null) return yield* giveUp(talk)
    answer = yield* answerSecretly(talk, encodeBase64(message.say ?? ''))
  }
  if (answer.is === 'good') return message?.mayEnd ? null : yield* giveUp(talk)
  const refused = answer.is === 'refused' && answer.code >= 500
  return failure('auth', wordsOf(talk, 'auth', answer), { authRefused: refused }) // RO-27
}

/** The first message travels with the command when it fits into a command line. RFC 4954 §4 */
function* begin(talk: Talk, name: string, first: string | null): Running<ReplyResult> {
  const { commandMs } = talk.plan.times
  const text = first === null ? null : encodeBase64(first) || '='
  if (text !== null && text.length + name.length + 8 <= commandBytesMax) {
    yield* say(talk, `AUTH ${name} ${text}`, `AUTH ${name} ***`)
    return yield* hear(talk, commandMs)
  }
  const answer = yield* ask(talk, `AUTH ${name}`, commandMs)
  return text !== null && answer.is === 'goAhead' ? yield* answerSecretly(talk, text) : answer
}

function* answerSecretly(talk: Talk, text: string): Running<ReplyResult> {
  yield* say(talk, text, '***')
  return yield* hear(talk, talk.plan.times.commandMs)
}

/** A host that cannot prove itself, or asks for ever. The account is not to blame, but the route must not be used. OUT-11 */
function* giveUp(talk: Talk): Running<SessionFailure> {
  if (!talk.over) yield* say(talk, '*')
  talk.over = true
  return failure('auth', own(ours.notGenuine(talk.plan.host)), { authRefused: true })
}
