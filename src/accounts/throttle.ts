// Slows down and refuses who guesses passwords, in bounded memory. A key is a client's network or a login name; only
// networks are ever refused, so no mailbox is locked for what strangers do. AUT-07, AUT-08, AUT-09
import type { Settings } from '#/config/settings.ts'
import { throttledMax } from './limits.ts'

type Record = { readonly failures: number; readonly lastAt: number; readonly bannedUntil: number }
export type Ban = { readonly client: string; readonly failures: number; readonly until: number }
export type ThrottleLimits = Settings['logins']

export class Throttle {
  readonly #few = new Map<string, Record>() // not slowed down yet: cheap to make, first to go
  readonly #offenders = new Map<string, Record>()
  readonly #limits: () => ThrottleLimits
  readonly #now: () => number
  readonly #entriesMax: number

  constructor(limits: () => ThrottleLimits, now: () => number, entriesMax = throttledMax) {
    this.#limits = limits
    this.#now = now
    this.#entriesMax = entriesMax
  }

  get size(): number {
    return this.#few.size + this.#offenders.size
  }

  isBanned = (key: string): boolean => (this.#current(key)?.bannedUntil ?? 0) > this.#now()

  /** How long to wait before the next attempt: doubled with each failure, never longer than delayMaxMs. */
  delayFor(key: string): number {
    const { failuresFree, delayMs, delayMaxMs } = this.#limits()
    const over = (this.#current(key)?.failures ?? 0) - failuresFree
    return over < 0 ? 0 : Math.min(delayMs * 2 ** Math.min(over, 20), delayMaxMs)
  }

  /** A success erases nothing: a guesser owns a mailbox too. */
  noteFailure(key: string): void {
    const { failuresFree, banAfter, banMs } = this.#limits()
    const now = this.#now()
    const before = this.#current(key)
    const failures = (before?.failures ?? 0) + 1
    this.clear(key)
    const bannedUntil = failures >= banAfter ? now + banMs : 0
    putBounded(failures < failuresFree ? this.#few : this.#offenders, this.#entriesMax, {
      key,
      value: { failures, lastAt: now, bannedUntil },
    })
  }

  bans(): Ban[] {
    const now = this.#now()
    const banned = [...this.#offenders].filter(([, record]) => record.bannedUntil > now)
    return banned.map(([client, { failures, bannedUntil }]) => ({ client, failures, until: bannedUntil }))
  }

  clear(key: string): boolean {
    return this.#few.delete(key) || this.#offenders.delete(key)
  }

  #current(key: string): Record | undefined {
    const record = this.#offenders.get(key) ?? this.#few.get(key)
    if (!record) return undefined
    const now = this.#now()
    if (record.bannedUntil > now || record.lastAt + this.#limits().windowMs > now) return record
    this.clear(key)
    return undefined
  }
}

type SprayLimits = Pick<ThrottleLimits, 'sprayAddresses' | 'sprayWindowMs' | 'sprayDelayMs'>

/** Notices when many addresses fail at once, each too seldom to be slowed down by itself. It forgets a window's addresses
 *  at its end and counts no further than it must. AUT-07 */
export class Spray {
  readonly #limits: () => SprayLimits
  readonly #now: () => number
  readonly #failed = new Set<string>()
  #since = 0
  #until = 0

  constructor(limits: () => SprayLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  get size(): number {
    return this.#failed.size
  }

  noteFailure(key: string): void {
    const { sprayAddresses, sprayWindowMs } = this.#limits()
    const now = this.#now()
    if (now - this.#since >= sprayWindowMs) {
      this.#failed.clear()
      this.#since = now
    }
    if (this.#failed.size < sprayAddresses) this.#failed.add(key)
    if (this.#failed.size >= sprayAddresses) this.#until = now + sprayWindowMs
  }

  /** What a login of a stranger waits now. */
  delay = (): number => (this.#now() < this.#until ? this.#limits().sprayDelayMs : 0)
}

/** Puts it last; the first, which is the oldest, makes room. */
export function putBounded<K, V>(map: Map<K, V>, max: number, { key, value }: { key: K; value: V }): void {
  map.delete(key)
  if (map.size >= max) {
    const [oldest] = map.keys()
    map.delete(oldest!)
  }
  map.set(key, value)
}

/** The unit that one client can change at will: an IPv4 address, an IPv6 /64. */
export function network(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const left = head.split(':').filter((part) => part !== '')
  const right = (tail ?? '').split(':').filter((part) => part !== '')
  const middle =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return [...left, ...middle, ...right]
    .slice(0, 4)
    .map((part) => part.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':')
}
