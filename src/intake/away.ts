// Answers for owners who are away: made when the message is accepted and its 250 said, one after the other, so that no message
// waits for one. An answer, whom it answers and what tells of it are one commit: a crash before it loses the answer, and nothing
// repeats it. Called by open.ts for what comes in, and by operations and the relay for what is written here. LP-05
import type { Directory } from '#/accounts/types.ts'
import { addressKey, formatAddress, parseAddress, type Address } from '#/message/address.ts'
import { composeAwayNotice } from '#/message/away-notice.ts'
import { noMailParameters } from '#/message/envelope.ts'
import { messageKey, type MessageKey } from '#/message/key.ts'
import type { Away } from '#/storage/away.ts'
import type { Memo } from '#/storage/queue.ts'
import { StoreError, type Acceptance, type MailboxId, type MailboxRow, type TraceEvent } from '#/storage/store.ts'
import { isAway, quietFor, readAwayHeader, senderKey, type AwayHeader, type Quiet } from './away-rules.ts'
import { awayAgainMs, awayPerHourMax, awayWaitingMax } from './limits.ts'
import { prepareOwn } from './own.ts'
import { errorText, type IntakeParts } from './parts.ts'

type Stranger = NonNullable<Memo['stranger']>
type Delivered = Pick<Acceptance, 'key' | 'at' | 'envelope' | 'local' | 'event'>

/** One message in one mailbox. `as`: the address of its owner by which it came. */
type Job = {
  readonly message: MessageKey
  readonly to: Address
  readonly as: Address
  readonly mailbox: MailboxRow & { readonly away: Away }
  readonly answers: Parameters<typeof composeAwayNotice>[0]['answers']
  readonly stranger: Stranger | null
}

export class AwayAnswering {
  readonly #parts: IntakeParts
  readonly #jobs: Job[] = []
  #working: Promise<void> | null = null
  #closed = false

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  /** What its header section says, when the owner of one of these mailboxes is away: nearly always null. */
  read(mailboxes: Iterable<MailboxId>, section: Uint8Array): AwayHeader | null {
    try {
      return this.#away(mailboxes).length === 0 ? null : readAwayHeader(section)
    } catch (error) {
      this.#parts.world.log.error('away notice not judged', { error: errorText(error) })
      return null // the message goes its way
    }
  }

  /** Of mail that is written here: to be called when it is durable; null: nobody who gets it is away. */
  answering(message: Acceptance, head: Uint8Array): (() => void) | null {
    const mailboxes = message.local.map((entry) => entry.mailbox)
    const header = this.read(mailboxes, head)
    return header && (() => this.delivered(message, header, null))
  }

  /** Of a message that is durable. Returns at once. `stranger`: what is known of a client who may have named anybody. */
  delivered(message: Delivered, header: AwayHeader, stranger: Stranger | null): void {
    try {
      this.#judgeAll(message, header, stranger)
    } catch (error) {
      this.#parts.world.log.error('away notice not judged', { message: message.key, error: errorText(error) })
    }
  }

