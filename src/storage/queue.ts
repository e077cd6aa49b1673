// The outbound queue as the rest of the program knows it: one row per recipient, moved from state to state, never edited
// blindly. Used by mail-relay and operations. It keeps what it is told and decides nothing. QU-01
import type { Address, ReversePath } from '#/message/address.ts'
import type { MailParameters, RcptParameters } from '#/message/envelope.ts'
import type { MessageKey } from '#/message/key.ts'
import type { Reply } from '#/message/reply.ts'
import type { Instant } from '#/world/world.ts'
import type { QueuePages } from './queue-pages.ts'
import type { Acceptance, TraceEvent } from './store.ts'

/** waiting → leased → delivered | failed | waiting again; held by somebody or for a reason; dropped by hand. */
export type DeliveryState = 'waiting' | 'leased' | 'held' | 'delivered' | 'failed' | 'dropped'
/** Whose attempt this is, and until when nobody else may try. Both together are the fence. QU-14 */
export type Lease = { readonly node: string; readonly until: Instant }
/** Interactive mail first, then bulk, notices last. QU-15 */
export type Priority = 0 | 1 | 2

/** What a delivery remembers from attempt to attempt. Absent means never. */
export type Memo = {
  readonly route?: string // the rung of the ladder that it stands on
  readonly routeTries?: number // temporary answers on that rung so far: D2
  readonly via?: string // the host last spoken to, as people read it
  readonly uncertain?: { readonly route: string; readonly host: string } // RO-17: first again here
  readonly crashes?: number // the program ended while it was being tried: QUE-20
  readonly atOnce?: number // recipients of a transaction, where a host hung up behind so many: QU-09
  readonly missingSince?: Instant // when its domain was first seen not to exist: RO-03
  readonly retryAt?: Instant // the next attempt, when dueAt stands for a notice before it
  readonly delayNoticeAt?: Instant // when the sender was told of the delay: DL-01
  readonly hold?: { readonly by: string; readonly why: string; readonly at: Instant }
  readonly released?: true // somebody let it go: no rule holds it again. QU-12
  readonly heldMs?: number // time in holds: it does not count against the lifetime. QU-12
  readonly onceRoute?: string // for the next attempt only, chosen by hand
  readonly lifetimeMs?: number // chosen by hand
  readonly laterAt?: Instant // deliberately sent later: SE-07
  readonly byServer?: string // by this route whatever the rules say, at every attempt: SE-06
  readonly notice?: true // a notice of ours: its failure is told to nobody. DS-02
  /** A notice whose reader was named by a client who may be anybody: not before SPF has said that he may. DS-13 */
  readonly stranger?: {
    readonly client: string
    readonly ehlo: string
    readonly about: MessageKey
    /** Of what kind the notice is, when it does not tell that something arrived. */
    readonly kind?: 'away'
  }
  readonly owner?: string // forwarded by a mapping: the mailbox that hears of its failure. AD-14
}

export type DeliveryRow = {
  readonly id: string
  readonly message: MessageKey
  readonly content: number // id of the octets
  readonly file: string | null // the content file of a large message
  readonly from: ReversePath
  readonly to: Address
  readonly destination: string // domain of the recipient
  readonly siblings: number // recipients that the message was queued for
  readonly state: DeliveryState
  readonly priority: Priority
  readonly attempts: number // started, counted before the connection is made. QU-02
  readonly dueAt: Instant
  readonly acceptedAt: Instant
  readonly finishedAt: Instant | null
  readonly lastReply: Reply | null
  readonly mail: MailParameters
  readonly rcpt: RcptParameters
  readonly allowedBy: string
  readonly sizeBytes: number
  readonly memo: Memo
  readonly lease: Lease | null
}

/** What of a row changes; the rest is for ever. */
export type Fate = Pick<DeliveryRow, 'state' | 'attempts' | 'dueAt' | 'lastReply' | 'memo' | 'lease'> & {
  readonly priority?: Priority // left out: as it was
}
/** From a row as it was read to what it becomes; a row that moved meanwhile is a conflict and nothing of the unit is kept. */
export type Move = { readonly row: DeliveryRow; readonly to: Fate }
export type MovesUnit = {
  readonly at: Instant
  readonly moves: readonly Move[]
  readonly events?: readonly TraceEvent[]
  /** Notices and returned mail, committed with what they tell of. DS-12, QUE-21 */
  readonly acceptances?: readonly Acceptance[]
  /** Every delivery of this message is dropped by these moves: its draft is there again, its copy is not. SE-07 */
  readonly takenBack?: MessageKey
  /** Nobody waits for it: it may be written a few milliseconds later, together with what comes meanwhile. */
  readonly patient?: boolean
}

