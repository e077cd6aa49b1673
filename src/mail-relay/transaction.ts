// One mail over an open connection: MAIL, RCPT, DATA, content, dot, and what became of each recipient. Used by session.ts.
// Pipelined, all commands up to DATA leave in one write and their replies are matched one by one. RFC 5321 §3.3, RFC 2920
import type { Reply } from '#/message/reply.ts'
import { storedReply, type RawReply, type ReplyResult } from '#/wire/replies.ts'
import type { Sent } from '#/wire/session.ts'
import { ours, trouble } from './answers.ts'
import { dotted } from './body.ts'
import { mailCommand, needsUtf8, rcptCommand } from './commands.ts'
import type { Mail, MailResult, RecipientOutcome, Running, Stage, Talk } from './session-types.ts'
import { ask, hear, sayTogether, wordsOf } from './talk.ts'

export function* transaction(talk: Talk, mail: Mail): Running<MailResult> {
  const { offers, plan } = talk
  const run = new Transaction(talk, mail, plan.usePipelining && offers.pipelining && !mail.probe)
  const fitted = fit(talk, mail)
  if ('code' in fitted) run.settleRest('mail', { reply: fitted, fromRemote: false })
  else yield* run.converse(fitted)
  return run.result()
}

/** The mail as this host can take it, or why it cannot. Nothing is sent to find out. RO-22, RO-23 */
function fit({ offers, plan }: Talk, mail: Mail): Mail | Reply {
  if ((mail.needs.smtputf8 || needsUtf8(mail.from)) && !offers.smtputf8) return ours.noUtf8(plan.host)
  const fitted = mail.needs.eightBit && !offers.eightBitMime ? inSevenBits(mail) : mail
  if (fitted === null) return ours.noEightBit(plan.host)
  if (offers.sizeBytesMax !== null && fitted.sizeBytes > offers.sizeBytesMax)
    return ours.tooBig(plan.host, offers.sizeBytesMax)
  return fitted
}

function inSevenBits(mail: Mail): Mail | null {
  const converted = mail.sevenBit?.() ?? null
  return converted && { ...mail, ...converted, needs: { ...mail.needs, eightBit: false } }
}

class Transaction {
  readonly #talk: Talk
  readonly #mail: Mail
  readonly #pipelined: boolean
  readonly #outcomes: (RecipientOutcome | null)[]
  #stale = false
  #outOfStep = false

  constructor(talk: Talk, mail: Mail, pipelined: boolean) {
    this.#talk = talk
    this.#mail = mail
    this.#pipelined = pipelined
    this.#outcomes = mail.recipients.map(() => null)
  }

