// The login: a SASL mechanism of wire/sasl-client.ts, USER and PASS, or APOP. Used by session.ts. Never shows a secret where
// somebody can listen, unless the account allows it. RFC 1939 §7, RFC 5034, PC-02
import { createHash } from 'node:crypto'
import { utf8Octets } from '#/message/address.ts'
import { decodeBase64, encodeBase64 } from '#/wire/base64.ts'
import { advance, chooseMechanism, type Mechanism } from '#/wire/sasl-client.ts'
import type { RemoteTrouble } from './box.ts'
import { challengesMax, commandBytesMax, secretCharsMin } from './limits.ts'
import type { Running, Talk } from './session-types.ts'
import { ask, hear, say, type Heard } from './talk.ts'
import { kindOf, trouble, troubleOf } from './troubles.ts'

type Outcome = RemoteTrouble | null // null: signed in

export function* signIn(talk: Talk): Running<Outcome> {
  const { plan, offers, tls } = talk
  const { credentials } = plan
  const secure = plan.plainAuthAllowed || (tls !== null && (tls.verified || plan.anyCertificate))
  const mechanism = chooseMechanism(offers.sasl, credentials, { secure })
  if (mechanism) return yield* sasl(talk, mechanism)
  if (!('password' in credentials))
    return secure ? trouble('permanent', `${plan.host} offers no sign-in with tokens`) : unsafe(talk)
  const { user, password } = credentials
  if (/[\r\n\0]/.test(user + password))
    return trouble('auth', 'The name or the password holds a line end, which POP3 cannot carry')
  if (secure) return yield* userAndPass(talk, credentials)
  if (talk.timestamp === null || tls !== null) return unsafe(talk)
  return yield* apop(talk, { user, digest: md5(talk.timestamp + password) }) // what listens may guess on it. P3C-13
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

function unsafe({ plan, tls }: Talk): RemoteTrouble {
  const why = tls === null ? 'there is no TLS' : `its certificate proves nothing: ${tls.why ?? ''}`
  return trouble(
    'tls',
    `${plan.host} offers no sign-in that keeps the secret from others on the way, and ${why.slice(0, 200)}`,
  )
}

function* userAndPass(talk: Talk, { user, password }: { user: string; password: string }): Running<Outcome> {
  const answer = yield* ask(talk, `USER ${utf8Octets(user)}`, talk.plan.times.replyMs)
  if (answer.is !== 'ok') return troubleOf(talk, { at: 'the user name' }, answer)
  return settled(talk, yield* askSecretly(talk, `PASS ${utf8Octets(password)}`, 'PASS ***'))
}

function* apop(talk: Talk, { user, digest }: { user: string; digest: string }): Running<Outcome> {
  return settled(talk, yield* askSecretly(talk, `APOP ${utf8Octets(user)} ${digest}`, 'APOP ***'))
}

function* askSecretly(talk: Talk, command: string, shown = '***'): Running<Heard> {
  const secret = command.slice(command.lastIndexOf(' ') + 1)
  if (secret.length >= secretCharsMin) talk.secrets.push(secret)
  yield* say(talk, command, shown)
  return yield* hear(talk, talk.plan.times.loginReplyMs)
}

/** Some servers say no by hanging up. PC-04 */
function settled(talk: Talk, answer: Heard, plain: 'refused' | 'auth' = 'refused'): Outcome {
  if (answer.is === 'ok') return null
  const { host } = talk.plan
  if (answer.is === 'closed') return trouble('refused', `${host} closed the connection at the password`)
  return troubleOf(talk, { at: 'the login', plain }, answer)
}

function* sasl(talk: Talk, mechanism: Mechanism): Running<Outcome> {
  const exchange = mechanism.begin(talk.plan.nonce)
  const isToken = 'accessToken' in talk.plan.credentials
  let message = yield* advance(exchange)
  let answer = yield* begin(talk, mechanism.name, message?.say ?? null)
  let challenges = 0
  for (; answer.is === 'challenge'; challenges++) {
    const challenge = decodeBase64(answer.text)
    message = challenge && challenges < challengesMax ? yield* advance(exchange, challenge) : null
    if (message === null) return yield* giveUp(talk)
    answer = yield* askSecretly(talk, encodeBase64(message.say ?? ''))
  }
  if (answer.is === 'ok' && !message?.mayEnd) return yield* giveUp(talk)
  // A server that explains its no to a token has read it: another try cannot help. RFC 7628 §3.2.3
  return settled(talk, answer, isToken && challenges > 0 ? 'auth' : 'refused')
}

/** The first message travels with the command when it fits into a command line. Some servers take tokens in no other way
 *  than behind a challenge, and say -ERR to the first. RFC 5034 §4, PC-02 */
function* begin(talk: Talk, name: string, first: string | null): Running<Heard> {
  const command = `AUTH ${name}`
  if (first === null) return yield* ask(talk, command, talk.plan.times.replyMs)
  const text = encodeBase64(first) || '='
  if (command.length + text.length + 3 <= commandBytesMax) {
    const answer = yield* askSecretly(talk, `${command} ${text}`, `${command} ***`)
    const again = answer.is === 'refused' && kindOf(answer.text) === null && 'accessToken' in talk.plan.credentials
    if (!again) return answer
  }
  const answer = yield* ask(talk, command, talk.plan.times.replyMs)
  return answer.is === 'challenge' ? yield* askSecretly(talk, text) : answer
}

/** A server that cannot prove itself, or asks for ever. */
function* giveUp(talk: Talk): Running<RemoteTrouble> {
  const { host } = talk.plan
  if (!talk.over) yield* say(talk, '*')
  talk.over = true
  return trouble('permanent', `${host} did not prove that it knows the account, or broke off the sign-in`)
}
