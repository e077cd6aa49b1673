// Slows down and refuses clients that guess passwords: per IPv4 address or IPv6 /64, in bounded memory. No mailbox is ever
// locked for what strangers do. AUT-07, AUT-08, AUT-09
import type { Settings } from '#/config/settings.ts'
import { throttledMax } from './limits.ts'

type Record = { failures: number; lastAt: number; bannedUntil: number }
export type Ban = { readonly client: string; readonly failures: number; readonly until: number }

export class Throttle {
  readonly #clients = new Map<string, Record>()
  readonly #limits: () => Settings['logins']
  readonly #now: () => number

  constructor(limits: () => Settings['logins'], now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** How long this client waits before its next attempt, or 'refuse' while it is banned. */
  delayFor(client: string): number | 'refuse' {
    const record = this.#current(client)
    if (!record) return 0
    if (record.bannedUntil > this.#now()) return 'refuse'
    const { failuresFree, delayMs, delayMaxMs } = this.#limits()
    const over = record.failures - failuresFree
    return over < 0 ? 0 : Math.min(delayMs * 2 ** Math.min(over, 20), delayMaxMs)
  }

  /** A success erases nothing: a guesser owns a mailbox too. */
  noteFailure(client: string): void {
    const key = network(client)
    const record = this.#current(client) ?? { failures: 0, lastAt: 0, bannedUntil: 0 }
    record.failures++
    record.lastAt = this.#now()
    if (record.failures >= this.#limits().banAfter) record.bannedUntil = this.#now() + this.#limits().banMs
    this.#clients.delete(key)
    if (this.#clients.size >= throttledMax) this.#dropOne()
    this.#clients.set(key, record)
  }

  bans(): Ban[] {
    const now = this.#now()
    const banned = [...this.#clients].filter(([, record]) => record.bannedUntil > now)
    return banned.map(([client, { failures, bannedUntil }]) => ({ client, failures, until: bannedUntil }))
  }

  clear(client: string): boolean {
    return this.#clients.delete(network(client))
  }

  #current(client: string): Record | undefined {
    const record = this.#clients.get(network(client))
    if (!record) return undefined
    const now = this.#now()
    if (record.bannedUntil > now || record.lastAt + this.#limits().windowMs > now) return record
    this.#clients.delete(network(client))
    return undefined
  }

  /** The oldest of the first few that are not banned, so that cheap new entries do not push out active offenders. */
  #dropOne(): void {
    const now = this.#now()
    let seen = 0
    for (const [key, record] of this.#clients) {
      if (record.bannedUntil <= now || seen++ > 100) return void this.#clients.delete(key)
    }
  }
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
