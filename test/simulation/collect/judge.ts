// Sees every commit here, every session and every removal there, and says what must never be. Used by simulation.ts. It knows
// only what is promised: nothing of how the collector comes to its decisions.
import type { AccountStatus, RemoteAccount } from '#/config/remote-accounts.ts'
import type { RemoteTrouble } from '#/pop3-client/box.ts'
import type { RunReport } from '#/pop3-client/types.ts'
import type { AccountId } from '#/storage/collected.ts'
import type { Disk, Work } from '../disk.ts'
import type { Time } from '../time.ts'
import type { FarBox } from './box.ts'
import { tagOf, type Far, type FarMessage } from './far.ts'
import { isPatient } from './moods.ts'
import type { FarPlan, Scenario } from './scenario.ts'

/** What happened to one account since somebody last saw to it. */
type Story = {
  readonly plan: FarPlan
  readonly settings: RemoteAccount
  goodAt: number // true time of its last good run
  tries: number[] // true times of its sessions by itself, while it fails
  alerts: Set<string> // since its last good run, in this run of the program
  told: Set<string> // since its last good run
  handAt: number // true time of the last session that somebody had
  isSlow: boolean // its last run took so long that it has the places of slow ones only
  isEnded: boolean // somebody has ended the run that is under way
  isClosed: boolean // its server has said that nobody else gets in: only somebody can help
}
export type JudgeParts = { readonly disk: Disk; readonly time: Time; readonly scenario: Scenario }

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** What a run of an account that is well may wait for a place, beyond its interval. */
const promptMs = 8 * minuteMs
/** Many sessions, and a lock behind each of them, may take as long where all is well. */
const slowMs = minuteMs
const commitMs = 1000
/** A server that asks to come later is asked again after so long. */
const patientMs = 5 * minuteMs
const probeMs = 6 * hourMs
/** A run of an account that is in trouble lasts no longer. */
const runMs = 65 * minuteMs

export class Judge {
  readonly verdict: string[] = []
  readonly counts = { runs: 0, stored: 0, removed: 0, alerts: 0, sessions: 0, refused: 0 }
  /** Accounts that somebody works on by hand now. */
  readonly inHand = new Map<string, number>()
  /** Messages that somebody had deleted unread. */
  readonly unwanted = new Set<string>()
  wasFull = false
  isFull = false
  isDraining = false
  #disturbedAt = 0
  #mendedAt = -Infinity
  readonly #p: JudgeParts
  readonly #stories = new Map<string, Story>()
  readonly #names = new Map<AccountId, string>()
  readonly #copies = new Map<string, Map<string, number>>() // by tag, by account
  readonly #open = new Set<FarBox>()
  readonly #byHand = new Set<FarBox>() // of these
  #handsAt = 0 // when people last had all places
  readonly #last = new Map<Far, NonNullable<FarBox['before']>>() // who was last at a mailbox

  constructor(parts: JudgeParts) {
    this.#p = parts
  }

  blame(what: string): void {
    this.verdict.push(what)
  }

