// Sees every commit and every message that arrives anywhere, and says what must never be. Used by simulation.ts. It knows
// only what is promised: nothing of how the relay comes to its decisions.
import { isAscii } from 'node:buffer'
import { formatAddress } from '#/message/address.ts'
import { isFinished, type DeliveryRow, type Move } from '#/storage/queue.ts'
import type { Acceptance, TraceEvent } from '#/storage/store.ts'
import type { Disk, Work } from './disk.ts'
import type { Arrival } from './host.ts'
import { noticed, noticeProblems, wantsDelay, wantsFailure, type NoticeKind } from './judge-notices.ts'
import type { Scenario } from './scenario.ts'
import type { Time } from './time.ts'

/** What happened to one recipient of one message. */
type Story = {
  readonly octets: Uint8Array
  readonly acceptedAt: number // true time
  readonly attempts: Set<number> // in which the whole message went out
  readonly notices: Map<NoticeKind, number>
  triedAt: number // true time of the last commit about it
  behindMs: number // what attempts at its destination had taken together by then
  kept: number // times that a receiver has it
  ends: number // attempts that ended with the program
  marks: number // attempts of which the trace says that it may have arrived
}
export type JudgeParts = {
  readonly disk: Disk
  readonly time: Time
  readonly scenario: Scenario
}

/** A destination that is well is served within this time, whatever others are like. */
const promptMs = 5 * 60_000
/** The longest wait between two attempts is 3.3 h. Where a destination leaves us hanging, others may be in front besides. */
const longestMs = 5 * 60 * 60_000
/** Attempts that even the shortest of our lifetimes has. */
const attemptsMin = 5
/** A message is older than its commit by the time that this takes. */
const commitMs = 1000

export class Judge {
  /** Sentences; none when all is as promised. */
  readonly verdict: string[] = []
  readonly refused = new Set<string>() // recipients, hosts and domains that somebody said "never" to or of
  clockWasSet = false
  /** When a run of the program last ended, or was replaced. */
  runEndedAt = 0
  /** The program went away, came back, or could not do its work. */
  disturbedAt = 0
  readonly #p: JudgeParts
  readonly #stories = new Map<string, Story>()
  readonly #ids = new Map<string, string>() // of rows, by Message-ID and recipient
  readonly #takenMs = new Map<string, number>() // by destination: what its attempts took together

  constructor(parts: JudgeParts) {
    this.#p = parts
  }

  committed({ moves = [], acceptances = [], events = [] }: Work, made: readonly DeliveryRow[]): void {
    for (const acceptance of acceptances) this.#accepted(acceptance, made, moves)
    for (const event of events) this.#told(event)
    const [one] = moves // all of them were under way together
    if (one?.row.state === 'leased') this.#took(one.row)
    for (const move of moves) this.#moved(move, acceptances, events)
  }

