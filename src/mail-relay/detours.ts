// Why direct delivery is left out for a while: destinations that refuse mail because it comes from us, and a network that
// lets no connection out to port 25. Told by the walk, asked before routes are chosen; in memory, bounded. RO-16, RO-35
import { LRUCache } from 'lru-cache'
import { replyText, type Reply } from '#/message/reply.ts'
import type { Instant } from '#/world/world.ts'
import { blockedProbeMs, destinationsRefusingMax, refusingMs, unreachedMin, workedLatelyMs } from './limits.ts'
import type { Ladder } from './routes.ts'

type Refusing = { readonly words: string; readonly until: Instant }

export class Detours {
  readonly #refusing = new LRUCache<string, Refusing>({ max: destinationsRefusingMax })
  readonly #unreached = new Set<string>() // destinations, since a direct connection was last made
  #workedAt = Number.NEGATIVE_INFINITY
  #unreachedAt = Number.NEGATIVE_INFINITY

  /** A host of this destination does not want mail from us. */
  refused(destination: string, said: Reply, now: Instant): void {
    this.#refusing.set(destination, { words: replyText(said), until: now + refusingMs })
  }

  /** Nobody answered our call at an exchanger or address of this destination. */
  unreached(destination: string, now: Instant): void {
    this.#unreachedAt = now
    if (this.#unreached.size < unreachedMin) this.#unreached.add(destination)
  }

  /** An exchanger or address answered. */
  reached(now: Instant): void {
    this.#unreached.clear()
    this.#workedAt = now
  }

  /** No direct connection is made, wherever to: a provider's firewall, most likely. */
  isBlocked(now: Instant): boolean {
    return this.#unreached.size >= unreachedMin && now - this.#workedAt >= workedLatelyMs
  }

  /** Without the direct routes, where an alternate server is left and they lead nowhere. Now and then mail looks again. */
  around(ladder: Ladder, destination: string, now: Instant): Ladder {
    if (ladder.is !== 'routes') return ladder
    const others = ladder.routes.filter(({ is }) => is === 'alternate')
    if (others.length === 0 || others.length === ladder.routes.length) return ladder
    const why = this.#why(destination, now)
    return why === null ? ladder : { ...ladder, routes: others, because: `${ladder.because}; ${why}` }
  }

  /** Sentences for the operator, a few of them when there are many. */
  problems(now: Instant): { readonly blocked: string | null; readonly refusing: readonly string[] } {
    const refusing: string[] = []
    for (const [name, { words, until }] of this.#refusing) {
      if (refusing.length === refusingShownMax) break
      if (now < until) refusing.push(`${name} takes no mail from this server: ${words}`)
    }
    return { blocked: this.isBlocked(now) ? blockedWords : null, refusing }
  }

  /** Everybody may try again. */
  forget(): void {
    this.#refusing.clear()
    this.#unreached.clear()
  }

  #why(destination: string, now: Instant): string | null {
    if ((this.#refusing.get(destination)?.until ?? 0) > now) return `${destination} has just refused mail from here`
    const rests = this.isBlocked(now) && now - this.#unreachedAt < blockedProbeMs
    return rests ? 'no connection gets out to port 25' : null
  }
}

const refusingShownMax = 10

const blockedWords =
  'No connection to a mail exchanger is made, wherever to: the network probably blocks port 25. Ask the provider to open it, or set mailRelay.alternate to a server that takes mail on port 587 (see FAQ: port-25-blocked).'
