// Every command of the SMTP server in one table: when it may come and what it does. Used by session.ts.
import { formatReply, reply, type Reply } from '#/message/reply.ts'
import { auth } from './auth.ts'
import { data } from './data.ts'
import { handshakeMs } from './limits.ts'
import { mail, rcpt } from './mail.ts'
import { said } from './replies.ts'
import { mayAuthenticate, reset, type Outcome, type Running, type State } from './state.ts'
import type { TlsFacts } from '#/world/world.ts'

export type Command = {
  /** The reply when it comes out of order, nothing when it may run. */
  readonly when?: (state: State) => Reply | undefined
  /** Counts toward the commands that bring no message. */
  readonly junk?: true
  readonly run: (state: State, argument: string) => Outcome | Running
}

const afterHello = ({ client }: State): Reply | undefined => (client.ehlo === null ? said.helloFirst : undefined)
const always = (answer: Reply): Command => ({ run: () => answer })

export const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['EHLO', { junk: true, run: (state, name) => hello(state, { name, protocol: 'ESMTP' }) }],
  ['HELO', { junk: true, run: (state, name) => hello(state, { name, protocol: 'SMTP' }) }],
  ['MAIL', { when: (state) => afterHello(state) ?? mayMail(state), run: mail }],
  ['RCPT', { when: (state) => (state.from === undefined ? said.mailFirst : undefined), run: rcpt }],
  ['DATA', { run: data }],
  ['RSET', { junk: true, run: withoutArgument((state) => (reset(state), said.fine)) }],
  ['QUIT', { run: withoutArgument(() => ({ last: said.bye })) }],
  ['NOOP', { junk: true, run: () => said.fine }],
  [
    'VRFY',
    { junk: true, run: (_, name) => (name === '' ? reply(501, '5.5.4', 'Give an address') : said.cannotVerify) },
  ],
  ['HELP', { junk: true, run: () => said.help }],
  ['STARTTLS', { run: withoutArgument(startTls) }],
  ['AUTH', { when: afterHello, run: auth }],
  ['EXPN', always(said.notOffered)],
  ['ETRN', always(said.notOffered)],
  ['TURN', always(said.notOffered)],
  ['BDAT', always(said.notOffered)],
])

function mayMail({ client, facts, from }: State): Reply | undefined {
  if (from !== undefined) return said.nested
  if (client.tls === null && client.listener === 'smtp' && facts.settingsNow().mailServer.requireTls)
    return said.tlsFirst
  return client.listener !== 'smtp' && client.user === null ? said.loginFirst : undefined
}

function withoutArgument(run: (state: State) => Outcome | Running): Command['run'] {
  return (state, argument) => (argument === '' ? run(state) : said.noArgument)
}

// Printable ASCII of a bounded length: it goes into the Received field. CMD-17, HDR-01
const helloName = /^[A-Za-z0-9._:[\]-]{1,255}$/

function hello(state: State, { name, protocol }: { name: string; protocol: 'SMTP' | 'ESMTP' }): Outcome {
  if (!helloName.test(name)) return said.needsName
  reset(state) // RFC 5321 §4.1.4
  state.client = { ...state.client, ehlo: name, protocol }
  return { text: protocol === 'SMTP' ? state.facts.heloText : ehloText(state) }
}

/** What the whole path can do, and what this connection may use now. IN-11 */
function ehloText(state: State): string {
  const { facts, client } = state
  const { messageBytesMax } = facts.settingsNow().mailServer
  const tls = facts.identity !== null && client.tls === null
  const login = client.user === null && mayAuthenticate(state)
  const key = messageBytesMax * 4 + (tls ? 2 : 0) + (login ? 1 : 0)
  const known = facts.ehloTexts.get(key)
  if (known !== undefined) return known
  const lines = [
    facts.hostname,
    'PIPELINING',
    `SIZE ${messageBytesMax}`,
    '8BITMIME',
    'SMTPUTF8',
    'ENHANCEDSTATUSCODES',
    'DSN',
  ]
  if (tls) lines.push('STARTTLS')
  if (login) lines.push('AUTH PLAIN LOGIN SCRAM-SHA-256')
  const text = formatReply(reply(250, null, ...lines))
  facts.ehloTexts.set(key, text)
  return text
}

/** RFC 3207 §4. Nothing that was said before TLS counts after it. IN-13, STL-01..06 */
function* startTls(state: State): Running {
  const { identity } = state.facts
  if (state.client.tls !== null) return said.tlsActive
  if (identity === null) return said.tlsTrouble
  if (yield { do: 'talksEarly', waitMs: 0 }) return { last: said.tlsPipelined }
  yield { do: 'write', text: formatReply(said.startTls) }
  if (!(yield { do: 'startTls', identity, timeoutMs: handshakeMs })) return 'close'
  const tls = (yield { do: 'tlsFacts' }) as TlsFacts | null // what server.ts answers
  reset(state)
  state.client = { ...state.client, ehlo: null, protocol: 'SMTP', tls, user: null, userName: null }
  return 'nothing'
}