export type DeliveryFilter = {
  readonly states?: readonly DeliveryState[]
  readonly message?: string
  readonly destination?: string
  /** In the address of the sender or the recipient, or the last reply. */
  readonly text?: string
  readonly acceptedBefore?: Instant
  readonly after?: string // an id: the page behind it
  readonly limit: number
}
export type Destination = { readonly destination: string; readonly dueAt: Instant; readonly waiting: number }
/** What is open for one destination. */
export type DestinationFigures = Omit<QueueFigures, 'oldestAcceptedAt'> & {
  readonly destination: string
  readonly oldestAcceptedAt: Instant
  readonly nextDueAt: Instant | null // of those that wait
}
export type QueueFigures = {
  readonly waiting: number
  readonly deferred: number // of those that wait: tried before
  readonly leased: number
  readonly held: number
  readonly oldestAcceptedAt: Instant | null
}

export type DelayAfter = { readonly delayMs: number; readonly repeatMs: number }

export const openStates: readonly DeliveryState[] = ['waiting', 'leased', 'held']
export const isFinished = (state: DeliveryState): boolean => !openStates.includes(state)

export interface Queue {
  readonly pages: QueuePages
  /** Durable when it resolves, with the deliveries that the acceptances made. Contents whose last delivery finished are
   *  removed. @throws EntryRefused when an acceptance is for a mailbox that is full or gone, StoreError 'conflict' when a row
   *  is not as it was read: a lost lease, a change by hand. The octets of the acceptances are gone then. QU-14 */
  move(unit: MovesUnit): Promise<DeliveryRow[]>
  /** Every destination with waiting deliveries, soonest first. */
  destinations(limit: number): Promise<Destination[]>
  /** Deliveries of a destination that are due, by priority and time. */
  due(destination: string, now: Instant, limit: number): Promise<DeliveryRow[]>
  /** Waiting deliveries that are due, and of which somebody must hear since they are so old; told ones so long after it, 0:
   *  never. One look at all that waits. DL-01 */
  untold(now: Instant, after: DelayAfter, limit: number): Promise<DeliveryRow[]>
  /** Leased deliveries whose lease is over: whoever tried them died, or hangs. QU-14 */
  lapsed(now: Instant, limit: number): Promise<DeliveryRow[]>
  /** All deliveries of a message, finished ones too. */
  ofMessage(message: string): Promise<DeliveryRow[]>
  find(filter: DeliveryFilter): Promise<DeliveryRow[]>
  /** The octets of a message, checked against their checksum before the last of them is handed out: of small ones in one
   *  piece. @throws StoreError 'missing' | 'failed' (damaged): OUT-19 */
  content(row: Pick<DeliveryRow, 'content' | 'file'>): Promise<Uint8Array | AsyncIterable<Uint8Array>>
  figures(): Promise<QueueFigures>
  /** Destinations with the most open deliveries first. */
  summary(limit: number): Promise<DestinationFigures[]>
  /** Time in which nothing was sent on purpose counts against no lifetime of what waited then. QU-12, QU-13 */
  excuse(from: Instant, until: Instant): Promise<void>
  /** Waiting deliveries whose next attempt is later than `latest` become due `now`, but for those that are sent later on
   *  purpose: for a clock that was set back. CLK-02 */
  replan(now: Instant, latest: Instant): Promise<void>
  /** Waiting deliveries that the relay holds until something is mended become due `now`. RO-34 */
  retryHeld(now: Instant): Promise<void>
  /** Waiting deliveries are looked at, for a notice of the delay, when they are so old; told ones so long after it, 0: never.
   *  DL-03 */
  tellSooner(now: Instant, after: DelayAfter): Promise<void>
  /** Forgets finished deliveries. */
  prune(before: Instant): Promise<void>
}
