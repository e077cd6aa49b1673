// AUTH PLAIN, LOGIN and SCRAM-SHA-256. RFC 4954, RFC 4616, RFC 5802
import { formatReply, reply, type Reply } from '#/message/reply.ts'
import type { LoginResult } from '#/accounts/types.ts'
import type { MailboxRow } from '#/storage/store.ts'
import { decodeBase64, encodeBase64 } from '#/wire/base64.ts'
import { decodeSasl, hasControl, parsePlain } from '#/wire/plain.ts'
import { parseClientFirst, serverFirst, verifyClientFinal } from '#/wire/scram.ts'
import type { Line, Session } from '#/wire/session.ts'
import { authLineBytesMax } from './limits.ts'
import { said } from './replies.ts'
import { mayAuthenticate, type Effect, type Outcome, type Running, type ScramStart, type State } from './state.ts'

type Mechanism = (state: State, initial: string | undefined) => Running

const mechanisms: ReadonlyMap<string, Mechanism> = new Map([
  ['PLAIN', plain],
  ['LOGIN', login],
  ['SCRAM-SHA-256', scram],
])

export function* auth(state: State, argument: string): Running {
  const { client } = state
  if (client.protocol === 'SMTP') return said.notOffered
  if (client.user !== null) return said.authTwice
  if (state.from !== undefined) return said.authInMail
  if (!mayAuthenticate(state)) return said.tlsFirst
  const [name, initial, more] = argument.split(' ')
  if (!name || more !== undefined) return said.authSyntax
  const mechanism = mechanisms.get(name.toUpperCase())
  if (!mechanism) return said.authMechanism
  const delay = (yield { do: 'loginDelay', client: client.address }) as number | 'refuse' // what server.ts answers
  if (delay === 'refuse') return said.authBusy
  if (delay > 0) yield { do: 'pause', ms: delay }
  return yield* mechanism(state, initial)
}

type Answer = { readonly ok: true; readonly octets: Buffer } | { readonly ok: false; readonly outcome: Outcome }

/** The client's next message: the initial response when there is one (`=` is an empty one), else the answer to a challenge. */
function* answer(state: State, challenge: string, initial?: string): Session<Effect, Answer> {
  if (initial !== undefined) return decode(initial === '=' ? '' : initial)
  yield { do: 'write', text: formatReply(reply(334, null, encodeBase64(challenge))) }
  const { commandMs } = state.facts.settingsNow().mailServer
  const line = (yield { do: 'readLine', timeoutMs: commandMs, lineBytesMax: authLineBytesMax }) as Line // what the driver answers
  if (line.is === 'line' && line.text !== '*') return decode(line.text)
  return { ok: false, outcome: notData[line.is] }
}

const notData: Readonly<Record<Line['is'], Outcome>> = {
  line: said.authCancelled, // a single *
  closed: 'close',
  timeout: { last: said.idle },
  'too-long': said.authTooLong,
  endless: { last: said.authTooLong },
  'bad-end': said.authGarbled,
}

function decode(text: string): Answer {
  const octets = decodeBase64(text)
  return octets === null ? { ok: false, outcome: said.authGarbled } : { ok: true, octets }
}

function* plain(state: State, initial: string | undefined): Running {
  const message = yield* answer(state, '', initial)
  if (!message.ok) return message.outcome
  const parsed = parsePlain(message.octets)
  if (parsed === null) return said.authGarbled
  if (parsed.authzid !== '' && parsed.authzid !== parsed.name) return said.authWrong
  return yield* check(state, parsed)
}

function* login(state: State, initial: string | undefined): Running {
  const name = yield* answer(state, 'Username:', initial)
  if (!name.ok) return name.outcome
  const password = yield* answer(state, 'Password:')
  if (!password.ok) return password.outcome
  const parsed = { name: decodeSasl(name.octets), password: decodeSasl(password.octets) }
  if (!parsed.name || !parsed.password || hasControl(parsed.name)) return said.authGarbled
  return yield* check(state, { name: parsed.name, password: parsed.password })
}

function* check(state: State, { name, password }: { name: string; password: string }): Running {
  const result = (yield { do: 'login', name, password, client: state.client.address }) as LoginResult // what server.ts answers
  if (result.ok) return signIn(state, result)
  return yield* failed(state, result.why === 'throttled' || result.why === 'busy' ? said.authBusy : said.authWrong)
}

function* scram(state: State, initial: string | undefined): Running {
  const first = yield* answer(state, '', initial)
  if (!first.ok) return first.outcome
  const client = parseClientFirst(decodeSasl(first.octets) ?? '')
  if (client === null) return said.authGarbled
  const { keys, mailbox, nonce } = (yield { do: 'scram', name: client.name }) as ScramStart // what server.ts answers
  const challenge = serverFirst(client, nonce, keys)
  const final = yield* answer(state, challenge)
  if (!final.ok) return final.outcome
  const proved = verifyClientFinal(decodeSasl(final.octets) ?? '', { client, first: challenge, keys })
  const ok = proved !== null && mailbox !== null
  yield { do: 'noteScram', name: client.name, client: state.client.address, ok, app: proved?.id ?? null }
  if (!ok) return yield* failed(state, said.authWrong)
  const confirmed = yield* answer(state, proved.signature) // RFC 4954 §4: the server's proof goes in a last challenge
  return confirmed.ok ? signIn(state, { mailbox, app: proved.id ?? null }) : confirmed.outcome
}

function signIn(state: State, { mailbox, app }: { readonly mailbox: MailboxRow; readonly app: string | null }): Reply {
  state.client = { ...state.client, user: mailbox.id, userName: mailbox.name }
  state.app = app
  return said.signedIn
}

function* failed(state: State, why: Reply): Running {
  yield { do: 'refused', client: state.client, from: undefined, to: null, said: why }
  return why
}
