// Who holds which maildrop, in memory: for an engine whose data folder belongs to one process. See decision 8.
import type { Instant } from '#/world/world.ts'

type Lease = { readonly holder: string; readonly until: Instant }

export class Leases {
  readonly #held = new Map<number, Lease>()

  /** Takes or renews. False while another holder's lease still runs. */
  take(mailbox: number, holder: string, { now, until }: { now: Instant; until: Instant }): boolean {
    const lease = this.#held.get(mailbox)
    if (lease && lease.holder !== holder && lease.until > now) return false
    this.#held.set(mailbox, { holder, until })
    return true
  }

  /** Gives back one's own; what another holds by now stays his. */
  drop(mailbox: number, holder: string): void {
    if (this.#held.get(mailbox)?.holder === holder) this.#held.delete(mailbox)
  }
}
