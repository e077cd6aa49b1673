// One SMTP conversation as a generator: banner, then commands until the end. Run by wire/drive.ts for server.ts, and by
// tests without a socket. Never touches a socket, a clock or a store: it yields effects. RFC 5321
import { formatReply, reply, type Reply } from '#/message/reply.ts'
import type { Client } from '#/intake/types.ts'
import type { Line, Session } from '#/wire/session.ts'
import { commands } from './commands.ts'
import { commandLineBytesMax, softDelayMs } from './limits.ts'
import { said } from './replies.ts'
import { type Effect, type Facts, type Outcome, type Running, type State } from './state.ts'

/** What one server says and knows in all its sessions. */
export function factsOf({
  hostname,
  identity,
  settingsNow,
}: Pick<Facts, 'hostname' | 'identity' | 'settingsNow'>): Facts {
  const greeting = formatReply(reply(220, null, `${hostname} ESMTP NetCruiser Mail`))
  const heloText = formatReply(reply(250, null, hostname))
  return { hostname, identity, settingsNow, greeting, heloText, ehloTexts: new Map(), server: { stopping: false } }
}

export function newState(facts: Facts, client: Client): State {
  const none = { from: undefined, parameters: null, accepted: [], refusedCount: 0, errors: 0, junk: 0 }
  return { facts, client, app: null, ...none }
}

/** The last words, 'close' when there are none to say, null when the session goes on. */
type End = Reply | 'close' | null

export function* smtpSession(state: State): Session<Effect> {
  let end = yield* greet(state)
  for (let first = true; end === null; first = false) end = yield* turn(state, first)
  if (end !== 'close') yield { do: 'write', text: formatReply(end) }
  yield { do: 'close' }
}

function* greet({ facts }: State): Session<Effect, End> {
  const early = yield { do: 'talksEarly', waitMs: facts.settingsNow().mailServer.greetDelayMs }
  if (early) return said.talksEarly
  yield { do: 'write', text: facts.greeting }
  return null
}

function* turn(state: State, first: boolean): Session<Effect, End> {
  if (state.facts.server.stopping) return said.stopping
  const line = (yield readCommand(state)) as Line // what the driver answers to readLine
  if (line.is === 'closed') return 'close'
  if (line.is === 'timeout') return said.idle
  if (line.is === 'endless') return said.lineTooLong
  if (isOtherProtocol(line, first)) return said.notHttp
  let outcome: Outcome
  try {
    const done = run(state, line)
    outcome = isRunning(done) ? yield* done : done
  } catch (error) {
    yield { do: 'unexpected', error } // what nobody foresaw is our trouble, never the sender's fault. IN-16
    outcome = said.trouble
  }
  if (outcome === 'nothing') return null
  if (outcome === 'close') return 'close'
  if ('last' in outcome) return outcome.last
  if ('code' in outcome && outcome.code >= 500) state.errors++
  if (isTooWrong(state)) yield { do: 'pause', ms: softDelayMs }
  yield { do: 'write', text: 'text' in outcome ? outcome.text : formatReply(outcome) }
  return patienceEnd(state)
}

function readCommand({ facts }: State): Effect {
  return { do: 'readLine', timeoutMs: facts.settingsNow().mailServer.commandMs, lineBytesMax: commandLineBytesMax }
}

const httpVerbs = new Set(['GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'CONNECT', 'DELETE'])

/** A browser or a TLS client that took the wrong port: its lines must never run as commands. XP-01, XP-02 */
function isOtherProtocol(line: Line, first: boolean): boolean {
  if (line.is !== 'line' && line.is !== 'bad-end') return false
  const { text } = line
  if (first && !/^[A-Za-z]/.test(text)) return true
  return httpVerbs.has(verbOf(text))
}

function verbOf(text: string): string {
  const blank = text.indexOf(' ')
  return (blank < 0 ? text : text.slice(0, blank)).toUpperCase()
}

function run(state: State, line: Line): Outcome | Running {
  if (line.is === 'too-long') return said.lineTooLong
  if (line.is !== 'line') return said.badLine
  const text = withoutTrailingBlanks(line.text)
  const verb = verbOf(text)
  const command = commands.get(verb)
  if (!command) return said.unknownCommand
  if (command.junk) state.junk++
  const wrongOrder = command.when?.(state)
  if (wrongOrder) return wrongOrder
  return command.run(state, text.slice(verb.length + 1))
}

const isRunning = (done: Outcome | Running): done is Running => typeof done === 'object' && 'next' in done

function withoutTrailingBlanks(text: string): string {
  let end = text.length
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  return end === text.length ? text : text.slice(0, end)
}

const isTooWrong = ({ errors, facts }: State): boolean => errors > facts.settingsNow().mailServer.softErrorsMax

/** CMD-08, CMD-09, IN-24 */
function patienceEnd({ errors, junk, facts }: State): End {
  const { hardErrorsMax, junkCommandsMax } = facts.settingsNow().mailServer
  if (errors >= hardErrorsMax) return said.tooManyErrors
  return junk >= junkCommandsMax ? said.tooMuchJunk : null
}
