// The client's half of an SMTP connection as a generator: greeting, EHLO, STARTTLS, AUTH, then one mail after another. Run
// by dial.ts, and by tests without a socket. Never touches a socket, a clock or a store: it yields effects. RFC 5321 §3
import { ours } from './answers.ts'
import { signIn } from './auth.ts'
import { nothingOffered, parseCapabilities } from './capabilities.ts'
import type { Mail, Running, SessionEnd, SessionFailure, SessionPlan, Talk } from './session-types.ts'
import { ask, failure, hear, own, say, wordsOf } from './talk.ts'
import { transaction } from './transaction.ts'
import type { TlsResult } from '#/world/world.ts'

export function* clientSession(plan: SessionPlan): Running<SessionEnd> {
  const talk = newTalk(plan)
  const failed = (yield* greeting(talk)) ?? (yield* hello(talk)) ?? (yield* secure(talk)) ?? (yield* signIn(talk))
  if (!failed) return yield* mails(talk)
  if (!talk.over) yield* say(talk, 'QUIT') // polite, and not waited for
  return failed
}

function newTalk(plan: SessionPlan): Talk {
  return {
    plan,
    tls: plan.alreadyTls,
    offers: nothingOffered,
    greeting: '',
    used: false,
    needsReset: false,
    over: false,
  }
}

function* mails(talk: Talk): Running<SessionEnd> {
  for (;;) {
    const mail = (yield { do: 'nextMail' }) as Mail | null // what dial.ts answers
    if (mail === null) break
    const result = yield* transaction(talk, mail)
    yield { do: 'mailDone', result }
    if (talk.over) return { is: 'done' }
    talk.used = true
  }
  yield* ask(talk, 'QUIT', talk.plan.times.quitMs) // whatever the answer: what was delivered stays delivered. RO-18
  return { is: 'done' }
}

function* greeting(talk: Talk): Running<SessionFailure | null> {
  const answer = yield* hear(talk, talk.plan.times.greetingMs)
  if (answer.is !== 'good') return failure('greeting', wordsOf(talk, 'greeting', answer))
  talk.greeting = answer.lines[0] ?? ''
  return null
}

/** A host that knows no EHLO gets HELO; one that hangs up at it gets HELO on another connection. RFC 5321 §3.2, RO-12 */
function* hello(talk: Talk): Running<SessionFailure | null> {
  const { plan } = talk
  if (plan.hello === 'EHLO') {
    const answer = yield* ask(talk, `EHLO ${plan.ehloName}`, plan.times.commandMs)
    if (answer.is === 'good') {
      talk.offers = parseCapabilities(answer.lines)
      plan.noteSize?.(talk.offers.sizeBytesMax)
      return plan.isOurs(talk.greeting, answer.lines)
        ? failure('ehlo', own(ours.loop(plan.host)), { loop: true })
        : null
    }
    const hungUp = answer.is === 'closed' && talk.tls === null
    if (answer.is !== 'refused' || answer.code < 500)
      return failure('ehlo', wordsOf(talk, 'ehlo', answer), { retryWithHelo: hungUp })
  }
  const answer = yield* ask(talk, `HELO ${plan.ehloName}`, plan.times.commandMs)
  if (answer.is !== 'good') return failure('ehlo', wordsOf(talk, 'ehlo', answer))
  return plan.isOurs(talk.greeting, answer.lines) ? failure('ehlo', own(ours.loop(plan.host)), { loop: true }) : null
}

/** Without a rule that wants TLS, a host that refuses it is spoken to in clear, and one where it breaks once more. RO-13 */
function* secure(talk: Talk): Running<SessionFailure | null> {
  const { plan, offers } = talk
  const optional = plan.tls === 'opportunistic'
  if (talk.tls !== null || plan.tls === 'none') return null
  if (!offers.startTls) return optional ? null : failure('starttls', own(ours.tlsMissing(plan.host)))
  const answer = yield* ask(talk, 'STARTTLS', plan.times.commandMs)
  if (answer.is === 'refused' && optional && !talk.over) return null
  if (answer.is !== 'good') {
    // A refusal for good is not the mail's fault: it stays temporary. OTL-01
    const why =
      answer.is === 'refused' ? `it answered ${answer.code} to STARTTLS` : 'its answer to STARTTLS makes no sense'
    return failure('starttls', own(ours.tlsFailed(plan.host, why)), { retryInClear: optional })
  }
  return yield* handshake(talk, { retryInClear: optional })
}

function* handshake(talk: Talk, extras: { retryInClear: boolean }): Running<SessionFailure | null> {
  const { plan } = talk
  const options = { ...plan.clientTls, verify: plan.tls === 'verified' ? 'name' : 'none' } as const
  const up = (yield { do: 'startClientTls', options, timeoutMs: plan.times.tlsMs }) as TlsResult // what the driver answers
  plan.note?.(up.ok ? `-- ${up.version} ${up.cipher}, ${up.why ?? 'verified'}` : `-- ${up.why}`)
  if (!up.ok) {
    talk.over = true
    return failure('starttls', own(ours.tlsFailed(plan.host, up.why)), extras)
  }
  talk.tls = up
  talk.offers = nothingOffered // RFC 3207 §4.2: what was said before TLS is forgotten
  return yield* hello(talk)
}
