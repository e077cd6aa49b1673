// DATA: from the envelope to the final reply. The octets pass the generator by: server.ts hands them to intake.
import { formatReply, isAccepted, type Reply } from '#/message/reply.ts'
import type { Envelope } from '#/message/envelope.ts'
import { said } from './replies.ts'
import { reset, type Body, type Effect, type Running, type State } from './state.ts'

export function* data(state: State, argument: string): Running {
  const wrong = argument === '' ? outOfOrder(state) : said.noArgument
  if (wrong) return (yield { do: 'talksEarly', waitMs: 0 }) ? { last: said.talksEarly } : refusedData(state, wrong)
  yield { do: 'write', text: formatReply(said.goAhead) }
  const { client, accepted } = state
  const envelope = envelopeOf(state)
  reset(state) // whatever happens now, the next message starts from nothing. CMD-04
  const body = yield* receive({ do: 'receive', client, envelope, recipients: accepted })
  if (body.is === 'closed') return 'close'
  if (body.is === 'timeout') return { last: said.idle }
  if (body.is === 'failed') return { last: said.dataTrouble }
  if (isAccepted(body.reply)) state.junk = 0
  else yield { do: 'refused', client, from: envelope.from, to: null, said: body.reply }
  return body.reply
}

function outOfOrder({ client, from, accepted, refusedCount }: State): Reply | undefined {
  if (client.ehlo === null) return said.helloFirst
  if (from === undefined) return said.mailFirst
  if (accepted.length > 0) return undefined
  return refusedCount > 0 ? said.noneValid : said.rcptFirst
}

/** Octets that already wait behind a refused DATA are a message, not commands: the caller closed on them. CMD-02 */
function refusedData(state: State, why: Reply): Reply {
  if (why === said.noneValid) reset(state)
  return why
}

function envelopeOf({ from, parameters, accepted }: State): Envelope {
  if (from === undefined || parameters === null) throw new Error('DATA without MAIL') // outOfOrder has seen to it
  return { from, parameters, to: accepted.map((one) => one.recipient) }
}

/** After 354 the session cannot be in step unless the whole message was read: a failure on the way ends it. EOD */
function* receive(effect: {
  do: 'receive'
  client: State['client']
  envelope: Envelope
  recipients: State['accepted']
}): Generator<Effect, Body | { is: 'failed' }, unknown> {
  try {
    return (yield effect) as Body // what server.ts answers
  } catch (error) {
    yield { do: 'unexpected', error }
    return { is: 'failed' }
  }
}
