// Which addresses do not answer. One dead host costs one connection a while, not one a message: QU-08. Bounded memory.
// Asked by the walk before it connects. Knows no mail.
import { LRUCache } from 'lru-cache'
import type { Reply } from '#/message/reply.ts'
import type { Instant } from '#/world/world.ts'
import { addressesKnownMax, downFirstMs, downLongestMs, probeTermMs } from './limits.ts'

type Down = { readonly reply: Reply; until: Instant; readonly forMs: number }

export class Health {
  readonly #down = new LRUCache<string, Down>({ maxSize: addressesKnownMax, sizeCalculation: () => 1 }) // grows as it fills

  /** Null: connect. Otherwise what the last one heard; when its time is over one caller is let through to look again, and
   *  if it never tells how that went, another one after a while. */
  trouble(address: string, now: Instant): Reply | null {
    const down = this.#down.get(address)
    if (!down) return null
    const clockWentBack = down.until - now > downLongestMs
    if (now < down.until && !clockWentBack) return down.reply
    down.until = now + probeTermMs
    return null
  }

  failed(address: string, reply: Reply, now: Instant): void {
    const before = this.#down.get(address)
    const forMs = before ? Math.min(2 * before.forMs, downLongestMs) : downFirstMs
    this.#down.set(address, { reply, until: now + forMs, forMs })
  }

  worked(address: string): void {
    this.#down.delete(address)
  }

  /** Everybody may try again at once: somebody says that the line is up. */
  forget(): void {
    this.#down.clear()
  }
}