  #judgeAll(message: Delivered, header: AwayHeader, stranger: Stranger | null): void {
    const quiet: TraceEvent[] = []
    for (const mailbox of this.#away(message.local.map((entry) => entry.mailbox))) {
      const job = this.#judge(message, mailbox, { header, stranger })
      if (typeof job === 'string') quiet.push(this.#quiet(message.key, mailbox, job))
      else if (this.#jobs.length < awayWaitingMax && !this.#closed) this.#jobs.push(job)
      else this.#parts.world.log.warn('away notice not made', { message: message.key, mailbox: mailbox.name })
    }
    if (quiet.length > 0) this.#record(quiet)
    if (this.#jobs.length > 0) this.#working ??= this.#work()
  }

  /** Makes what waits, and nothing more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#working
  }

  #away(mailboxes: Iterable<MailboxId>): Job['mailbox'][] {
    const now = this.#parts.world.clock.now()
    const found: Job['mailbox'][] = []
    for (const id of mailboxes) {
      const row = this.#parts.directory.mailboxById(id)
      if (row?.away && isAway(row, now)) found.push({ ...row, away: row.away })
    }
    return found
  }

  /** What can be known without asking the store. */
  #judge(
    { key, envelope: { from }, local, event }: Delivered,
    mailbox: Job['mailbox'],
    { header, stranger }: { readonly header: AwayHeader; readonly stranger: Stranger | null },
  ): Job | Quiet {
    const { directory } = this.#parts
    if (mailbox.disabled === 'refuse' || mailbox.disabled === 'defer') return 'disabled' // since it was taken
    if (from === null) return 'null-sender'
    if (directory.owns(mailbox, from)) return 'own-address'
    const quiet = quietFor(from) ?? header.quiet
    if (quiet !== null) return quiet
    const came = local.find((entry) => entry.mailbox === mailbox.id)?.recipients ?? []
    const own = header.addressees.filter((address) => isOwn(directory, mailbox, address))
    const as = own.find((address) => came.some((text) => sameAddress(text, address))) ?? own[0]
    if (as === undefined) return 'not-named'
    const answers = { subject: event.subject, messageId: event.messageId, references: header.references }
    return { message: key, to: from, as, mailbox, answers, stranger }
  }

  async #work(): Promise<void> {
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift())
      try {
        const quiet = await this.#answer(job)
        if (quiet !== null) this.#record([this.#quiet(job.message, job.mailbox, quiet)])
      } catch (error) {
        this.#parts.world.log.warn('away notice not made', { message: job.message, error: errorText(error) })
      }
    this.#working = null
  }

  /** @throws StoreError */
  async #answer(job: Job): Promise<Quiet | null> {
    const { store, outbound, world } = this.#parts
    const { mailbox, to } = job
    if (store.canAccept() !== 'yes') return 'failed'
    const now = world.clock.now()
    const since = now - awayAgainMs
    const [sender, hourAgo] = [senderKey(to), now - 3_600_000]
    const before = await store.away.answered(mailbox.id, sender, hourAgo)
    if (before.lastAt !== null && before.lastAt > since) return 'answered'
    if (before.lately >= awayPerHourMax) return 'too-many'
    const acceptance = await this.#acceptance(job, now)
    if (acceptance === null) return 'unreachable'
    const event = this.#event(job.message, {
      step: 'away-answered',
      to: [],
      detail: {
        mailbox: mailbox.name,
        sender: formatAddress(to),
        notice: acceptance.key,
        ...(job.stranger && { waitsFor: waitsFor(job) }),
      },
    })
    const answered = { mailbox: mailbox.id, sender, at: now, since, perHourMax: awayPerHourMax, event }
    try {
      const queued = await store.accept({ ...acceptance, answered })
      if (queued.length > 0) outbound?.queued(queued)
      return null
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'conflict') throw error
      return 'failed' // the mailbox of its reader is full, or the owner's was removed a moment ago
    }
  }

  /** Null when nobody would get it. What a stranger caused leaves when SPF says that the sender is theirs. DS-13 */
  async #acceptance({ message, to, as, mailbox, answers, stranger }: Job, at: number): Promise<Acceptance | null> {
    const { world, hostname } = this.#parts
    const key = messageKey(at, world.random.bytes(10))
    const { subject, text } = mailbox.away
    const notice = { from: as, to, subject, text, at, messageId: `<${key}@${hostname}>`, answers }
    const composed = composeAwayNotice(notice)
    if (!composed.ok) throw new Error(composed.problem)
    const smtputf8 = [as, to].some(({ local }) => /[^ -~]/.test(local))
    const { acceptance } = await prepareOwn(this.#parts, {
      key,
      from: null,
      parameters: { ...noMailParameters, smtputf8 },
      to: [{ address: to, parameters: { notify: 'NEVER', orcpt: null } }],
      octets: composed.value,
      by: 'away notice',
      step: stranger === null ? 'notified' : 'notice-waits',
      detail: {
        about: message,
        kind: 'away',
        recipients: [formatAddress(as)],
        ...(stranger && { waitsFor: waitsFor({ to, stranger }) }),
      },
      priority: 2,
      memo: { notice: true, ...(stranger && { stranger: { ...stranger, kind: 'away' } }) },
    })
    return acceptance
  }

  #quiet(message: MessageKey, mailbox: MailboxRow, why: Quiet): TraceEvent {
    return this.#event(message, { step: 'away-quiet', to: [], detail: { mailbox: mailbox.name, why } })
  }

  #event(message: MessageKey, more: Pick<TraceEvent, 'step' | 'to' | 'detail'>): TraceEvent {
    const at = this.#parts.world.clock.now()
    return { ref: message, at, client: null, from: null, subject: null, messageId: null, ...more }
  }

  #record(events: readonly TraceEvent[]): void {
    const { store, world } = this.#parts
    store
      .record(events)
      .catch((error: unknown) => world.log.warn('away notice not recorded', { error: errorText(error) }))
  }
}

const waitsFor = ({ to, stranger }: Pick<Job, 'to' | 'stranger'>): string =>
  `a sign that ${stranger?.client} may send for ${to.domain}: it is no known client`

const sameAddress = (text: string, address: Address): boolean => {
  const parsed = parseAddress(text)
  return parsed.ok && addressKey(parsed.value) === addressKey(address)
}

/** Does it lead to this mailbox, and to others only because its owner sends them a copy? A list is nobody's own address. */
function isOwn(directory: Directory, mailbox: MailboxRow, address: Address): boolean {
  if (!directory.isLocalDomain(address.domain) || !directory.owns(mailbox, address)) return false
  const resolution = directory.resolve(address)
  if (resolution.is !== 'local') return true
  const copied = (mailbox.forward?.to ?? []).flatMap((text) => {
    const parsed = parseAddress(text)
    return parsed.ok ? [parsed.value] : []
  })
  const others = resolution.mailboxes.filter(({ id }) => id !== mailbox.id)
  return others.every((other) => copied.some((target) => directory.owns(other, target)))
}
