// Our own stub resolver: servers in order, UDP then TCP, answers remembered by TTL, trouble kept apart from "no".
// Opened by main; asked by intake. Equal questions under way share one query; memory is bounded. DNS-13
import type { DecodedPacket } from 'dns-packet'
import { LRUCache } from 'lru-cache'
import type { Settings } from '#/config/settings.ts'
import type { World } from '#/world/world.ts'
import { exchange, type Server } from './exchange.ts'
import { mxAnswerOf } from './mx.ts'
import { answerOf, askableName, trouble, validName, type Question, type Timed } from './packet.ts'
import type { Answer, MailResolver, NoAnswer } from './resolver.ts'
import { reverseName } from './reverse-name.ts'
import { parseServers, systemServers } from './servers.ts'
import { txtAnswerOf } from './txt.ts'

export type ResolverParts = {
  readonly settingsNow: () => Settings
  readonly world: Pick<World, 'clock' | 'random'>
  /** The text of /etc/resolv.conf, for when no server is configured. */
  readonly systemConfig: string
}

const askedAtOnceMax = 1_000

export function openResolver(parts: ResolverParts): MailResolver {
  const asking = new DnsAsker(parts)
  return {
    async ptr(address) {
      const name = reverseName(address)
      return name === null ? { is: 'no-such-name' } : asking.ask({ name, type: 'PTR' }, answerOf)
    },
    async addresses(name, family) {
      const plain = validName(name)
      if (plain === null) return { is: 'no-such-name' }
      const ask = (type: 'A' | 'AAAA'): Promise<Answer> => asking.ask({ name: plain, type }, answerOf)
      if (family !== undefined) return ask(family === 4 ? 'A' : 'AAAA')
      const [v4, v6] = await Promise.all([ask('A'), ask('AAAA')])
      return both(v4, v6)
    },
    async mx(name) {
      const plain = validName(name)
      return plain === null ? { is: 'no-such-name' } : asking.ask({ name: plain, type: 'MX' }, mxAnswerOf)
    },
    async txt(name) {
      const plain = validName(name)
      return plain === null ? { is: 'no-such-name' } : asking.ask({ name: plain, type: 'TXT' }, txtAnswerOf)
    },
    async oddAddresses(name, family) {
      const odd = askableName(name)
      return odd === null
        ? { is: 'no-such-name' }
        : asking.ask({ name: odd, type: family === 4 ? 'A' : 'AAAA' }, answerOf)
    },
    confirmedName: (address) => confirmedName(asking, address),
  }
}

/** Whoever has an address writes its reverse name as he likes: only a name whose own zone agrees is one. AC-06 */
function confirmedName(asking: DnsAsker, address: string): string | null {
  const reverse = reverseName(address)
  if (reverse === null) return null
  const names = asking.remembered({ name: reverse, type: 'PTR' })
  const type = reverse.endsWith('.ip6.arpa') ? 'AAAA' : 'A'
  const agrees = (name: string): boolean =>
    asking.remembered({ name, type }).some((record) => reverseName(record) === reverse)
  return names.find(agrees) ?? null
}

/** What is found counts; otherwise trouble in one half leaves the whole open. */
function both(a: Answer, b: Answer): Answer {
  if (a.is === 'found' && b.is === 'found')
    return { is: 'found', records: [...a.records, ...b.records], ttlMs: Math.min(a.ttlMs, b.ttlMs) }
  for (const kind of ['found', 'trouble', 'no-data'] as const) {
    const answer = [a, b].find(({ is }) => is === kind)
    if (answer) return answer
  }
  return a
}

type Kept = { readonly answer: unknown; readonly until: number }
/** Reads an answer of type A out of a response. Each record type has one. */
type Read<A> = (response: DecodedPacket, question: Question) => Timed<A>

const keyOf = ({ type, name }: Question): string => `${type} ${name}`

class DnsAsker {
  readonly #parts: ResolverParts
  readonly #kept: LRUCache<string, Kept>
  readonly #asked = new Map<string, Promise<unknown>>()

  constructor(parts: ResolverParts) {
    this.#parts = parts
    this.#kept = new LRUCache({ max: parts.settingsNow().dns.cacheEntriesMax })
  }

  /** Resolves with trouble, never rejects. */
  ask<A extends object>(question: Question, read: Read<A>): Promise<A | NoAnswer> {
    const key = keyOf(question)
    const kept = this.#current(key)
    if (kept !== null) return Promise.resolve(kept as A) // the key names the record type, and a type is read in one way
    const running = this.#asked.get(key)
    if (running) return running as Promise<A> // the key names the record type, and a type is read in one way
    if (this.#asked.size >= askedAtOnceMax) return Promise.resolve({ is: 'trouble', why: 'too many questions at once' })
    const asked = this.#askServers(question, read).then((answer) => this.#keep(key, answer))
    this.#asked.set(key, asked)
    return asked
  }

  /** Records that need no question now; none when nothing is known. */
  remembered(question: Question): readonly string[] {
    const kept = this.#current(keyOf(question)) as Answer | null // asked for PTR, A and AAAA only
    return kept?.is === 'found' ? kept.records : []
  }

  #current(key: string): unknown {
    const kept = this.#kept.get(key)
    return kept && kept.until > this.#parts.world.clock.now() ? kept.answer : null
  }

  #keep<A>(key: string, { answer, ttlMs }: Timed<A>): A {
    const until = this.#parts.world.clock.now() + Math.min(ttlMs, this.#parts.settingsNow().dns.ttlMaxMs)
    this.#asked.delete(key)
    this.#kept.set(key, { answer, until })
    return answer
  }

  async #askServers<A extends object>(question: Question, read: Read<A>): Promise<Timed<A | NoAnswer>> {
    const { servers, timeoutMs, tries } = this.#parts.settingsNow().dns
    const named = parseServers(servers.length > 0 ? servers : systemServers(this.#parts.systemConfig))
    let why = named.length === 0 ? 'no DNS server is known' : ''
    for (let round = 0; round < tries; round++)
      for (const server of named) {
        const result = await this.#askOne(question, server, { timeoutMs, read })
        if (!isTrouble(result.answer)) return result
        why = `${server.address}: ${result.answer.why}`
      }
    return trouble(why)
  }

  async #askOne<A extends object>(
    question: Question,
    server: Server,
    { timeoutMs, read }: { timeoutMs: number; read: Read<A> },
  ): Promise<Timed<A | NoAnswer>> {
    try {
      const response = await exchange(question, server, { world: this.#parts.world, timeoutMs })
      return 'why' in response ? trouble(response.why) : read(response, question)
    } catch (error) {
      return trouble(error instanceof Error ? error.message : String(error))
    }
  }
}

const isTrouble = (answer: object): answer is NoAnswer & { is: 'trouble' } => 'is' in answer && answer.is === 'trouble'
