// AUTH PLAIN, LOGIN and SCRAM-SHA-256. RFC 4954, RFC 4616, RFC 5802. Which failure it was is told to the log only.
import { reply, type Reply } from '#/message/reply.ts'
import type { MailboxRow } from '#/storage/store.ts'
import { decodeBase64, encodeBase64 } from '#/wire/base64.ts'
import { decodeSasl, hasControl, parsePlain } from '#/wire/plain.ts'
import { parseClientFirst, serverFirst, verifyClientFinal } from '#/wire/scram.ts'
import type { Line, Session } from '#/wire/session.ts'
import { authBytesMax } from './limits.ts'
import * as ask from './state.ts'
import type { Effect, State } from './state.ts'

const welcome = reply(235, '2.7.0', 'Welcome')
const wrong = reply(535, '5.7.8', 'Name or password is wrong, or this mailbox may not send')
const busy = reply(454, '4.7.0', 'Logins are slowed down at the moment; please try again later')
const cancelled = reply(501, '5.7.0', 'Login cancelled')
const badBase64 = reply(501, '5.5.2', 'This is not base64')
const malformed = reply(501, '5.5.2', 'The login message is malformed')
const tooLong = reply(500, '5.5.6', 'The login message is too long')

type Octets = { readonly ok: true; readonly octets: Buffer } | { readonly ok: false; readonly said: Reply | null }

export function* auth(state: State, args: string): Session<Effect, Reply | null> {
  if (state.client.user !== null) return reply(503, '5.5.1', 'You are signed in already')
  if (!ask.authOffered(state)) return reply(530, '5.7.0', 'Must issue a STARTTLS command first')
  const [mechanism = '', initial, more] = args.split(' ')
  if (mechanism === '' || more !== undefined) return reply(501, '5.5.4', 'The form is AUTH mechanism [initial-response]')
  const run = mechanisms.get(mechanism.toUpperCase())
  if (!run) return reply(504, '5.5.4', 'This way to sign in is not offered here')
  const delay = yield* ask.loginDelay()
  if (delay === 'refuse') return busy
  if (delay > 0) yield { do: 'pause', ms: delay }
  return yield* run(state, initial)
}

type Mechanism = (state: State, initial: string | undefined) => Session<Effect, Reply | null>
const mechanisms: ReadonlyMap<string, Mechanism> = new Map([
  ['PLAIN', plain],
  ['LOGIN', loginMechanism],
  ['SCRAM-SHA-256', scram],
])

function* challenge(state: State, text: string): Session<Effect, Octets> {
  yield { do: 'write', text: `334 ${encodeBase64(text)}\r\n` }
  const { commandMs } = state.settings().mailServer
  const line = (yield { do: 'readLine', timeoutMs: commandMs, lineBytesMax: authBytesMax }) as Line // the driver's answer
  if (line.is === 'too-long') return { ok: false, said: tooLong }
  if (line.is === 'bad-end') return { ok: false, said: malformed }
  if (line.is !== 'line') return { ok: false, said: null }
  return decode(line.text)
}

function decode(text: string): Octets {
  if (text === '*') return { ok: false, said: cancelled }
  const octets = decodeBase64(text)
  return octets ? { ok: true, octets } : { ok: false, said: badBase64 }
}

/** `=` stands for an empty initial response. RFC 4954 §4 */
function* first(state: State, initial: string | undefined): Session<Effect, Octets> {
  if (initial === undefined) return yield* challenge(state, '')
  return decode(initial === '=' ? '' : initial)
}

function* plain(state: State, initial: string | undefined): Session<Effect, Reply | null> {
  const answer = yield* first(state, initial)
  if (!answer.ok) return answer.said
  const message = parsePlain(answer.octets)
  if (!message) return malformed
  if (message.authzid !== '' && message.authzid !== message.name) return wrong
  return yield* check(state, message.name, message.password)
}

function* loginMechanism(state: State, initial: string | undefined): Session<Effect, Reply | null> {
  const name = initial === undefined ? yield* challenge(state, 'Username:') : decode(initial)
  if (!name.ok) return name.said
  const password = yield* challenge(state, 'Password:')
  if (!password.ok) return password.said
  const [nameText, passwordText] = [decodeSasl(name.octets), decodeSasl(password.octets)]
  if (nameText === null || passwordText === null || hasControl(nameText) || nameText === '') return malformed
  return yield* check(state, nameText, passwordText)
}

function* check(state: State, name: string, password: string): Session<Effect, Reply> {
  const result = yield* ask.login(name, password)
  if (result.ok) return signIn(state, result.mailbox)
  return result.why === 'throttled' || result.why === 'busy' ? busy : wrong
}

function signIn(state: State, mailbox: MailboxRow): Reply {
  state.client = { ...state.client, user: mailbox.id, userName: mailbox.name }
  return welcome
}

function* scram(state: State, initial: string | undefined): Session<Effect, Reply | null> {
  const answer = yield* first(state, initial)
  if (!answer.ok) return answer.said
  const client = parseClientFirst(decodeSasl(answer.octets) ?? '')
  if (!client) return malformed
  const { keys, mailbox, nonce } = yield* ask.scramKeys(client.name)
  const challengeText = serverFirst(client, nonce, keys)
  const final = yield* challenge(state, challengeText)
  if (!final.ok) return final.said
  const proof = verifyClientFinal(decodeSasl(final.octets) ?? '', { client, first: challengeText, keys })
  const ok = proof !== null && mailbox !== null
  yield { do: 'noteScram', name: client.name, ok }
  if (!ok) return wrong
  const empty = yield* challenge(state, proof)
  if (!empty.ok) return empty.said
  return signIn(state, mailbox)
}
