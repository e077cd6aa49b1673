// Signing in: USER and PASS, SASL PLAIN and SCRAM-SHA-256. One text for whatever was wrong. RFC 1939 §7, RFC 5034, PS-01
import type { MailboxRow } from '#/storage/store.ts'
import { decodeUtf8 } from '#/message/address.ts'
import { decodeBase64, encodeBase64 } from '#/wire/base64.ts'
import { decodeSasl, parsePlain } from '#/wire/plain.ts'
import { parseClientFirst, serverFirst, verifyClientFinal } from '#/wire/scram.ts'
import type { Line, Session } from '#/wire/session.ts'
import { authBytesMax } from './limits.ts'
import * as ask from './state.ts'
import type { Effect, Said, State } from './state.ts'

const wrong = '-ERR [AUTH] name or password is wrong, or this mailbox may not be read by POP3 (see FAQ: pop3-off)\r\n'
const busy = '-ERR [SYS/TEMP] logins are slowed down at the moment; please try again later\r\n'
const inUse = '-ERR [IN-USE] this mailbox is open in another session (see FAQ: in-use)\r\n'
const tooSoon = '-ERR [LOGIN-DELAY] this mailbox was opened a moment ago; please try again later\r\n'
const tlsFirst = '-ERR [AUTH] passwords need TLS here: use STLS or port 995 (see FAQ: tls-first)\r\n'
const malformed = '-ERR the login message is malformed\r\n'

export function* user(state: State, args: string): Session<Effect, Said> {
  yield* []
  if (!ask.passwordsFine(state)) return tlsFirst
  if (args === '') return '-ERR the form is USER name\r\n'
  state.user = args
  return '+OK\r\n' // known or not: ENU-04
}

export function* pass(state: State, args: string): Session<Effect, Said> {
  if (!ask.passwordsFine(state)) return tlsFirst
  if (state.user === null) return '-ERR USER comes first\r\n'
  const [name, password] = [decodeUtf8(state.user), decodeUtf8(args)]
  state.user = null
  return yield* check(state, name ?? '', password ?? '')
}

function* check(state: State, name: string, password: string): Session<Effect, Said> {
  if (!(yield* mayTry())) return busy
  const result = yield* ask.login(name, password)
  if (result.ok) return yield* enter(state, result)
  return result.why === 'throttled' || result.why === 'busy' ? busy : wrong
}

function* mayTry(): Session<Effect, boolean> {
  const delay = yield* ask.loginDelay()
  if (delay === 'refuse') return false
  if (delay > 0) yield { do: 'pause', ms: delay }
  return true
}

type Entering = { readonly mailbox: MailboxRow; readonly app: string | null }

function* enter(state: State, { mailbox, app }: Entering): Session<Effect, Said> {
  const maildrop = yield* ask.openMaildrop(mailbox)
  if (maildrop === 'too-soon') return tooSoon
  if (!maildrop) return inUse
  state.mailbox = mailbox
  state.app = app
  state.maildrop = maildrop
  state.phase = 'transaction'
  return `+OK ${maildrop.messages} messages (${maildrop.bytes} octets)\r\n`
}

export function* auth(state: State, args: string): Session<Effect, Said> {
  if (!ask.passwordsFine(state)) return tlsFirst
  if (args === '') return '+OK\r\nPLAIN\r\nSCRAM-SHA-256\r\n.\r\n'
  const [mechanism = '', initial] = args.split(' ')
  switch (mechanism.toUpperCase()) {
    case 'PLAIN':
      return yield* plain(state, initial)
    case 'SCRAM-SHA-256':
      return yield* scram(state, initial)
    default:
      return '-ERR this way to sign in is not offered here\r\n'
  }
}

/** The client's answer to a challenge; a text is what to say instead. */
function* challenge(text: string): Session<Effect, Buffer | string> {
  yield { do: 'write', text: `+ ${encodeBase64(text)}\r\n` }
  const line = (yield { do: 'readLine', timeoutMs: 60_000, lineBytesMax: authBytesMax }) as Line // the driver's answer
  return line.is === 'line' ? decode(line.text) : malformed
}

const decode = (text: string): Buffer | string =>
  text === '*' ? '-ERR login cancelled\r\n' : (decodeBase64(text) ?? malformed)

function* first(initial: string | undefined): Session<Effect, Buffer | string> {
  if (initial === undefined) return yield* challenge('')
  return decode(initial === '=' ? '' : initial)
}

function* plain(state: State, initial: string | undefined): Session<Effect, Said> {
  const octets = yield* first(initial)
  if (typeof octets === 'string') return octets
  const message = parsePlain(octets)
  if (!message) return malformed
  if (message.authzid !== '' && message.authzid !== message.name) return wrong
  return yield* check(state, message.name, message.password)
}

function* scram(state: State, initial: string | undefined): Session<Effect, Said> {
  if (!(yield* mayTry())) return busy
  const octets = yield* first(initial)
  if (typeof octets === 'string') return octets
  const client = parseClientFirst(decodeSasl(octets) ?? '')
  if (!client) return malformed
  const { keys, mailbox, nonce } = yield* ask.scramKeys(client.name)
  const text = serverFirst(client, nonce, keys)
  const final = yield* challenge(text)
  if (typeof final === 'string') return final
  const proved = verifyClientFinal(decodeSasl(final) ?? '', { client, first: text, keys })
  const ok = proved !== null && mailbox !== null
  yield { do: 'noteScram', name: client.name, ok, app: proved?.id ?? null }
  if (!ok) return wrong
  const last = yield* challenge(proved.signature)
  return typeof last === 'string' ? last : yield* enter(state, { mailbox, app: proved.id ?? null })
}
