// One session a remote mailbox at a time, whatever it is for: a POP3 server locks it anyway, and some lock out for long.
// Used by collector.ts. PC-05
import type { RemoteAccount } from '#/config/remote-accounts.ts'

/** Accounts of one remote mailbox share it. */
export const remoteOf = ({ host, port, auth }: RemoteAccount): string => `${host.toLowerCase()} ${port} ${auth.user}`

export class Exclusive {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Mailboxes that somebody is in, or waits for a place to be in. */
  get size(): number {
    return this.#last.size
  }

  isHeld(remote: string): boolean {
    return this.#last.has(remote)
  }

  /** Runs `work` when all that came before for this remote is over. */
  async run<T>(remote: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(remote)
    const mine = (before ?? Promise.resolve()).then(work, work)
    const settled = mine.catch(() => undefined)
    this.#last.set(remote, settled)
    try {
      return await mine
    } finally {
      if (this.#last.get(remote) === settled) this.#last.delete(remote)
    }
  }
}