  knows(id: AccountId, settings: RemoteAccount): void {
    const plan = this.#p.scenario.fars.find(({ host }) => host === settings.host)!
    this.#names.set(id, settings.name)
    this.#stories.set(settings.name, {
      plan,
      settings,
      goodAt: 0,
      tries: [],
      alerts: new Set(),
      handAt: 0,
      told: new Set(),
      isSlow: false,
      isEnded: false,
      isClosed: false,
    })
  }

  /** The program went away, came back, or has another time: what it owes begins anew. */
  disturbed(): void {
    this.#disturbedAt = this.#p.time.now
    this.isDraining = false
    this.isFull = false
    this.#last.clear()
    for (const story of this.#stories.values()) {
      story.tries = []
      story.alerts.clear()
      story.isEnded = false
      story.isClosed = false // that it was said may not be durable yet
    }
  }

  /** Somebody ends a run of it, which goes on at its next time. */
  cancelled(name: string): void {
    Object.assign(this.#stories.get(name)!, { goodAt: this.#p.time.now, isEnded: true })
  }

  mended(names: readonly string[]): void {
    this.disturbed()
    for (const name of names) {
      const story = this.#stories.get(name)!
      story.goodAt = this.#p.time.now
      story.told.clear()
    }
    this.#mendedAt = this.#p.time.now
  }

  committed({ acceptances = [] }: Work): void {
    for (const { content, collected, event } of acceptances) {
      if (event.step === 'alert') this.#alerted((event.to[0] ?? '').replace(/@.*/, ''), event.subject ?? '')
      if (!collected) continue
      const tag = tagOf(content.chunks![0]!) ?? ''
      const name = this.#names.get(collected.account) ?? ''
      const copies = this.#copies.get(tag) ?? new Map<string, number>()
      copies.set(name, (copies.get(name) ?? 0) + 1)
      this.#copies.set(tag, copies)
      this.counts.stored++
      if (copies.get(name)! > 1) this.blame(`${tag} is here twice by ${name}`)
    }
  }

  /** One an episode: that it fails, and that it waits for somebody. Mailboxes have the names of their accounts. */
  #alerted(name: string, subject: string): void {
    const story = this.#stories.get(name)
    this.counts.alerts++
    if (story?.alerts.has(subject)) this.blame(`${name} is told again: ${subject}`)
    story?.alerts.add(subject)
    story?.told.add(subject)
  }

  opening(box: FarBox): void {
    const { connectionsMax } = this.#p.scenario.settings.pop3Client
    this.counts.sessions++
    const byHand = this.inHand.has(box.account)
    if (this.isDraining && !byHand) this.blame(`${box.account} opens a session while the program ends`)
    for (const other of this.#open)
      if (other.far === box.far) this.blame(`${box.account} and ${other.account} are in one mailbox at once`)
    this.#open.add(box)
    if (byHand) this.#byHand.add(box)
    if (this.#open.size > connectionsMax) this.blame(`${this.#open.size} sessions at once`)
    box.before = this.#last.get(box.far) ?? null
    box.isAwaited = box.before?.byHand === false && box.before.life === box.life && !byHand
    this.#last.set(box.far, { byHand, life: box.life })
    if (byHand) Object.assign(this.#stories.get(box.account)!, { isClosed: false, handAt: this.#p.time.now })
    else this.#tried(box.account)
  }

  ended(box: FarBox): void {
    if (this.#byHand.size >= this.#p.scenario.settings.pop3Client.connectionsMax) this.#handsAt = this.#p.time.now
    this.#open.delete(box)
    this.#byHand.delete(box)
  }

  /** Sessions that nobody has begun by hand. */
  get openCount(): number {
    return [...this.#open].filter(({ account }) => !this.inHand.has(account)).length
  }

  refused({ account, far, life, isAwaited, before }: FarBox, why: RemoteTrouble['is']): void {
    this.counts.refused++
    if (before) this.#last.set(far, before)
    else this.#last.delete(far) // it has told nothing of its wishes
    if (!this.inHand.has(account) && (why === 'auth' || why === 'permanent'))
      this.#stories.get(account)!.isClosed = true
    if (why === 'too-soon' && this.#stories.get(account)!.plan.kind === 'well' && isAwaited && life.is === 'alive')
      this.blame(`${account} comes sooner than its server allows`)
  }

  /** By itself. */
  #tried(name: string): void {
    const story = this.#stories.get(name)!
    const status = this.#status(name)
    const isMended = this.#p.time.now - this.#mendedAt < commitMs
    const isStopped = status.is === 'stopped' && status.nextRunAt === Number.MAX_SAFE_INTEGER
    if (isStopped && !isMended && !this.wasFull)
      // a full disk does not note that a run by hand went well
      this.blame(`${name} waits for somebody, and is collected`)
    if (story.isClosed) this.blame(`${name} was told that its credentials are wrong, and comes again`)
    if (story.plan.kind === 'dead' && story.tries.length > 0) this.#spaced(name, story)
    story.tries.push(this.#p.time.now)
  }

  /** What is dead is tried ever more rarely, and where logins are refused without a reason, three times and then slowly. */
  #spaced(name: string, { plan, settings, tries }: Story): void {
    const { backoffMaxMs, jitterShare } = this.#p.scenario.settings.pop3Client
    const { now } = this.#p.time
    const { mood } = plan.weather[0]!
    const waitedMs = now - tries.at(-1)!
    const longestMs = Math.max(settings.intervalMs, backoffMaxMs)
    const leastMs = isPatient(mood) ? Math.min(settings.intervalMs, patientMs) : Math.min(settings.intervalMs * 2 ** (tries.length - 1), longestMs) // prettier-ignore
    const inWords = `${name} is tried after ${Math.round(waitedMs / 1000)} s`
    if (waitedMs < leastMs * (1 - jitterShare) - 1) this.blame(`${inWords}, too soon`)
    if (waitedMs > Math.max(longestMs, probeMs) * (1 + jitterShare) + runMs) this.blame(`${inWords}, too late`)
    const recent = tries.filter((at) => now - at < 0.98 * probeMs)
    if (mood.is === 'said' && mood.trouble === 'refused' && recent.length >= 3)
      this.blame(`${inWords}, and may be locked out`)
  }

  #status(name: string): AccountStatus {
    const id = [...this.#names].find(([, known]) => known === name)![0]
    return JSON.parse(this.#p.disk.remote.accounts.get(id)!.json.status) as AccountStatus // accounts.ts has written it
  }

  removed({ account }: FarBox, messages: ReadonlySet<FarMessage>): void {
    const { leave, deleteAfterDays, keepNewest } = this.#stories.get(account)!.settings
    for (const { tag } of messages) {
      this.counts.removed++
      if (!this.#copies.has(tag) && !this.unwanted.has(tag)) this.blame(`${tag} is removed there, and not here`)
      if (leave && deleteAfterDays === null && keepNewest === null && !this.unwanted.has(tag))
        this.blame(`${tag} is removed though ${account} leaves all`)
    }
  }

  ran(id: AccountId, { ok, words, tookMs }: Pick<RunReport, 'ok' | 'words' | 'tookMs'>): void {
    this.counts.runs++
    const name = this.#names.get(id)!
    const story = this.#stories.get(name)!
    const wasLeftAlone = story.goodAt > Math.max(this.#disturbedAt, story.handAt) && !this.isDraining && !this.isFull
    const { isEnded } = story
    story.isEnded = false
    if (ok) this.#prompt(name, story)
    story.isSlow = tookMs > slowMs
    if (!ok && story.plan.kind === 'well' && wasLeftAlone && !isEnded)
      this.blame(`${name} fails though its server is well: ${words}`)
    if (!ok) return
    story.goodAt = this.#p.time.now
    story.alerts.clear()
    story.told.clear()
  }

  /** While nobody knows yet who is slow, each that is takes a place for quick ones, of which there are a quarter, for a while. */
  get #unknownMs(): number {
    const { fars, settings } = this.#p.scenario
    const tookMs = { well: 0, changing: 30_000, dead: 30_000, slow: slowMs }
    const allMs = fars.reduce((sum, { kind, accounts }) => sum + accounts * tookMs[kind], 0)
    return allMs / Math.ceil(settings.pop3Client.connectionsMax / 4)
  }

  /** An account that is well is collected at its interval, whatever the others are like. */
  #prompt(name: string, { plan, settings, goodAt, isSlow }: Story): void {
    if (plan.kind !== 'well' || isSlow) return
    const since = Math.max(goodAt, this.#disturbedAt, this.#handsAt)
    const { jitterShare, backoffMaxMs } = this.#p.scenario.settings.pop3Client
    const lateMs = this.#p.time.now - since - settings.intervalMs * (1 + jitterShare)
    const unknownMs = goodAt === 0 ? this.#unknownMs : 0 // its first run
    const excusedMs = plan.loginDelaySeconds * 1000 + unknownMs + (this.wasFull ? 2 * backoffMaxMs : 0) // a full disk made it fail
    if (lateMs > promptMs + excusedMs)
      this.blame(`${name} is ${Math.round(lateMs / minuteMs)} min late though its server is well`)
  }

  over(fars: ReadonlyMap<string, Far>): void {
    for (const [name, story] of this.#stories) {
      this.#prompt(name, story)
      this.#told(name, story)
      if (story.plan.kind === 'well' || story.plan.kind === 'changing')
        for (const message of fars.get(story.plan.host)!.messages) this.#finished(name, story, message)
    }
    for (const problem of this.#p.disk.problems()) this.blame(problem)
  }

  /** What is still there when all was well for long. */
  #finished(name: string, { settings }: Story, { tag, uid }: FarMessage): void {
    const { leave, deleteAfterDays, keepNewest } = settings
    const goesAtOnce = keepNewest === null && (deleteAfterDays === 0 || (deleteAfterDays === null && !leave))
    const isHere = this.#copies.get(tag)?.has(name) ?? false
    if (!isHere && !this.#isAside(name, uid) && !this.unwanted.has(tag))
      this.blame(`${tag} is never collected by ${name}`)
    if (isHere && goesAtOnce) this.blame(`${tag} is here and never removed there by ${name}`)
  }

  #isAside(name: string, uid: string): boolean {
    const id = [...this.#names].find(([, known]) => known === name)![0]
    const rows = [...this.#p.disk.remote.accounts.get(id)!.rows.values()]
    return rows.some((row) => row.uid === uid && row.state === 'aside')
  }

  /** Somebody must hear of an account that waits for them, or of which nothing comes. */
  #told(name: string, { plan, told, goodAt, settings }: Story): void {
    const { is } = this.#status(name)
    const { alertAfterMs, backoffMaxMs } = this.#p.scenario.settings.pop3Client
    const owedMs = this.#p.time.now - goodAt - 1.5 * Math.max(backoffMaxMs, settings.intervalMs)
    if (is === 'stopped' && ![...told].some((subject) => subject.includes('any more')) && !this.wasFull)
      this.blame(`nobody is told that ${name} is stopped`)
    if (owedMs > alertAfterMs + runMs && told.size === 0 && !this.wasFull) this.blame(`nobody is told of ${name}`)
    if (is === 'stopped' && plan.kind === 'well') this.blame(`${name} is stopped though its server is well`)
  }
}
