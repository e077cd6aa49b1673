// The largest message that each alternate server said it takes when it was last spoken to. RFC 1870 §3. Heard by the pool, asked
// by operations before a message is written. Forgotten with the program: it is told anew with the first mail.
import type { RelayRoute } from './routes.ts'

export class SizesTold {
  readonly #max = new Map<string, number | null>() // alternate servers are few

  readonly note = (route: RelayRoute, sizeBytesMax: number | null): void => {
    if (route.is === 'alternate') this.#max.set(route.server.name, sizeBytesMax)
  }

  /** Null: nothing is known. */
  readonly of = (alternate: string): number | null => this.#max.get(alternate) ?? null
}
