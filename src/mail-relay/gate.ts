// Whether mail is sent at this time: not while the relay is paused, nor outside the hours that mailRelay.sendWhen names. Time
// in which nothing is sent on purpose counts against no lifetime and no delay notice. Asked by the engine. QU-12, QU-13
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import type { Queue } from '#/storage/queue.ts'
import type { Instant } from '#/world/world.ts'
import { flushMs } from './limits.ts'

export type GateParts = {
  readonly queue: Pick<Queue, 'excuse'>
  readonly settingsNow: () => Pick<MailRelaySettings, 'paused' | 'sendWhen'>
  /** By the clock on the wall. */
  readonly minuteOfDay: (at: Instant) => number
}

/** A program that is killed forgets at most so much of a pause. */
const noteEveryMs = 3_600_000

export class Gate {
  readonly #p: GateParts
  #openUntil: Instant = Number.NEGATIVE_INFINITY
  #closedSince: Instant | null = null

  constructor(parts: GateParts) {
    this.#p = parts
  }

  isOpen(now: Instant): boolean {
    const { paused, sendWhen } = this.#p.settingsNow()
    return !paused && (now < this.#openUntil || isSendingTime(sendWhen, this.#p.minuteOfDay(now)))
  }

  /** Somebody says "send now": for as long as one look at a long queue takes. */
  open(now: Instant): void {
    this.#openUntil = now + flushMs
  }

  /** Like isOpen; what waited before a closed gate is excused before it goes through. @throws StoreError */
  async pass(now: Instant): Promise<boolean> {
    const open = this.isOpen(now)
    if (this.#closedSince !== null && (open || now - this.#closedSince >= noteEveryMs)) await this.leave(now)
    if (!open) this.#closedSince ??= now
    return open
  }

  /** The program ends. @throws StoreError */
  async leave(now: Instant): Promise<void> {
    const since = this.#closedSince
    if (since !== null && since < now) await this.#p.queue.excuse(since, now)
    this.#closedSince = null
  }
}

export const utcMinuteOfDay = (at: Instant): number => Math.floor(at / 60_000) % minutesOfDay
const minutesOfDay = 1440

export function isSendingTime(sendWhen: MailRelaySettings['sendWhen'], minute: number): boolean {
  if (typeof sendWhen === 'string') return sendWhen === 'always'
  return sendWhen.some((window) => {
    const [from, until] = window.split('-').map(minuteOf)
    return from! <= until! ? from! <= minute && minute < until! : minute >= from! || minute < until!
  })
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
