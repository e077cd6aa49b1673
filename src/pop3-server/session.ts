// The server's half of a POP3 connection: greeting, command loop, limits. RFC 1939, RFC 2449. No socket, no clock.
import type { Line, Session } from '#/wire/session.ts'
import { commands } from './commands.ts'
import { commandBytesMax } from './limits.ts'
import { type Effect, type Said, type State } from './state.ts'

export function* pop3Session(state: State): Session<Effect> {
  yield { do: 'write', text: '+OK NetCruiser Mail POP3\r\n' }
  while (state.phase !== 'closed') {
    const line = yield* readLine(state)
    if (line.is === 'closed' || line.is === 'timeout' || line.is === 'endless') return // no UPDATE: nothing is deleted. PS-05, PS-13
    const said = yield* safely(state, line)
    if (said !== null && said !== '') yield { do: 'write', text: said }
    if (said === null) return
    if (isMistake(state, said) && ++state.errors >= state.settings().pop3Server.errorsMax) return
  }
}

/** Trouble of ours with a message is no mistake of the client's. PS-20 */
const isMistake = ({ phase }: State, said: string): boolean =>
  said.startsWith('-ERR') && !(phase === 'transaction' && said.startsWith('-ERR [SYS/'))

function* readLine(state: State): Session<Effect, Line> {
  const { idleMs, loginMs } = state.settings().pop3Server
  const timeoutMs = state.phase === 'transaction' ? idleMs : loginMs
  return (yield { do: 'readLine', timeoutMs, lineBytesMax: commandBytesMax }) as Line // the driver's answer
}

function* safely(state: State, line: Line): Session<Effect, Said> {
  try {
    return yield* obey(state, line)
  } catch (error) {
    yield { do: 'report', error }
    return '-ERR [SYS/TEMP] something went wrong here; please try again later\r\n'
  }
}

function* obey(state: State, line: Line): Session<Effect, Said> {
  if (line.is === 'too-long') return '-ERR the line is too long\r\n'
  if (line.is !== 'line') return '-ERR a command must end with CR LF and hold no other CR, LF or NUL\r\n'
  const blank = line.text.indexOf(' ')
  const verb = (blank < 0 ? line.text : line.text.slice(0, blank)).toUpperCase()
  const args = blank < 0 ? '' : line.text.slice(blank + 1)
  if (foreign(state, verb)) {
    yield { do: 'write', text: '-ERR this is a POP3 server\r\n' }
    return null
  }
  const command = commands.get(verb)
  if (!command) return '-ERR this command is not known here\r\n'
  if (!command.in.some((phase) => phase === state.phase)) return '-ERR this command comes at the wrong moment\r\n'
  if (state.mailbox !== null && !state.welcome(state.mailbox)) {
    yield { do: 'write', text: '-ERR [AUTH] this mailbox may not be read any more\r\n' }
    return null // without UPDATE. AUT-14
  }
  return yield* command.run(state, args)
}

/** A browser at this port: closed at its first line. XP-01 */
const foreign = (state: State, verb: string): boolean =>
  state.phase === 'authorization' && /^(GET|POST|PUT|HEAD|CONNECT|OPTIONS|HTTP.*|[^A-Z].*)$/.test(verb)
