// The orders of a session that is signed in: sent in a row where the server allows it, answered in their order. Used by
// session.ts. Bodies go past it: the one who runs it receives them. RFC 1939 §5, RFC 2449 §6.8
import type { Line } from '#/wire/session.ts'
import type { RemoteTrouble } from './box.ts'
import { hangUpMs, refillAt, windowMax } from './limits.ts'
import { ListingReader } from './listing.ts'
import type { ListAnswer, Order, OrderAnswer, Received, Running, SessionEnd, Talk } from './session-types.ts'
import { eachLine, hear, say, type Heard } from './talk.ts'
import { trouble, troubleOf } from './troubles.ts'

type Body = Order & { readonly verb: 'RETR' | 'TOP' }

export function* orders(talk: Talk): Running<SessionEnd> {
  const flying: Order[] = []
  let leaving = false
  for (;;) {
    const sent: boolean | 'early' = leaving || (yield* send(talk, flying))
    if (sent === 'early') return trouble('garbage', `${talk.plan.host} gave more answers than it was asked for`)
    leaving = sent
    const order = flying.shift()
    if (!order) return trouble('lost', `The connection to ${talk.plan.host} was closed`)
    const answer = yield* outcome(talk, order)
    if (order.verb === 'QUIT' && answer.is === 'done') yield* hungUp(talk)
    yield { do: 'answer', answer }
    if (answer.is === 'broken') return answer.trouble
    if (answer.is === 'too-big') return trouble('garbage', `${talk.plan.host} sent more than was asked for`)
    if (order.verb === 'QUIT') return null
  }
}

/** Commands for what was ordered, as many as may be out at once. True when the last one is QUIT. A reply too many would be
 *  taken for the next one, and so the next message for another: nothing more is said then, not even QUIT. P3C-16 */
function* send(talk: Talk, flying: Order[]): Running<boolean | 'early'> {
  const { pipelining } = talk.offers
  if (flying.length > (pipelining ? refillAt : 0)) return false
  while (flying.length < (pipelining ? windowMax : 1)) {
    const order = (yield { do: 'nextOrder', mayWait: flying.length === 0 }) as Order | null // what pop-box.ts answers
    if (order === null) return false
    if (flying.length === 0 && (yield { do: 'talksEarly', waitMs: 0 })) return 'early'
    yield* say(talk, commandOf(order))
    if (order.verb === 'LIST' && pipelining) yield* say(talk, 'UIDL')
    flying.push(order)
    if (order.verb === 'QUIT') return true
  }
  return false
}

/** Until the server has closed it counts this session, and may hold the lock of the mailbox. PC-05, PC-16 */
function* hungUp({ plan }: Talk): Running<void> {
  yield { do: 'readLine', timeoutMs: hangUpMs, lineBytesMax: plan.lineBytesMax }
}

function commandOf(order: Order): string {
  if (!('number' in order)) return order.verb
  return order.verb === 'TOP' ? `TOP ${order.number} 0` : `${order.verb} ${order.number}`
}

function* outcome(talk: Talk, order: Order): Running<OrderAnswer> {
  if (order.verb === 'LIST') return yield* listing(talk)
  const { replyMs, loginReplyMs } = talk.plan.times
  const heard = yield* hear(talk, order.verb === 'QUIT' ? loginReplyMs : replyMs) // it removes before it answers
  if (heard.is !== 'ok') return no(talk, placeOf(order), heard)
  return 'sink' in order ? yield* body(talk, order) : { is: 'done' }
}

/** A refusal concerns the order alone; all else ends the session. */
function no(talk: Talk, at: string, heard: Heard): { is: 'refused' | 'broken'; trouble: RemoteTrouble } {
  return { is: heard.is === 'refused' ? 'refused' : 'broken', trouble: troubleOf(talk, { at }, heard) }
}
const placeOf = (order: Order): string => ('number' in order ? `${order.verb} of message ${order.number}` : order.verb)

function* body(talk: Talk, order: Body): Running<OrderAnswer> {
  const received = (yield { do: 'receive', sink: order.sink, bytesMax: order.bytesMax }) as Received // what pop-box.ts answers
  return 'facts' in received || received.is === 'too-big' ? received : no(talk, placeOf(order), received)
}

/** Sizes without UIDs are a listing too; UIDs without sizes are none. PC-09 */
function* listing(talk: Talk): Running<ListAnswer> {
  const reader = new ListingReader(talk.plan.messagesListedMax)
  const sizes = yield* list(talk, (line) => reader.size(line))
  if (sizes.is !== 'ok' && (sizes.is !== 'refused' || !talk.offers.pipelining)) return no(talk, 'LIST', sizes)
  if (!talk.offers.pipelining) yield* say(talk, 'UIDL')
  const uids = yield* list(talk, (line) => reader.uid(line))
  if (sizes.is === 'refused') return no(talk, 'LIST', uids.is === 'ok' ? sizes : uids)
  if (uids.is === 'refused') reader.warn(troubleOf(talk, { at: 'UIDL' }, uids).words)
  else if (uids.is !== 'ok') return no(talk, 'UIDL', uids)
  return { is: 'listed', listing: reader.listing() }
}

function* list(talk: Talk, take: (line: Line) => void): Running<Heard> {
  const { messagesListedMax, times } = talk.plan
  const heard = yield* hear(talk, times.loginReplyMs) // some look at each message first
  if (heard.is !== 'ok') return heard
  const linesMax = messagesListedMax * 2 // what is beyond is read, but not for ever. P3C-02
  const end = yield* eachLine(talk, { linesMax, timeoutMs: times.replyMs }, take)
  return end === 'end' ? heard : { is: end }
}
