// One run of one account: sessions until nothing is left to do, and the report of it. Called by collector.ts, which sees to it
// that one remote mailbox has one session at a time. What went wrong is told, never thrown.
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import { StoreError } from '#/storage/store.ts'
import type { RemoteBox } from './box.ts'
import { enter, type EnterParts } from './enter.ts'
import { byUid } from './identify.ts'
import { againPauseMs, cancelMs, lockPauseMs, lockTriesMax, sessionsMax } from './limits.ts'
import { isThere, mailboxGone, RunState, stopOf, type Stop } from './run-state.ts'
import { runSession, type SessionParts } from './session-run.ts'
import type { AccountRow, Progress, RunReport } from './types.ts'

export type RunParts = Omit<SessionParts, 'onProgress'> & EnterParts
export type Finished = {
  readonly report: RunReport
  readonly state: RunState
  readonly loginDelaySeconds: number
  readonly expireDays: number | null
}

export class Run {
  readonly #parts: RunParts
  readonly #state: RunState
  readonly #onProgress: () => void
  readonly #opening = new AbortController()
  readonly #over = new AbortController()
  #box: RemoteBox | null = null
  #loginDelaySeconds = 0
  #expireDays: number | null = null

  constructor(parts: RunParts, row: AccountRow, onProgress: () => void) {
    this.#parts = parts
    this.#state = new RunState(row)
    this.#onProgress = onProgress
  }

  get settings(): RemoteAccount {
    return this.#state.row.settings
  }

  progress(): Progress {
    return this.#state.progress()
  }

  /** Begins nothing new; what is under way may end within a moment. Whatever was said to be removed is kept or said again. */
  cancel(): void {
    this.#endWithin(cancelMs)
  }

  #endWithin(ms: number): void {
    this.#state.cancelled = true
    this.#opening.abort()
    this.#box?.withdraw()
    this.#after(ms, () => this.#box?.destroy(wasEnded))
  }

  async go(): Promise<Finished> {
    const { clock } = this.#parts.world
    const at = clock.now()
    this.#after(this.#state.row.settings.minutesMax * 60_000, () => this.#timeIsOver())
    try {
      this.#state.known = byUid(await this.#parts.store.collected.messages(this.#state.row.id))
      await this.#sessions()
      const { cancelled, fetched, removed } = this.#state
      if (cancelled && fetched + removed === 0) this.#state.end(stopOf(wasEnded)) // so it is no good run
    } catch (error) {
      this.#trouble(error)
    } finally {
      this.#over.abort()
    }
    const report = reportOf(this.#state, at, clock.now())
    const [loginDelaySeconds, expireDays] = [this.#loginDelaySeconds, this.#expireDays]
    return { report, state: this.#state, loginDelaySeconds, expireDays }
  }

  /** Unless it has ended before. */
  #after(ms: number, work: () => void): void {
    this.#parts.world.clock.sleep(ms, this.#over.signal).then(work, () => undefined)
  }

  /** The rest comes soon, when others had their turn. Nobody waits for the end: a slow server has time for its last reply and
   *  for QUIT, or what was said to be removed would be said in vain each time. PC-22 */
  #timeIsOver(): void {
    this.#state.timeIsOver = true
    this.#endWithin(2 * this.#parts.settingsNow().pop3Client.replyMs)
  }

  async #sessions(): Promise<void> {
    const state = this.#state
    if (!isThere(this.#parts.directory.mailboxById(state.row.settings.mailbox)))
      return state.end({ reason: 'mailbox', trouble: null, words: mailboxGone })
    for (let session = 0; session < sessionsMax && !state.cancelled; session++) {
      const before = state.fetched + state.removed
      const box = await this.#open(session > 0)
      if (box === null) return
      this.#box = box
      const next = await runSession({ ...this.#parts, onProgress: this.#onProgress }, state, box)
      this.#box = null
      const progressed = state.fetched + state.removed > before
      if (!progressed || (next === 'done' && !wasCutOff(state.stop))) return
      if (this.#loginDelaySeconds > 0) return // the rest comes with the next run. PC-05
      if (wasCutOff(state.stop)) {
        state.stop = null // it got on: a server that breaks off now and then is only slow. P3C-15
        await this.#parts.world.clock.sleep(againPauseMs)
      }
    }
  }

  /** `again`: after a session of this run, whose lock the server may still hold. PC-16 */
  async #open(again: boolean): Promise<RemoteBox | null> {
    const { row } = this.#state
    this.#state.phase = 'connecting'
    const { signal } = this.#opening
    for (let tries = 1; ; tries++) {
      const opened = await enter(this.#parts, row, { signal })
      if (opened.is === 'open') return this.#accepted(opened.box)
      const locked = again && opened.trouble.is === 'busy' && tries < lockTriesMax
      if (!locked) {
        this.#state.end(stopOf(opened.trouble))
        return null
      }
      await this.#parts.world.clock.sleep(lockPauseMs, signal).catch(() => undefined)
      if (this.#state.cancelled) return null // what it has is kept: nobody is called any more. PC-22
    }
  }

  #accepted(box: RemoteBox): RemoteBox | null {
    this.#loginDelaySeconds = box.facts.loginDelaySeconds
    this.#expireDays = box.facts.expireDays
    const { settings } = this.#state.row
    const target = this.#parts.directory.mailboxById(settings.mailbox)
    if (!box.facts.ourselves || this.#parts.directory.mailbox(settings.auth.user)?.id !== target?.id) return box
    box.destroy({ is: 'stopped', words: 'It is the mailbox itself' })
    const words = 'This account collects from the very mailbox into which it collects' // LP-06
    this.#state.end({ reason: 'loop', trouble: 'ourselves', words })
    return null
  }

  #trouble(error: unknown): void {
    const { log } = this.#parts.world
    log.error('collecting', { account: this.#state.row.settings.name, error })
    const words =
      error instanceof StoreError
        ? 'This server cannot store what it collects'
        : 'An error of this server ended the run: see its log'
    this.#state.end({ reason: 'store', trouble: null, words })
    this.#box?.destroy({ is: 'stopped', words })
  }
}

const wasEnded = { is: 'stopped', words: 'The run was ended' } as const
const wasCutOff = (stop: Stop | null): boolean => stop?.trouble === 'lost' || stop?.trouble === 'timeout'

function reportOf(state: RunState, at: number, endedAt: number): RunReport {
  const { stop, listed, listedBytes, fetched, fetchedBytes, removed, skipped, warnings } = state
  const rest = state.timeIsOver ? Math.max(0, state.wanted.messages - fetched) : 0
  return {
    at,
    tookMs: Math.max(0, endedAt - at), // the clock may have been set back
    ok: stop === null,
    reason: stop?.reason ?? 'none',
    words: stop?.words ?? '',
    listed,
    listedBytes,
    fetched,
    fetchedBytes,
    removed,
    left: state.leftAfter().messages,
    leftBytes: state.leftAfter().bytes,
    skipped: { ...skipped, notYet: skipped.notYet + rest },
    warnings,
  }
}