  /** A complete message reached a host. `isCurrent`: from the run of the program that has the queue now. */
  arrived({ to, octets, host, kept, eightBit }: Arrival, isCurrent: boolean): void {
    const messageId = /^Message-ID:[ \t]*([^\r\n]*)/im.exec(octets)?.[1]
    const id = this.#ids.get(`${messageId} ${to}`)
    if (id === undefined) return this.blame(`${host} got something that was never accepted: ${messageId} for ${to}`)
    const [story, row] = [this.#stories.get(id)!, this.#p.disk.deliveries.get(id)!]
    if (kept) story.kept++
    if (!isWhole(story.octets, octets, eightBit)) this.blame(`${host} got another text than we were given, for ${to}`)
    if (!isCurrent) return
    const isOnItsWay = row.memo.uncertain !== undefined // a program that thaws may have waited too long before it was gone
    if (row.state !== 'leased' && !(row.state === 'waiting' && isOnItsWay))
      this.blame(`${to} is sent to ${host} while it is ${row.state}`)
    if (story.attempts.has(row.attempts)) this.blame(`${to} is sent twice in attempt ${row.attempts}`)
    story.attempts.add(row.attempts)
    const waitedMs = this.#p.time.now - Math.max(story.acceptedAt, this.disturbedAt)
    if (to.includes('@live') && to.startsWith('ok') && story.attempts.size === 1 && waitedMs > promptMs)
      this.blame(`${to} waited ${waitedMs / 1000} s though its destination is well`)
  }

  /** Somebody was told 250. */
  promised(key: string, count: number): void {
    const rows = [...this.#p.disk.deliveries.values()].filter(({ message }) => message === key)
    if (rows.length !== count) this.blame(`${key} got its 250, and ${rows.length} of ${count} recipients are queued`)
  }

  /** When nothing happens any more. */
  ended(): void {
    for (const row of this.#p.disk.deliveries.values()) {
      this.#endedWell(row)
      const { kept, marks, notices } = this.#stories.get(row.id)!
      if (kept > marks + Number(row.state === 'delivered'))
        this.blame(`${nameOf(row)} arrived ${kept} times, and the trace knows of ${marks} that may be doubles`)
      for (const [kind, count] of notices) if (count > 1) this.blame(`${nameOf(row)}: ${count} notices of kind ${kind}`)
    }
    for (const problem of this.#p.disk.problems()) this.blame(problem)
  }

  #endedWell(row: DeliveryRow): void {
    const { state, memo, destination } = row
    if (state === 'waiting' || state === 'leased') {
      this.#inTime(row)
      this.blame(`${nameOf(row)} is still ${state}`)
    }
    if (state === 'held' && (memo.crashes ?? 0) < 3) this.blame(`${nameOf(row)} is held for no reason`)
    if (state === 'failed' && destination.startsWith('live') && !this.#mayFail(row))
      this.blame(`${nameOf(row)} failed though its destination is well`)
  }

  #accepted(acceptance: Acceptance, made: readonly DeliveryRow[], moves: readonly Move[]): void {
    const { event, content, key } = acceptance
    const octets = content.file === null ? content.chunks![0]! : this.#p.disk.files.get(content.file)!
    if (noticed(event) !== null) this.#noticed(acceptance, moves, octets)
    for (const row of made.filter(({ message }) => message === key)) {
      const story = {
        octets,
        acceptedAt: this.#p.time.now,
        attempts: new Set<number>(),
        kept: 0,
        marks: 0,
        ends: 0,
        ...this.#triedNow(row),
      }
      this.#stories.set(row.id, { ...story, notices: new Map() })
      this.#ids.set(`${event.messageId} ${formatAddress(row.to)}`, row.id)
    }
  }

  #noticed(acceptance: Acceptance, moves: readonly Move[], octets: Uint8Array): void {
    const { about, kind, recipients } = noticed(acceptance.event)!
    const rows = this.#rowsOf(about, recipients)
    for (const problem of noticeProblems(acceptance, { rows, moves, octets })) this.blame(problem)
    for (const row of rows) {
      const { notices, acceptedAt } = this.#stories.get(row.id)!
      notices.set(kind, (notices.get(kind) ?? 0) + 1)
      const waitedMs = this.#p.time.now - acceptedAt + commitMs
      if (kind === 'delayed' && !this.clockWasSet && waitedMs < this.#p.scenario.settings.mailRelay.delayNoticeMs)
        this.blame(`${row.id} is called late after ${waitedMs / 1000} s`)
      if (kind === 'delivered-late' && !notices.has('delayed'))
        this.blame(`${row.id} is called delivered after all, and was never called late`)
    }
  }

  #told({ ref, to, step, detail }: TraceEvent): void {
    if (step !== 'interrupted' && detail['uncertain'] === undefined) return
    for (const row of this.#rowsOf(ref, to)) {
      const story = this.#stories.get(row.id)!
      story.marks++
      if (step === 'interrupted') story.ends++
      if (step === 'interrupted' && story.triedAt > this.runEndedAt)
        this.blame(`${row.id} was interrupted though the program went on`)
    }
  }

  #moved({ row, to }: Move, acceptances: readonly Acceptance[], events: readonly TraceEvent[]): void {
    const isWithheld = row.memo.stranger !== undefined // its reader may be nobody's sender: DS-13
    if (isFinished(row.state) || row.state === 'held' || (to.state === 'dropped' && !isWithheld))
      this.blame(`${row.id} was ${row.state} and is ${to.state}`) // nobody does anything by hand
    if (!isRecorded(row, to, events)) this.blame(`${row.id} is ${to.state}, and the trace does not say so`)
    if (to.state === 'leased' && to.attempts !== row.attempts + 1)
      this.blame(`${row.id}: an attempt that does not count`)
    if (to.state === 'delivered' && this.#stories.get(row.id)!.kept === 0)
      this.blame(`${row.id} is delivered to nobody`)
    if (to.state === 'leased') {
      this.#inTime(row)
      this.#toldInTime(row)
      const { ends } = this.#stories.get(row.id)!
      if (ends >= 3) this.blame(`${row.id} is tried again though the program has ended ${ends} times of it`)
    }
    Object.assign(this.#stories.get(row.id)!, this.#triedNow(row))
    if (to.state !== 'failed') return
    const about = acceptances.filter(({ event }) => tellsOf(event, row))
    if (about.length !== Number(wantsFailure(row, this.#p.scenario.settings.mailRelay)))
      this.blame(`${row.id} failed with ${about.length} notices in the same commit`)
    const event = events.find(({ ref, to }) => ref === row.message && to.includes(formatAddress(row.to)))
    if (event?.detail['expired'] === undefined && !this.#mayFail({ ...row, ...to }))
      this.blame(`${row.id} failed, and nobody refused it: ${JSON.stringify(to.lastReply)}`)
    if (event?.detail['expired'] !== undefined) this.#expired(row)
  }

  #took({ id, destination }: DeliveryRow): void {
    const tookMs = this.#p.time.now - this.#stories.get(id)!.triedAt
    this.#takenMs.set(destination, (this.#takenMs.get(destination) ?? 0) + tookMs)
  }

  #triedNow({ destination }: DeliveryRow): Pick<Story, 'triedAt' | 'behindMs'> {
    return { triedAt: this.#p.time.now, behindMs: this.#takenMs.get(destination) ?? 0 }
  }

  /** CLK-02, CLK-06: whatever the clock says, nothing is forgotten. */
  #inTime({ id, destination }: DeliveryRow): void {
    const { triedAt, behindMs } = this.#stories.get(id)!
    const othersMs = (this.#takenMs.get(destination) ?? 0) - behindMs
    const waitedMs = this.#p.time.now - Math.max(triedAt, this.disturbedAt) - othersMs
    if (waitedMs > (this.clockWasSet ? 2 : 1) * longestMs)
      this.blame(`${id} was left alone for ${waitedMs / 60_000} minutes`)
  }

  /** DL-01: told when the time has come, whatever the next attempt waits for. */
  #toldInTime(row: DeliveryRow): void {
    const { delayNoticeMs, lifetimeMs } = this.#p.scenario.settings.mailRelay
    const { acceptedAt, triedAt, notices } = this.#stories.get(row.id)!
    if (this.clockWasSet || notices.has('delayed') || delayNoticeMs >= lifetimeMs || !wantsDelay(row)) return
    const waitsFrom = Math.max(triedAt, this.disturbedAt) // in an attempt nobody is told
    const lateMs = this.#p.time.now - Math.max(acceptedAt + delayNoticeMs, waitsFrom)
    if (lateMs > promptMs) this.blame(`${row.id} waits, and its sender is not told for ${lateMs / 60_000} minutes`)
  }

  /** CLK-01, QU-06: old enough by the true time, and tried often enough whatever the clock says. */
  #expired(row: DeliveryRow): void {
    const { lifetimeMs, noticeLifetimeMs } = this.#p.scenario.settings.mailRelay
    const ageMs = this.#p.time.now - this.#stories.get(row.id)!.acceptedAt + commitMs
    if (!this.clockWasSet && ageMs < (row.memo.notice ? noticeLifetimeMs : lifetimeMs))
      this.blame(`${row.id} was given up after ${ageMs / 60_000} minutes`)
    if (row.attempts < attemptsMin) this.blame(`${row.id} was given up after ${row.attempts} attempts`)
  }

  /** Somebody said "never" about it. */
  #mayFail({ to, destination }: DeliveryRow): boolean {
    const hosts = this.#p.scenario.destinations.find(({ zone }) => zone.domain === destination)?.hosts ?? []
    const names = [formatAddress(to), destination, ...hosts.map(({ name }) => name)]
    return names.some((name) => this.refused.has(name))
  }

  #rowsOf(message: string, recipients: readonly string[]): DeliveryRow[] {
    const rows = [...this.#p.disk.deliveries.values()].filter((row) => row.message === message)
    return rows.filter(({ to }) => recipients.includes(formatAddress(to)))
  }

  blame(sentence: string): void {
    this.verdict.push(sentence)
  }
}

const nameOf = ({ message, to }: DeliveryRow): string => `${message} for ${formatAddress(to)}`

function tellsOf(event: TraceEvent, { message, to }: DeliveryRow): boolean {
  const told = noticed(event)
  return told?.kind === 'failed' && told.about === message && told.recipients.includes(formatAddress(to))
}

/** An attempt that is over is in the trace with what came of it; one that was given back before it began is none. QU-01 */
function isRecorded({ message, to, state, attempts }: DeliveryRow, fate: Move['to'], events: readonly TraceEvent[]) {
  if (state !== 'leased' || fate.attempts < attempts) return true
  const steps = ['interrupted', fate.state === 'waiting' ? 'deferred' : fate.state === 'dropped' ? 'notice-withheld' : fate.state] // prettier-ignore
  return events.some((one) => one.ref === message && steps.includes(one.step) && one.to.includes(formatAddress(to)))
}

/** SMTP ends every line: what lacks its last CRLF gets one on the way. RO-23: who takes no 8 bits gets 7 that say the same. */
function isWhole(given: Uint8Array, got: string, eightBit: boolean): boolean {
  const text = Buffer.from(given).toString('latin1')
  const whole = text.endsWith('\r\n') ? text : `${text}\r\n`
  if (eightBit || isAscii(given)) return got === whole
  return isAscii(Buffer.from(got, 'latin1')) && decoded(got) === whole
}

/** A text in quoted-printable as it was before it was one; no letter has such header fields of its own. */
function decoded(text: string): string {
  const end = text.indexOf('\r\n\r\n')
  const header = text.slice(0, end).replace(/\r\n(?:Content-Transfer-Encoding|MIME-Version|Content-Type):[^\r]*/g, '')
  const body = text.slice(end).replace(/=\r\n/g, '')
  return header + body.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
