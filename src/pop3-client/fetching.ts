// Fetches what is wanted in one session, many at once: each message is kept durably, and only then may it be removed there.
// Used by session-run.ts. Decides nothing about what is wanted.
import type { Collecting, Ended, Kept } from '#/intake/types.ts'
import { isLimited } from '#/mailboxes/quota.ts'
import type { RemoteRow } from '#/storage/collected.ts'
import type { Instant } from '#/world/world.ts'
import { Arriving } from './arriving.ts'
import type { FetchAnswer, RemoteBox, RemoteTrouble } from './box.ts'
import { hashOf } from './heads.ts'
import {
  contentUid,
  fullHash,
  hasHeader,
  headerUid,
  isHere,
  isNameless,
  remember,
  type Identified,
  type Known,
} from './identify.ts'
import { inMemoryBytesMax, triesMax } from './limits.ts'
import { Pace } from './pace.ts'
import { goesAtOnce, keyText, type Plan } from './plan.ts'
import { originOf, rowFor } from './rows.ts'
import { isThere, mailboxGone, stopOf, type RunState } from './run-state.ts'
import type { SessionParts } from './session-run.ts'
import { isForNow } from './troubles.ts'
import { Window } from './window.ts'

const inDoubtWords = 'The server gave the same octets for another UID: it stays there until somebody has looked at it'

type Octets = { readonly uid: string; row: RemoteRow | null; doubtful: boolean }

export class Fetching {
  /** Rows to be written at the end, by key. */
  readonly marks = new Map<string, RemoteRow>()
  /** Said to be removed; it counts when the server has answered QUIT. */
  readonly removing: RemoteRow[] = []
  /** The session is over without a goodbye. */
  broken = false
  /** The session must end so that nothing is removed. */
  inDoubt = false
  readonly #parts: SessionParts
  readonly #run: RunState
  readonly #box: RemoteBox
  readonly #window: Window
  readonly #removals = new Set<Promise<void>>() // of what is here by now: they hold no place in the window
  #roomBytes = Infinity // in the mailbox
  #fullWords: string | null = null // of a mailbox that one of the messages was for
  readonly #since: Instant
  #begun = { messages: 0, bytes: 0 }
  #samenesses: Set<string> | null = null // of what the mailbox holds, where copies stay on the server
  readonly #keeping = new Map<string, Promise<Kept>>() // by sameness
  #octets: Map<string, Octets> | null = null // which UIDs gave them
  #due: Plan['due'] = new Set()
  readonly #taken = new Map<string, string>() // by key: the sameness of what is kept under it in this session
  readonly #sharers = new Map<string, { readonly number: number; readonly row: RemoteRow }[]>() // read in this session, by UID

  constructor(parts: SessionParts, run: RunState, box: RemoteBox) {
    this.#parts = parts
    this.#run = run
    this.#box = box
    this.#window = new Window(parts.share)
    this.#since = parts.world.clock.now()
  }

