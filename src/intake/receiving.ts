// One message on its way in: Received first, the header section held until it ended, then octets straight to the spool.
// Made by open.ts for the services. Never says 250 before the store says that the message would survive. IN-01
import { isLimited, type Quotas } from '#/mailboxes/quota.ts'
import { parseAddress } from '#/message/address.ts'
import type { Envelope } from '#/message/envelope.ts'
import { messageKey, type MessageKey } from '#/message/key.ts'
import { reply, type Reply } from '#/message/reply.ts'
import { protocolName, receivedField } from '#/message/trace-fields.ts'
import type { DeliveryRow } from '#/storage/queue.ts'
import { StoreError, type Acceptance, type MailboxId, type Spool } from '#/storage/store.ts'
import { acceptanceOf, discardedEvent, isDiscarded, isForward, missedBy, storedReply } from './acceptance.ts'
import { confirmationOf, isConfirmed } from './confirmations.ts'
import type { AwayAnswering } from './away.ts'
import type { AwayHeader } from './away-rules.ts'
import { cleanHeader, forwardMarkName, type HeaderFacts } from './header-cleaning.ts'
import { HeaderHold, type Held } from './header-hold.ts'
import { fieldsMax, headerBytesMax } from './limits.ts'
import { errorText, type IntakeParts } from './parts.ts'
import { said } from './replies.ts'
import { strangerOf } from './strangers.ts'
import type { Accepted, BodyFacts, Client, Receiving } from './types.ts'

const nothing: HeaderFacts = {
  kept: [],
  fieldCount: 0,
  receivedCount: 0,
  subject: null,
  messageId: null,
  bulk: false,
  forwardMarks: [],
  removed: [],
}

export type Transaction = {
  readonly client: Client
  readonly envelope: Envelope
  readonly recipients: readonly Accepted[]
  readonly key: MessageKey
  readonly at: number
}

export type ReceivingParts = IntakeParts & { readonly quotas: Quotas; readonly away: AwayAnswering }

export function beginReceiving(
  parts: ReceivingParts,
  client: Client,
  mail: { envelope: Envelope; recipients: readonly Accepted[] },
): Receiving {
  const at = parts.world.clock.now()
  const key = messageKey(at, parts.world.random.bytes(10))
  const { envelope, recipients } = mail
  return new MessageReceiving(parts, { client, envelope, recipients, key, at })
}

class MessageReceiving implements Receiving {
  readonly #parts: ReceivingParts
  readonly #transaction: Transaction
  readonly #spool: Spool
  #held: HeaderHold | null = new HeaderHold() // until the header section has ended
  #inBody = false
  #header: HeaderFacts = nothing
  #away: AwayHeader | null = null // of mail for somebody who is away
  #trouble: Reply | null = null

  constructor(parts: ReceivingParts, transaction: Transaction) {
    this.#parts = parts
    this.#transaction = transaction
    this.#spool = parts.store.spool()
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#trouble) return undefined
    if (this.#inBody) return this.#put(chunk)
    const held = this.#held
    const end = held?.push(chunk)
    if (end) return this.#endHeader(end)
    return (held?.bytes ?? 0) > headerBytesMax ? this.#refuse(said.headerTooBig) : undefined
  }

  #endHeader({ seen, fieldsEnd }: Held): Promise<void> | undefined {
    if (fieldsEnd > headerBytesMax) return this.#refuse(said.headerTooBig)
    this.#inBody = true
    this.#held = null
    const section = seen.subarray(0, fieldsEnd)
    this.#header = cleanHeader(section, {
      hostname: this.#parts.hostname,
      isOurs: (text) => isOurs(this.#parts, text),
    })
    const { fieldCount, receivedCount, forwardMarks, removed } = this.#header
    if (fieldCount > fieldsMax) return this.#refuse(said.headerTooBig)
    if (receivedCount > this.#parts.settingsNow().mailServer.receivedFieldsMax) return this.#refuse(said.looping)
    this.#away = this.#parts.away.read(mailboxesOf(this.#transaction), section)
    const marks = marksOf(this.#parts, this.#transaction)
    if (marks.some((mark) => forwardMarks.includes(mark))) return this.#refuse(said.forwardedBefore)
    let wait = this.#put(Buffer.from(this.#receivedField() + marks.map(markField).join(''), 'latin1'))
    if (removed.length === 0) return this.#put(seen) ?? wait
    for (const part of this.#header.kept) wait = this.#put(part) ?? wait
    return (seen.length > fieldsEnd ? this.#put(seen.subarray(fieldsEnd)) : undefined) ?? wait
  }

  #receivedField(): string {
    const { client, envelope, key, at } = this.#transaction
    return receivedField({
      ehlo: client.ehlo,
      reverseName: this.#parts.resolver.confirmedName(client.address),
      address: client.address,
      by: this.#parts.hostname,
      protocol: protocolName({
        extended: client.protocol === 'ESMTP',
        tls: client.tls !== null,
        authenticated: client.user !== null,
        utf8: envelope.parameters.smtputf8,
      }),
      key,
      tls: client.tls,
      forRecipient: envelope.to.length === 1 ? envelope.to[0]!.address : null,
      at,
    })
  }

  #put(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#trouble) return undefined
    try {
      return this.#spool.write(chunk)?.catch((error: unknown) => void this.#fail(error))
    } catch (error) {
      return this.#fail(error)
    }
  }

  #refuse(why: Reply): undefined {
    this.#trouble ??= why
    this.#held = null
    this.#spool.discard()
    return undefined
  }