  result(): MailResult {
    const { tls, offers } = this.#talk
    const outcomes = this.#outcomes.filter((outcome) => outcome !== null)
    const [stale, outOfStep, pipelined, dsn] = [this.#stale, this.#outOfStep, this.#pipelined, offers.dsn]
    return { outcomes, tls, pipelined, dsn, stale, outOfStep }
  }

  *converse(mail: Mail): Running<void> {
    const { times } = this.#talk.plan
    if (!(yield* this.#ready())) return
    const offered = this.#refuseUtf8()
    if (offered.length === 0) return
    const all = offered.length === mail.recipients.length
    const taken = all ? mail : { ...mail, recipients: offered.map((i) => mail.recipients[i]!) }
    const commands = taken.recipients.map((recipient) => rcptCommand(recipient, this.#talk.offers))
    const first = mailCommand(taken, this.#talk.offers)
    if (this.#pipelined) yield* sayTogether(this.#talk, [first, ...commands, 'DATA'])
    const answer = yield* this.#turn(first, times.commandMs)
    this.#stale = this.#talk.used && this.#talk.over && (answer.is === 'closed' || answer.is === 'refused') // OUT-16
    if (answer.is !== 'good') return yield* this.#senderRefused(answer, commands)
    this.#talk.needsReset = true
    const accepted = yield* this.#recipients(offered, commands)
    if (accepted !== null) yield* mail.probe ? this.#takeBack() : this.#data(mail, accepted)
  }

  /** A kept connection is as good as new, or it is not used. QU-10 */
  *#ready(): Running<boolean> {
    const talk = this.#talk
    let ready = !talk.used || !(yield { do: 'talksEarly', waitMs: 0 }) // a goodbye, or more replies than commands
    if (ready && talk.needsReset) ready = (yield* ask(talk, 'RSET', talk.plan.times.commandMs)).is === 'good'
    talk.needsReset = false
    if (ready) return true
    this.#stale = true
    this.#breakOff('mail', { is: 'closed' })
    return false
  }

  /** Recipients that this host cannot take are refused alone. Returns the others. */
  #refuseUtf8(): number[] {
    const { offers, plan } = this.#talk
    const rest: number[] = []
    for (const [i, { address }] of this.#mail.recipients.entries())
      if (offers.smtputf8 || !needsUtf8(address)) rest.push(i)
      else this.#settle([i], 'rcpt', { reply: ours.noUtf8(plan.host), fromRemote: false })
    return rest
  }

  /** The reply to a command, which is said now unless it has gone out with the group. */
  #turn(command: string, timeoutMs: number): Running<ReplyResult> {
    return this.#pipelined ? hear(this.#talk, timeoutMs) : ask(this.#talk, command, timeoutMs)
  }

  *#senderRefused(answer: ReplyResult, commands: readonly string[]): Running<void> {
    if (answer.is !== 'refused') return this.#breakOff('mail', answer)
    this.settleRest('mail', wordsOf(this.#talk, 'mail', answer))
    if (!this.#pipelined) return
    for (const _ of commands) if (!this.#talk.over) yield* hear(this.#talk, this.#talk.plan.times.commandMs)
    if (!this.#talk.over) yield* this.#nobody()
  }

  /** Those accepted, or null when the connection broke on the way. */
  *#recipients(offered: readonly number[], commands: readonly string[]): Running<readonly number[] | null> {
    const accepted: number[] = []
    for (const [n, i] of offered.entries()) {
      const answer = yield* this.#turn(commands[n]!, this.#talk.plan.times.commandMs)
      if (answer.is === 'good')
        accepted.push(i) // 251 and 252 too: nobody is followed elsewhere. OUT-12
      else if (answer.is === 'refused') this.#refuse(i, answer, accepted.length > 0 && isTooMany(answer))
      else this.#breakOff('rcpt', answer, fewer(offered, accepted))
      if (!this.#talk.over) continue
      this.settleRest('rcpt', { ...wordsOf(this.#talk, 'rcpt', answer), ...fewer(offered, accepted) }) // 421: a goodbye
      return null
    }
    return accepted
  }

  *#takeBack(): Running<void> {
    this.#talk.needsReset = (yield* ask(this.#talk, 'RSET', this.#talk.plan.times.commandMs)).is !== 'good'
    this.settleRest('rcpt', { reply: ours.wouldTake(this.#talk.plan.host), fromRemote: false })
  }

  *#data(mail: Mail, accepted: readonly number[]): Running<void> {
    if (accepted.length === 0) return this.#pipelined ? yield* this.#nobody() : undefined
    const answer = yield* this.#turn('DATA', this.#talk.plan.times.dataInitMs)
    if (answer.is === 'refused') return this.settleRest('data', wordsOf(this.#talk, 'data', answer))
    if (answer.is !== 'goAhead') return this.#breakOff('data', answer) // 250 in place of 354 too. RO-19
    if (yield { do: 'talksEarly', waitMs: 0 }) return this.#breakOff('data', { is: 'garbage' }) // a reply too many. OUT-08
    yield* this.#content(mail)
  }

  *#content(mail: Mail): Running<void> {
    const { plan } = this.#talk
    let whole = false
    const chunks = dotted(mail.chunks(), () => (whole = true))
    const sent = (yield { do: 'sendBody', chunks, blockMs: plan.times.dataBlockMs }) as Sent // what the driver answers
    const answer = sent === 'sent' || sent === 'answered' ? yield* hear(this.#talk, plan.times.dataEndMs) : { is: sent }
    this.#talk.needsReset = false
    if (!whole) this.#talk.over = true // an early refusal is one, an early yes is none. OUT-07
    if (answer.is === 'refused') return this.settleRest(whole ? 'dot' : 'data', wordsOf(this.#talk, 'dot', answer))
    if (!whole) return this.#breakOff('data', answer)
    if (answer.is === 'good') return this.settleRest('dot', { reply: storedReply(answer), fromRemote: true })
    this.#talk.over = true
    this.settleRest('dot', { ...wordsOf(this.#talk, 'dot', answer), uncertain: true }) // RO-17
  }

  /** DATA went out with recipients of whom none is left: a host that asks for the message gets an empty one. RFC 2920 §3.1 */
  *#nobody(): Running<void> {
    const { times } = this.#talk.plan
    const answer = yield* hear(this.#talk, times.dataInitMs)
    if (answer.is === 'goAhead') {
      yield* ask(this.#talk, '.', times.dataEndMs)
      this.#talk.needsReset = false
    } else if (answer.is !== 'refused') this.#breakOff('data', answer)
  }

  #refuse(i: number, answer: RawReply, again: boolean): void {
    this.#settle([i], 'rcpt', { ...wordsOf(this.#talk, 'rcpt', answer), again })
  }

  /** The end of the connection. When replies may belong to other commands, none of them is believed. OUT-08 */
  #breakOff(stage: Stage, answer: { readonly is: ReplyResult['is'] }, more: Partial<Words> = {}): void {
    const { plan } = this.#talk
    this.#talk.over = true
    this.#outOfStep = answer.is !== 'closed' && answer.is !== 'timeout'
    if (this.#outOfStep && this.#pipelined) this.#outcomes.fill(null)
    this.settleRest(stage, { reply: trouble(plan.host, stage, answer.is), fromRemote: false, ...more })
  }

  settleRest(stage: Stage, words: Words): void {
    const rest = this.#outcomes.flatMap((outcome, i) => (outcome === null ? [i] : []))
    this.#settle(rest, stage, words)
  }

  #settle(recipients: readonly number[], stage: Stage, words: Words): void {
    for (const i of recipients) this.#outcomes[i] = { stage, uncertain: false, again: false, ...words }
  }
}

type Words = Pick<RecipientOutcome, 'reply' | 'fromRemote'> &
  Partial<Pick<RecipientOutcome, 'uncertain' | 'again' | 'atOnce'>>

/** Of those that were to be asked so many were taken before the host hung up: a group of no more gets through. */
const fewer = (offered: readonly number[], accepted: readonly number[]): Pick<RecipientOutcome, 'atOnce'> =>
  offered.length > 1 ? { atOnce: Math.max(1, accepted.length) } : {}

/** 452, or its older form 552, for one recipient too many; a full mailbox says so by its enhanced code. RFC 5321 §4.5.3.1.10 */
function isTooMany(answer: RawReply): boolean {
  const { code, status } = storedReply(answer)
  return (code === 452 || code === 552) && (status === null || status.endsWith('.5.3'))
}
