// The commands of POP3 as a table: in which state each is allowed, and its handler. RFC 1939 §5 to §7, RFC 2449, RFC 6856
import type { Maildrop } from '#/mailboxes/maildrop.ts'
import type { Session } from '#/wire/session.ts'
import { auth, pass, user } from './auth.ts'
import { handshakeMs, linesAtOnce } from './limits.ts'
import { retr, top } from './retrieve.ts'
import * as ask from './state.ts'
import { messageNumber } from './state.ts'
import type { Effect, Handler, Said, State } from './state.ts'

export type Command = { readonly in: readonly ('authorization' | 'transaction')[]; readonly run: Handler }
const before: Command['in'] = ['authorization']
const inside: Command['in'] = ['transaction']
const both: Command['in'] = ['authorization', 'transaction']

export const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['CAPA', { in: both, run: capa }],
  ['USER', { in: before, run: user }],
  ['PASS', { in: before, run: pass }],
  ['AUTH', { in: before, run: auth }],
  ['STLS', { in: before, run: stls }],
  ['UTF8', { in: before, run: utf8 }],
  ['LANG', { in: both, run: lang }],
  ['STAT', { in: inside, run: stat }],
  ['LIST', { in: inside, run: list }],
  ['UIDL', { in: inside, run: uidl }],
  ['RETR', { in: inside, run: retr }],
  ['TOP', { in: inside, run: top }],
  ['DELE', { in: inside, run: dele }],
  ['NOOP', { in: inside, run: noop }],
  ['RSET', { in: inside, run: rset }],
  ['QUIT', { in: both, run: quit }],
])

function* capa(state: State): Session<Effect, Said> {
  yield* []
  const { expireDays, loginDelaySeconds } = state.settings().pop3Server
  const lines = ['+OK', 'TOP', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING', 'UTF8 USER', 'LANG']
  if (ask.passwordsFine(state)) lines.push('USER', 'SASL PLAIN SCRAM-SHA-256')
  if (ask.tlsOffered(state) && state.phase === 'authorization') lines.push('STLS')
  lines.push(`EXPIRE ${expireDays ?? 'NEVER'}`)
  if (loginDelaySeconds > 0) lines.push(`LOGIN-DELAY ${loginDelaySeconds}`)
  return `${lines.join('\r\n')}\r\nIMPLEMENTATION NetCruiser\r\n.\r\n`
}

function* stls(state: State): Session<Effect, Said> {
  if (!ask.tlsOffered(state)) return '-ERR TLS is in use already or not available\r\n'
  if (yield { do: 'waiting' }) return null // STL-15: nothing may follow STLS before TLS is up
  yield { do: 'write', text: '+OK begin TLS\r\n' }
  const up = yield { do: 'startTls', identity: state.identity!, timeoutMs: handshakeMs }
  if (up !== true) return null
  state.secure = true
  state.user = null
  return ''
}

function* utf8(): Session<Effect, Said> {
  yield* []
  return '+OK mail is served as it is, UTF-8 included\r\n'
}

function* lang(_state: State, args: string): Session<Effect, Said> {
  yield* []
  if (args === '') return '+OK\r\ni-default English\r\nen English\r\n.\r\n'
  return /^(\*|i-default|en(-.*)?)$/i.test(args) ? '+OK en\r\n' : '-ERR this language is not spoken here\r\n'
}

function* noop(): Session<Effect, Said> {
  yield* []
  return '+OK\r\n'
}

function* stat({ maildrop }: State): Session<Effect, Said> {
  yield* []
  const { messages, bytes } = maildrop!.count
  return `+OK ${messages} ${bytes}\r\n`
}

type LineOf = (maildrop: Maildrop, n: number, size: number) => string

function list(state: State, args: string): Session<Effect, Said> {
  return each(state, args, (_maildrop, n, size) => `${n} ${size}`)
}
function uidl(state: State, args: string): Session<Effect, Said> {
  return each(state, args, (maildrop, n) => `${n} ${maildrop.uidl(n)}`)
}

function* each(state: State, args: string, line: LineOf): Session<Effect, Said> {
  const maildrop = state.maildrop!
  const { sizes } = yield* ask.settled(maildrop.listing())
  if (args !== '') {
    const n = messageNumber(args)
    return maildrop.has(n) ? `+OK ${line(maildrop, n, sizes[n - 1]!)}\r\n` : '-ERR no such message\r\n'
  }
  yield { do: 'write', text: `+OK ${maildrop.count.messages} messages\r\n` }
  for (let first = 1; first <= sizes.length; first += linesAtOnce) {
    let text = ''
    const end = Math.min(first + linesAtOnce, sizes.length + 1)
    for (let n = first; n < end; n++) if (maildrop.has(n)) text += `${line(maildrop, n, sizes[n - 1]!)}\r\n`
    yield { do: 'write', text }
    if (end <= sizes.length) yield { do: 'pause', ms: 0 }
  }
  return '.\r\n'
}

function* dele(state: State, args: string): Session<Effect, Said> {
  yield* ask.settled(state.maildrop!.listing())
  const n = messageNumber(args)
  if (!state.maildrop!.has(n)) return '-ERR no such message\r\n'
  state.maildrop!.mark(n)
  return '+OK marked for deletion\r\n'
}

function* rset(state: State): Session<Effect, Said> {
  yield* []
  state.maildrop!.unmarkAll()
  return '+OK nothing is marked\r\n'
}

/** The UPDATE state: +OK only when the deletions are durable. RFC 1939 §6, PS-06 */
function* quit(state: State): Session<Effect, Said> {
  const open = state.phase === 'transaction'
  state.phase = 'closed'
  if (!open) return '+OK goodbye\r\n'
  try {
    yield { do: 'commit' }
    return '+OK goodbye\r\n'
  } catch (error) {
    yield { do: 'report', error }
    return '-ERR [SYS/TEMP] some deleted messages not removed\r\n'
  }
}