  #fail(error: unknown): undefined {
    if (error instanceof StoreError && error.kind === 'conflict') return this.#refuse(said.mailboxChanged)
    this.#parts.world.log.error('message not stored', { key: this.#transaction.key, error: errorText(error) })
    return this.#refuse(error instanceof StoreError && error.kind === 'full' ? said.storeFull : said.storeFailed)
  }

  async finish(facts: BodyFacts): Promise<Reply> {
    if (!this.#inBody && !this.#trouble) this.#endWithoutBody()
    const refusal = refusalOf(facts) ?? this.#trouble
    if (refusal) {
      this.#refuse(refusal)
      return refusal
    }
    try {
      if (this.#transaction.recipients.every(isDiscarded)) return await this.#discard(facts)
      const finished = this.#spool.finish()
      const content = finished instanceof Promise ? await finished : finished
      if (this.#trouble) return this.#trouble
      const body = { content, header: this.#header, eightBit: facts.eightBit }
      const acceptance = acceptanceOf(this.#parts, this.#transaction, body)
      const queued = await this.#accept(acceptance)
      if (queued.length > 0) this.#parts.outbound?.queued(queued)
      this.#watchQuotas(acceptance)
      this.#answerAway(acceptance)
      return storedReply(acceptance)
    } catch (error) {
      this.#fail(error)
      return this.#trouble ?? said.storeFailed
    }
  }

  /** Behind the commit: it keeps nothing waiting. */
  #answerAway(acceptance: Acceptance): void {
    if (this.#away === null) return
    const { directory, world, away } = this.#parts
    const stranger = strangerOf({ directory, now: world.clock.now() }, this.#transaction)
    away.delivered(acceptance, this.#away, stranger)
  }

  /** With the notice that the sender asked for, or both not. DS-12 */
  async #accept(acceptance: Acceptance): Promise<readonly DeliveryRow[]> {
    const { store } = this.#parts
    if (!isConfirmed(this.#transaction)) return store.accept(acceptance)
    const confirmation = await confirmationOf(this.#parts, this.#transaction, this.#header)
    return confirmation === null ? store.accept(acceptance) : store.accept(acceptance, confirmation)
  }

  async #discard({ sizeBytes }: BodyFacts): Promise<Reply> {
    this.#spool.discard()
    const done = reply(250, '2.0.0', `Taken as ${this.#transaction.key}`)
    await this.#parts.store.record([discardedEvent(this.#transaction, { header: this.#header, sizeBytes }, done)])
    return done
  }

  #watchQuotas({ local }: Acceptance): void {
    const { directory, quotas, world } = this.#parts
    const limited = (ids: readonly MailboxId[]) => ids.map((id) => directory.mailboxById(id)).filter(isLimited)
    const noted = [
      ...limited(local.map(({ mailbox }) => mailbox)).map((row) => quotas.noteDelivery(row)),
      ...limited(missedBy(this.#transaction.recipients)).map((row) => quotas.noteMissed(row)),
    ]
    if (noted.length === 0) return
    Promise.all(noted).catch((error: unknown) => world.log.error('quota not watched', { error: errorText(error) }))
  }

  /** The message is a header section alone, or nothing at all. */
  #endWithoutBody(): void {
    if (this.#held) void this.#endHeader(this.#held.end()) // its promise is kept by the spool
  }

  abort(): void {
    this.#refuse(reply(451, '4.3.0', 'The message was not finished'))
  }
}

function* mailboxesOf({ recipients }: Transaction): Generator<MailboxId> {
  for (const { route } of recipients) yield* route.mailboxes
}

/** One for each address here that sends this message on to others: who meets it again is in a loop. Signed, so that nobody
 *  else can make an address refuse mail. LP-02 */
const marksOf = ({ outbound }: IntakeParts, { recipients }: Transaction): string[] =>
  recipients.filter(isForward).flatMap(({ recipient }) => outbound?.forwardMark(recipient.address) ?? [])

const markField = (mark: string): string => `${forwardMarkName}: ${mark}\r\n`

/** D4 and IN-10: decided after the true end of the message, so that the session stays in step. */
function refusalOf(facts: BodyFacts): Reply | null {
  if (facts.tooBig) return said.tooBig
  if (facts.strayLineEnds) return said.strayLineEnds
  return facts.nul ? said.nul : null
}

function isOurs(parts: IntakeParts, text: string): boolean {
  const address = parseAddress(text.replace(/^<(.*)>$/, '$1'))
  if (!address.ok) return parts.directory.mailbox(text) !== undefined
  return parts.directory.resolve(address.value).is === 'local'
}
