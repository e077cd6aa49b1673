// The client's half of a POP3 connection as a generator: greeting, STLS, CAPA, login, then one order after another. Run by
// pop-box.ts, and by tests without a socket. Never touches a socket, a clock or a store: it yields effects. RFC 1939
import { utf8Octets } from '#/message/address.ts'
import type { TlsResult } from '#/world/world.ts'
import type { RemoteTrouble } from './box.ts'
import { parseCapabilities, unknownCapabilities, type Capabilities } from './capabilities.ts'
import { capabilitiesMax, secretCharsMin } from './limits.ts'
import { signIn } from './login.ts'
import { orders } from './orders.ts'
import type { Running, SessionEnd, SessionPlan, Talk } from './session-types.ts'
import { ask, eachLine, hear, say } from './talk.ts'
import { quote, trouble, troubleOf } from './troubles.ts'

export function* clientSession(plan: SessionPlan): Running<SessionEnd> {
  const talk = newTalk(plan)
  const failed =
    (yield* greeting(talk)) ??
    (yield* capabilities(talk)) ??
    (yield* secure(talk)) ??
    (yield* signIn(talk)) ??
    (yield* ownCapabilities(talk))
  if (!failed) return yield* atWork(talk)
  if (!talk.over) yield* say(talk, 'QUIT') // polite, and not waited for: nothing was removed
  return failed
}

function newTalk(plan: SessionPlan): Talk {
  const { credentials } = plan
  const secret = 'password' in credentials ? credentials.password : credentials.accessToken
  return {
    plan,
    tls: plan.alreadyTls,
    offers: unknownCapabilities,
    timestamp: null,
    secrets: secret.length < secretCharsMin ? [] : [utf8Octets(secret)],
    over: false,
  }
}

/** RFC 1939 §4 */
function* greeting(talk: Talk): Running<SessionEnd> {
  const heard = yield* hear(talk, talk.plan.times.replyMs)
  if (heard.is !== 'ok') return troubleOf(talk, { at: 'the greeting', plain: 'temporary' }, heard)
  talk.timestamp = /<[!-;=?-~]{1,200}@[!-;=?-~]{1,200}>/.exec(heard.text)?.[0] ?? null // an odd one is an attack. P3C-13
  return null
}

/** A server need not know CAPA. RFC 2449 §5, PC-02 */
function* capabilities(talk: Talk): Running<SessionEnd> {
  const heard = yield* ask(talk, 'CAPA', talk.plan.times.replyMs)
  if (heard.is === 'refused') {
    talk.offers = unknownCapabilities
    return null
  }
  if (heard.is !== 'ok') return troubleOf(talk, { at: 'CAPA' }, heard)
  const offers = yield* offered(talk)
  if ('words' in offers) return offers
  talk.offers = offers
  return null
}

function* offered(talk: Talk): Running<Capabilities | RemoteTrouble> {
  const lines: string[] = []
  const limits = { linesMax: capabilitiesMax, timeoutMs: talk.plan.times.replyMs }
  const end = yield* eachLine(talk, limits, (line) => void ('text' in line && lines.push(line.text)))
  for (const line of lines) talk.plan.note?.(`S: ${quote(talk, line)}`)
  if (end === 'end') return parseCapabilities(lines)
  talk.over = true
  return troubleOf(talk, { at: 'CAPA' }, { is: end })
}

/** Required TLS never goes on without it, whatever CAPA says: somebody may have taken STLS out of it. RFC 2595 §4, P3C-08 */
function* secure(talk: Talk): Running<SessionEnd> {
  const { plan, offers } = talk
  if (talk.tls !== null || plan.tls === 'none' || (plan.tls === 'opportunistic' && !offers.stls)) return null
  const heard = yield* ask(talk, 'STLS', plan.times.replyMs)
  if (heard.is === 'refused' && plan.tls === 'opportunistic') return null
  if (heard.is !== 'ok') return troubleOf(talk, { at: 'STLS', plain: 'tls' }, heard)
  const up = (yield { do: 'startClientTls', options: plan.clientTls, timeoutMs: plan.times.tlsMs }) as TlsResult // what the driver answers
  plan.note?.(up.ok ? `-- ${up.version} ${up.cipher}, ${up.why ?? 'verified'}` : `-- ${up.why}`)
  if (up.ok) {
    talk.tls = up
    return yield* capabilities(talk) // what was said before TLS is forgotten. RFC 2595 §4
  }
  talk.over = true
  return trouble('tls', `TLS with ${plan.host}: ${up.why}`)
}

/** Where waiting times depend on the user they are asked again. RFC 2449 §6.5, PC-05 */
function* ownCapabilities(talk: Talk): Running<SessionEnd> {
  return talk.offers.perUser ? yield* capabilities(talk) : null
}

function* atWork(talk: Talk): Running<SessionEnd> {
  const { plan, tls } = talk
  const { pipelining, top, expireDays, loginDelaySeconds, implementation } = talk.offers
  const { address, ourselves } = plan
  const facts = { address, tls, pipelining, top, expireDays, loginDelaySeconds, implementation, ourselves }
  yield { do: 'ready', facts }
  return yield* orders(talk)
}
