// MAIL and RCPT: the envelope is parsed here and judged by intake. RFC 5321 §4.1.1.2, §4.1.1.3
import { parseDomain, parsePath, type Address, type Path } from '#/message/address.ts'
import type { Recipient } from '#/message/envelope.ts'
import { isAccepted, reply, type Reply } from '#/message/reply.ts'
import type { Verdict } from '#/intake/types.ts'
import { parseMailParameters, parseRcptParameters } from '#/wire/esmtp.ts'
import { said } from './replies.ts'
import { isLoopback, type Running, type State } from './state.ts'

/** What follows `FROM:` or `TO:`, null when the word is another. */
function afterWord(argument: string, word: 'FROM:' | 'TO:'): string | null {
  const at = argument.startsWith(' ') ? 1 : 0
  return argument.slice(at, at + word.length).toUpperCase() === word ? argument.slice(at + word.length) : null
}

export function* mail(state: State, argument: string): Running {
  const text = afterWord(argument, 'FROM:')
  if (text === null) return said.fromSyntax
  const path = parsePath(text)
  if (!path.ok) return reply(501, '5.1.7', path.problem)
  const { address, bare, rest, utf8 } = path.value
  if (bare !== null) return said.senderNeedsDomain
  if (rest !== '' && state.client.protocol === 'SMTP') return said.noExtensions
  const parameters = parseMailParameters(rest)
  if (!parameters.ok) return parameters.reply
  if (utf8 && !parameters.value.smtputf8) return said.needsUtf8
  const { client } = state
  const envelope = { from: address, parameters: parameters.value }
  const judged = (yield { do: 'judgeSender', client, envelope }) as Reply // what server.ts answers
  if (!isAccepted(judged)) {
    yield { do: 'refused', client, from: address, to: null, said: judged }
    return judged
  }
  state.from = address
  state.parameters = parameters.value
  return judged
}

export function* rcpt(state: State, argument: string): Running {
  const text = afterWord(argument, 'TO:')
  if (text === null) return said.toSyntax
  const path = parsePath(text)
  if (!path.ok) return reply(501, '5.1.3', path.problem)
  const address = recipientOf(path.value, state)
  if (address === null) return said.needsDomain
  const { rest, utf8 } = path.value
  if (rest !== '' && state.client.protocol === 'SMTP') return said.noExtensions
  const parameters = parseRcptParameters(rest, { utf8: state.parameters?.smtputf8 === true })
  if (!parameters.ok) return parameters.reply
  if (utf8 && state.parameters?.smtputf8 !== true) return said.needsUtf8
  return yield* judge(state, { address, parameters: parameters.value }, text)
}

/** `<postmaster>` without a domain is the one bare name that everybody may write (RFC 5321 §4.5.1, IN-18). Programs on
 *  this machine and signed-in users may write any: it is completed with our own name. AD-06 */
function recipientOf({ address, bare }: Path, { client, facts }: State): Address | null {
  if (address !== null || bare === null) return address
  const trusted = client.user !== null || isLoopback(client.address)
  if (!trusted && bare.toLowerCase() !== 'postmaster') return null
  const domain = parseDomain(facts.hostname)
  return domain.ok ? { local: bare, domain: domain.value } : null
}

function* judge(state: State, recipient: Recipient, text: string): Running {
  const { client, accepted } = state
  const from = state.from ?? null
  // Only the excess is asked to come again; those before it stand. RFC 5321 §4.5.3.1.10, IN-09
  if (accepted.length >= state.facts.settingsNow().mailServer.recipientsMax) return said.tooManyRecipients
  const sizeBytes = state.parameters?.sizeBytes ?? null
  const verdict = (yield { do: 'judgeRecipient', client, from, sizeBytes, recipient, accepted }) as Verdict // what server.ts answers
  if (verdict.accept) {
    accepted.push({ recipient, route: verdict.route })
    return verdict.reply
  }
  state.refusedCount++
  yield { do: 'refused', client, from, to: text.slice(0, 320), said: verdict.reply }
  return verdict.reply
}
