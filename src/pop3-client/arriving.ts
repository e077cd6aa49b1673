// A message that was asked for: intake hears of it when its first octets come. Hundreds are asked for at once, and what nobody has
// sent yet must not hold a hash and a spool. Made by fetching.ts, one per message; decides nothing.
import type { Collecting } from '#/intake/types.ts'
import type { Sink } from './box.ts'

export class Arriving implements Sink {
  readonly #begin: () => Collecting
  #collecting: Collecting | null = null

  constructor(begin: () => Collecting) {
    this.#begin = begin
  }

  write(part: Uint8Array): Promise<void> | undefined {
    return this.collecting().write(part)
  }

  /** Of a message without any octets too, when it is asked for. */
  collecting(): Collecting {
    return (this.#collecting ??= this.#begin())
  }

  /** True when something of it came. */
  discard(): boolean {
    this.#collecting?.discard()
    return this.#collecting !== null
  }
}