  /** What was read in an earlier session is looked at before it goes: its UID may be that of another message by now. P3C-03
   *  Each goes as soon as it was seen, since the looks alone may fill the time of a run. PC-22
   *  Resolves with those that are not proven, and the hash of what was shown: another message, or '' for nothing. */
  async removeProven(remove: readonly Identified[]): Promise<Map<Identified, string>> {
    const doubtful = new Map<Identified, string>()
    const pace = new Pace(this.#box.facts.pipelining)
    const { clock } = this.#parts.world
    let at = 0
    while (at < remove.length && this.#box.facts.top && !this.#mustEnd()) {
      const some = remove.slice(at, (at += pace.count)) // together: a group of commands travels as one segment
      const askedAt = clock.now()
      const proven = await Promise.all(some.map((one) => this.#isProven(one, doubtful)))
      pace.answered(clock.now() - askedAt)
      if (this.#mustEnd()) break
      for (const [i, one] of some.entries()) if (proven[i]) this.#removeSoon(one.listed.number, this.#rowOf(one))
    }
    for (const one of remove.slice(at))
      // some servers cannot show any
      if (this.#box.facts.top || !(await this.#begin(0, () => this.#remove(one.listed.number, this.#rowOf(one))))) break
    return doubtful
  }

  async #isProven(one: Identified, doubtful: Map<Identified, string>): Promise<boolean> {
    const answer = await this.#box.head(one.listed.number)
    if (answer.is === 'broken') this.#brokenOff(answer.trouble)
    const hash = answer.is === 'head' ? hashOf(answer.octets) : ''
    const isHidden = answer.is !== 'head' && this.#box.facts.top // it may be shown another time
    if (isHidden || (hash !== '' && !hasHeader(one.key, hash))) doubtful.set(one, hash)
    return !doubtful.has(one)
  }

  #rowOf(one: Identified): RemoteRow {
    return { ...rowFor(one, this.#parts.world.clock.now()), state: one.row?.state ?? 'ignored' }
  }

  /** True when another session should go on. */
  async work({ fetch, removeUnread, due, shared }: Omit<Plan, 'remove'>): Promise<boolean> {
    this.#due = due
    for (const one of removeUnread) await this.#begin(0, () => this.#remove(one.listed.number, this.#rowOf(one)))
    if (fetch.length > 0) await this.#prepare()
    this.#run.phase = 'fetching'
    let next = 0
    for (; next < fetch.length && !this.#mustEnd(); next++) {
      const one = fetch[next]!
      const bytes = Math.min(one.listed.sizeBytes, inMemoryBytesMax)
      if (!this.#fits(one) || !(await this.#begin(bytes, () => this.#fetch(one)))) break
    }
    await this.#window.idle()
    for (const [uid, all] of this.#sharers)
      if (all.length === shared.get(uid))
        for (const { number, row } of all) await this.#begin(0, () => this.#remove(number, row))
    await this.#window.idle()
    await Promise.all(this.#removals)
    if (this.#fullWords !== null) this.#full(this.#fullWords)
    return next < fetch.length && !this.#run.cancelled
  }

  /** Begins when there is room; false when the session ends first. */
  async #begin(bytes: number, work: () => Promise<void>): Promise<boolean> {
    const full = this.#window.take(bytes)
    if (full) await full
    if (this.#mustEnd()) {
      this.#window.release(bytes)
      return false
    }
    void work()
      .catch((error: unknown) => this.#fail(error))
      .then(() => this.#window.release(bytes))
    return true
  }

  #fail(error: unknown): void {
    this.#parts.world.log.error('collecting', { account: this.#run.row.settings.name, error })
    this.#run.end({ reason: 'store', trouble: null, words: 'This server cannot keep what it collects: see its log' })
  }

  #mustEnd(): boolean {
    if (this.broken || this.#run.cancelled || this.#run.stop !== null) return true
    if (this.#box.facts.loginDelaySeconds > 0) return false // the rest would have to wait. PC-05
    if (this.removing.length === 0 && !goesAtOnce(this.#run.row.settings)) return false
    const { commitMs, commitEvery, commitBytes } = this.#parts.settingsNow().pop3Client // PC-16
    const { messages, bytes } = this.#begun
    if (messages >= commitEvery || bytes >= commitBytes) return true
    return messages > 0 && this.#parts.world.clock.now() - this.#since >= commitMs
  }

  async #prepare(): Promise<void> {
    const { store, directory } = this.#parts
    const { duplicates, mailbox } = this.#run.row.settings
    if (duplicates === 'leave') this.#samenesses = await store.collected.samenesses(mailbox)
    const row = directory.mailboxById(mailbox)
    if (!isThere(row)) return this.#full(mailboxGone)
    if (row.disabled === 'refuse' || row.disabled === 'defer')
      return this.#full(`The mailbox ${row.name} is disabled and takes no mail`)
    if (isLimited(row)) this.#roomBytes = row.quotaBytes - (await store.mailboxState(mailbox)).bytes
  }

  /** No trouble here ever leads to a removal there. PC-23 */
  #full(words: string): void {
    this.#run.end({ reason: 'mailbox', trouble: null, words })
  }

  #fits({ listed: { sizeBytes } }: Identified): boolean {
    const { store, directory } = this.#parts
    if (store.canAccept() !== 'yes')
      this.#run.end({ reason: 'store', trouble: null, words: 'This server is short of space, or cannot store mail' })
    else if (sizeBytes > this.#roomBytes)
      this.#full(
        `The mailbox ${directory.mailboxById(this.#run.row.settings.mailbox)?.name ?? ''} has no room for the next message`,
      )
    this.#roomBytes -= sizeBytes
    return this.#run.stop === null
  }

  async #fetch(one: Identified): Promise<void> {
    const { sizeBytes, number } = one.listed
    this.#begun.messages++
    this.#begun.bytes += sizeBytes
    const from = () => originOf(this.#run.row, this.#box.facts, { ...one, raw: false })
    const arriving = new Arriving(() => this.#parts.intake.beginCollecting(from()))
    const answer = await this.#box.fetch(number, arriving, this.#run.row.settings.sizeBytesMax)
    if (answer.is === 'whole') return this.#whole(one, arriving.collecting())
    this.#notWhole(one, answer, arriving.discard())
  }

  /** `began`: octets of it came, so that it may be this message at which the line breaks. PC-20 */
  #notWhole(one: Identified, answer: Exclude<FetchAnswer, { is: 'whole' }>, began: boolean): void {
    if (answer.is === 'withdrawn') return
    if (answer.is === 'too-big') {
      this.broken = true
      return this.#aside(one, 'It is larger than the server says, and than this account takes')
    }
    if (answer.is === 'refused' && isForNow(answer.trouble)) return this.#later(one, answer.trouble.words)
    if (answer.is === 'refused') return this.#failed(one, answer.trouble.words)
    if (began && answer.trouble.is !== 'stopped') this.#failed(one, `Its retrieval broke off: ${answer.trouble.words}`)
    this.#brokenOff(answer.trouble)
  }

  #brokenOff(trouble: RemoteTrouble): void {
    this.broken = true
    this.#run.end(stopOf(trouble))
  }

  /** It is counted, and not held against it. PC-04 */
  #later(one: Identified, problem: string): void {
    this.#run.warn(problem)
    if (isHere(one.row)) return
    this.#run.tried.add(keyText(one.row ?? one.key))
    this.#run.skipped = { ...this.#run.skipped, failed: this.#run.skipped.failed + 1 }
  }

  #failed(one: Identified, problem: string): void {
    if (isHere(one.row)) return this.#run.warn(problem) // it was only read again before it goes
    const row = rowFor(one, this.#parts.world.clock.now())
    const tries = row.tries + 1
    this.#run.tried.add(keyText(row))
    const state = tries >= triesMax ? 'aside' : 'failed'
    this.#mark({ ...row, state, tries, problem })
    this.#run.skipped = { ...this.#run.skipped, [state]: this.#run.skipped[state] + 1 }
  }

  #aside(one: Identified, problem: string): void {
    if (isHere(one.row)) return this.#run.warn(problem)
    this.#mark({ ...rowFor(one, this.#parts.world.clock.now()), state: 'aside', problem })
    this.#run.skipped = { ...this.#run.skipped, aside: this.#run.skipped.aside + 1 }
  }

  #mark(row: RemoteRow): void {
    this.marks.set(keyText(row), row)
  }

  async #whole(one: Identified, collecting: Collecting): Promise<void> {
    const ended = collecting.end()
    if (this.#samenesses) await this.#keeping.get(ended.sameness) // a copy of it may come at the same time
    const before = this.#before(one, ended)
    if (before !== null || ended.problem !== null || this.#samenesses?.has(ended.sameness)) {
      collecting.discard()
      if (before !== null) return this.#recognised(one, before)
      if (ended.problem !== null) return this.#aside(one, ended.problem)
      return this.#mark({ ...rowFor(one, this.#parts.world.clock.now()), state: 'duplicate', problem: null })
    }
    await this.#keep(one, ended, collecting)
  }

  /** The row of the same message, when it was here before under this UID: with the same octets. */
  #before({ key, listed }: Identified, { headerHash, sameness }: Ended): RemoteRow | null {
    const uids = listed.uid === null ? [key.uid, headerUid(headerHash), contentUid(sameness)] : [key.uid]
    const rows = uids.flatMap((uid) => this.#run.known.get(uid) ?? [])
    const isSame = (row: RemoteRow): boolean => hasHeader(row, headerHash) || hasHeader(row, key.headerHash)
    return rows.find((row) => isHere(row) && row.sameness === sameness && isSame(row)) ?? null
  }

  #recognised(one: Identified, row: RemoteRow): void {
    const { sizeBytes, number } = one.listed
    if (one.row !== row || row.sizeBytes !== sizeBytes) this.#mark({ ...row, sizeBytes, state: 'stored', goneAt: null })
    const { settings } = this.#run.row
    const goes = goesAtOnce(settings) && row.at >= settings.deletesFrom // PC-29
    if ((goes || this.#due.has(number)) && row.problem === null) this.#removeHere(one, row)
  }

  /** A server may take all messages of a UID for one: they go together, when each of them was read. PC-08 */
  #removeHere({ key, listed, sharesUid }: Identified, row: RemoteRow): void {
    if (!sharesUid) return this.#removeSoon(listed.number, row)
    const read = this.#sharers.get(key.uid) ?? []
    this.#sharers.set(key.uid, [...read, { number: listed.number, row }])
  }

  async #keep(one: Identified, ended: Ended, collecting: Collecting): Promise<void> {
    const { key, listed } = one
    const uid = isNameless(one) ? contentUid(ended.sameness) : key.uid
    const headerHash = this.#hashFor(uid, key.headerHash || ended.headerHash, ended.sameness)
    const octets = this.#noteOctets(uid, ended)
    const problem = octets.doubtful ? inDoubtWords : null
    const keeping = collecting.keep({ uid, headerHash, sameness: ended.sameness, problem })
    if (this.#samenesses) this.#keeping.set(ended.sameness, keeping)
    const kept = await keeping
    if (kept.is !== 'kept') return this.#notKept(one, kept)
    this.#samenesses?.add(ended.sameness)
    const { message, mailboxes } = kept
    const fresh = rowFor({ ...one, row: null }, this.#parts.world.clock.now())
    const { sameness } = ended
    octets.row = { ...fresh, uid, headerHash, state: 'stored', problem, message, mailbox: mailboxes[0]!, sameness }
    remember(this.#run.known, octets.row)
    this.#run.fetched++
    this.#run.fetchedBytes += listed.sizeBytes
    this.#parts.onProgress()
    if (octets.doubtful) this.#doubt(octets)
    else if (goesAtOnce(this.#run.row.settings)) this.#removeHere(one, octets.row)
  }

  #hashFor(uid: string, headerHash: string, sameness: string): string {
    const key = keyText({ uid, headerHash })
    const rows = this.#run.known.get(uid) ?? []
    const before = this.#taken.get(key) ?? rows.find((row) => isHere(row) && row.headerHash === headerHash)?.sameness
    if (before !== undefined && before !== sameness) return fullHash(headerHash, sameness)
    this.#taken.set(key, sameness)
    return headerHash
  }

  /** The mailbox of one user that is full does not keep their mail from the others. PC-26 */
  #notKept(one: Identified, kept: Exclude<Kept, { is: 'kept' }>): void {
    if (kept.is === 'mailbox' && !kept.isOwn) {
      this.#fullWords ??= kept.words
      this.#later(one, kept.words)
    } else if (kept.is === 'mailbox') this.#full(kept.words)
    else if (kept.is === 'store') this.#run.end({ reason: 'store', trouble: null, words: kept.words })
  }

  /** A server that gives one message for all numbers must not make us remove those that nobody has seen. P3C-16 */
  #noteOctets(uid: string, { headerHash, sameness }: Ended): Octets {
    this.#octets ??= octetsOf(this.#run.known)
    const octets = headerHash + sameness
    const before = this.#octets.get(octets)
    if (before === undefined || before.uid === uid) {
      const noted: Octets = before ?? { uid, row: null, doubtful: false }
      this.#octets.set(octets, noted)
      return noted
    }
    before.doubtful = true
    if (before.row) this.#doubt(before)
    return { uid, row: null, doubtful: true }
  }

  /** What was said to be removed in this session stays too: it ends without QUIT. */
  #doubt({ row }: Octets): void {
    this.inDoubt = true
    this.#run.warn(inDoubtWords)
    if (row) this.#mark({ ...row, problem: inDoubtWords })
  }

  /** Its answer takes a round trip, in which more can be fetched. */
  #removeSoon(number: number, row: RemoteRow): void {
    const removal = this.#remove(number, row)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#removals.delete(removal))
    this.#removals.add(removal)
  }

  async #remove(number: number, row: RemoteRow): Promise<void> {
    const answer = await this.#box.remove(number)
    if (answer.is === 'withdrawn') return // it is said in the next run
    if (answer.is === 'done') this.removing.push(row)
    else if (answer.is === 'refused') this.#run.warn(`A removal was refused: ${answer.trouble.words}`)
    else this.#brokenOff(answer.trouble)
  }
}

function octetsOf(known: Known): Map<string, Octets> {
  const octets = new Map<string, Octets>()
  for (const rows of known.values())
    for (const row of rows)
      if (row.goneAt === null && row.sameness !== '')
        octets.set(row.headerHash + row.sameness, { uid: row.uid, row, doubtful: false })
  return octets
}
