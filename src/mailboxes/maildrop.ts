// A mailbox as one POP3 session sees it: locked, frozen at login, deletions marked until commit. RFC 1939 §4, §6
import { LRUCache } from 'lru-cache'
import {
  StoreError,
  type Listing,
  type MailboxState,
  type Store,
  type StuffedRun,
  type TraceEvent,
} from '#/storage/store.ts'
import { uidlOf } from '#/storage/uidl.ts'
import type { Clock, Instant } from '#/world/world.ts'

const leaseMs = 120_000
const renewMs = 45_000
const lockStepMs = 100
const rememberedBytesMax = 33_554_432

/** Listings by mailbox and change number, so that polling programs do not make the store read them again. */
export type Listings = LRUCache<string, Listing>
export const rememberListings = (): Listings =>
  new LRUCache<string, Listing>({ maxSize: rememberedBytesMax, sizeCalculation: (l) => 64 + l.uids.length * 12 })

export type MaildropParts = {
  readonly store: Store
  readonly clock: Clock
  readonly listings: Listings
  /** What is deleted can be restored for a time. PS-17 */ readonly keepsDeleted?: () => boolean
}
export type MaildropRequest = { readonly mailbox: number; readonly holder: string; readonly waitMs: number }

/** Null when another session holds the lock for longer than `waitMs`: [IN-USE]. @throws StoreError */
export async function openMaildrop(parts: MaildropParts, request: MaildropRequest): Promise<Maildrop | null> {
  const { store, clock } = parts
  const { mailbox, holder, waitMs } = request
  const giveUp = clock.now() + waitMs
  let until = clock.now() + leaseMs
  while (!(await store.lockMaildrop(mailbox, holder, { now: clock.now(), until }))) {
    if (clock.now() >= giveUp) return null
    await clock.sleep(lockStepMs)
    until = clock.now() + leaseMs
  }
  try {
    return new Maildrop(parts, { mailbox, holder, until }, await store.mailboxState(mailbox))
  } catch (error) {
    await store.unlockMaildrop(mailbox, holder)
    throw error
  }
}

type Held = { readonly mailbox: number; readonly holder: string; readonly until: Instant }

/** Message n of the session is at index n-1. */
export class Maildrop {
  readonly mailbox: number
  readonly messages: number
  readonly bytes: number
  readonly #parts: MaildropParts
  readonly #holder: string
  readonly #state: MailboxState
  readonly #renewal: Disposable
  #heldUntil: Instant
  #lost = false
  #listing: Listing | null = null
  #deleted: Uint8Array | null = null
  #deletedCount = 0
  #deletedBytes = 0

  constructor(parts: MaildropParts, { mailbox, holder, until }: Held, state: MailboxState) {
    this.#parts = parts
    this.#holder = holder
    this.#heldUntil = until
    this.#state = state
    this.mailbox = mailbox
    this.messages = state.messages
    this.bytes = state.bytes
    this.#renewal = parts.clock.every(renewMs, () => void this.#holds().catch(() => undefined)) // tried again
  }

  /** Renews the lease. Once it was refused or came too late, another session may have been here: for ever false. PS-03 */
  async #holds(): Promise<boolean> {
    const now = this.#parts.clock.now()
    const until = now + leaseMs
    if (this.#lost || now >= this.#heldUntil) return !(this.#lost = true)
    if (await this.#parts.store.lockMaildrop(this.mailbox, this.#holder, { now, until })) this.#heldUntil = until
    else this.#lost = true
    return !this.#lost
  }

  /** What STAT says: deleted ones do not count. */
  get count(): { messages: number; bytes: number } {
    return { messages: this.messages - this.#deletedCount, bytes: this.bytes - this.#deletedBytes }
  }

  /** The frozen list; read at first need only. @throws StoreError. Messages that came after login are cut off: UIDs only grow. PS-04 */
  listing(): Listing | Promise<Listing> {
    return this.#listing ?? this.#load()
  }

  async #load(): Promise<Listing> {
    const { store, listings } = this.#parts
    const key = `${this.mailbox}/${this.#state.changeNumber}`
    let listing = this.messages === 0 ? nothing(this.mailbox, this.#state) : listings.get(key)
    if (!listing) {
      listing = await store.list(this.mailbox)
      if (listing.changeNumber !== this.#state.changeNumber) listing = await this.#asAtLogin(listing)
      listings.set(key, listing)
    }
    this.#listing = listing
    this.#deleted = new Uint8Array(listing.uids.length)
    return listing
  }

  /** The store went on since login: what came is cut off, what a person deleted meanwhile is still there to read. What is
   *  gone for good would shift the numbers that STAT has counted, so the session is told to come again. PS-04 */
  async #asAtLogin(now: Listing): Promise<Listing> {
    const { uidNext, changeNumber } = this.#state
    const deleted = await this.#parts.store.entries.deletedSince(this.mailbox, changeNumber)
    const sizes = new Map(deleted.map(({ uid, sizeBytes }) => [uid, sizeBytes]))
    now.uids.forEach((uid, i) => sizes.set(uid, now.sizes[i]!))
    const uids = Uint32Array.from([...sizes.keys()].filter((uid) => uid < uidNext)).sort()
    if (uids.length !== this.messages)
      throw new StoreError('conflict', 'messages were removed between login and the first look')
    const uidls = new Map([
      ...deleted.flatMap(({ uid, uidl }) => (uidl === null ? [] : [[uid, uidl] as const])),
      ...now.uidls,
    ])
    return { ...now, changeNumber, uids, sizes: Float64Array.from(uids, (uid) => sizes.get(uid)!), uidls }
  }

  /** After `listing()`: does message n exist and is not marked? */
  has(n: number): boolean {
    return n >= 1 && n <= (this.#listing?.uids.length ?? 0) && this.#deleted![n - 1] === 0
  }

  mark(n: number): void {
    if (!this.has(n)) return
    this.#deleted![n - 1] = 1
    this.#deletedCount++
    this.#deletedBytes += this.#listing!.sizes[n - 1]!
  }

  unmarkAll(): void {
    this.#deleted?.fill(0)
    this.#deletedCount = 0
    this.#deletedBytes = 0
  }

  /** RFC 1939 §7, PS-07 */
  uidl(n: number): string {
    const { uids, uidls, uidValidity } = this.#listing!
    const uid = uids[n - 1]!
    return uidls.get(uid) ?? uidlOf(uidValidity, uid)
  }

  read(first: number, countMax: number, bytesMax: number): Promise<StuffedRun> {
    return this.#parts.store.readStuffed(
      this.mailbox,
      this.#listing!.uids.slice(first - 1, first - 1 + countMax),
      bytesMax,
    )
  }

  open(n: number): AsyncIterable<Uint8Array> {
    return this.#parts.store.openMessage(this.mailbox, this.#listing!.uids[n - 1]!)
  }

  /** The keys of these, as the trace names them. */
  async keys(numbers: readonly number[]): Promise<string[]> {
    if (numbers.length === 0) return []
    return this.#parts.store.messagesOf(
      this.mailbox,
      numbers.map((n) => this.#listing!.uids[n - 1]!),
    )
  }

  /** Removes the marked ones durably; resolves with how many. RFC 1939 §6 @throws StoreError: nothing was removed */
  async commit(event: Omit<TraceEvent, 'detail'>): Promise<number> {
    if (this.#deletedCount === 0) return 0
    if (!(await this.#holds())) throw new StoreError('conflict', 'Another session has had this mailbox meanwhile')
    const uids = [...this.#listing!.uids].filter((_uid, i) => this.#deleted![i] === 1)
    const told = { ...event, detail: { mailbox: this.mailbox, uids: uids.slice(0, 1000) } }
    const { store, keepsDeleted } = this.#parts
    if (keepsDeleted?.()) await store.entries.delete(this.mailbox, uids, { at: event.at, events: [told] })
    else await store.removeEntries(this.mailbox, uids, told)
    return uids.length
  }

  async close(): Promise<void> {
    this.#renewal[Symbol.dispose]()
    await this.#parts.store.unlockMaildrop(this.mailbox, this.#holder)
  }
}

const nothing = (mailbox: number, { changeNumber, uidValidity }: MailboxState): Listing => ({
  mailbox,
  changeNumber,
  uidValidity,
  uids: new Uint32Array(),
  sizes: new Float64Array(),
  uidls: new Map(),
})
