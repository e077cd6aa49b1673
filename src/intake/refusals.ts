// Refusals in the trace: each of the first twenty of a client (IPv6: of a /64) and minute, then one row with their number. AC-17
// Called by open.ts. Bounded memory and bounded rows whatever arrives.
import { LRUCache } from 'lru-cache'
import { network } from '#/accounts/throttle.ts'
import { formatPath, type ReversePath } from '#/message/address.ts'
import { messageKey } from '#/message/key.ts'
import { formatReply, type Reply } from '#/message/reply.ts'
import type { Store, TraceEvent } from '#/storage/store.ts'
import type { World } from '#/world/world.ts'
import { errorText } from './parts.ts'
import type { Client } from './types.ts'

const singlyMax = 20
const windowMs = 60_000
const clientsMax = 10_000

type Window = { readonly client: string; readonly since: number; count: number }
export type Refusal = {
  readonly client: Client
  readonly from: ReversePath | undefined
  readonly to: string | null
  readonly said: Reply
}

export class Refusals {
  readonly #store: Store
  readonly #world: World
  readonly #timer: Disposable
  readonly #windows = new LRUCache<string, Window>({
    max: clientsMax,
    dispose: (window) => this.#tellCount(window),
  })

  constructor(store: Store, world: World) {
    this.#store = store
    this.#world = world
    this.#timer = world.clock.every(windowMs / 6, () => this.#sweep())
  }

  note(refusal: Refusal): void {
    const { address } = refusal.client
    const key = network(address)
    const now = this.#world.clock.now()
    let window = this.#windows.get(key)
    if (!window || now - window.since >= windowMs) {
      window = { client: address, since: now, count: 0 }
      this.#windows.set(key, window) // tells of the one before
    }
    if (++window.count <= singlyMax) this.#record(this.#single(refusal, now))
  }

  #single({ client, from, to, said }: Refusal, now: number): TraceEvent {
    const detail = {
      reply: formatReply(said).trimEnd(),
      listener: client.listener,
      ehlo: client.ehlo,
      user: client.userName,
    }
    return this.#event({ client: client.address, at: now, detail, from, to })
  }

  #event(
    given: Pick<TraceEvent, 'client' | 'at' | 'detail'> & { from: ReversePath | undefined; to: string | null },
  ): TraceEvent {
    const { client, at, detail, from, to } = given
    const ref = messageKey(at, this.#world.random.bytes(10))
    const path = from === undefined ? null : formatPath(from)
    return {
      ref,
      at,
      step: 'refused',
      client,
      from: path,
      to: to === null ? [] : [to],
      subject: null,
      messageId: null,
      detail,
    }
  }

  #tellCount({ client, since, count }: Window): void {
    if (count <= singlyMax) return
    const detail = { more: count - singlyMax, since }
    this.#record(this.#event({ client, at: this.#world.clock.now(), detail, from: undefined, to: null }))
  }

  #record(event: TraceEvent): void {
    this.#store.record([event]).catch((error: unknown) => {
      this.#world.log.warn('refusal not recorded', { error: errorText(error) })
    })
  }

  #sweep(): void {
    const now = this.#world.clock.now()
    for (const [key, { since }] of this.#windows) if (now - since >= windowMs) this.#windows.delete(key)
  }

  close(): void {
    this.#timer[Symbol.dispose]()
    this.#windows.clear()
  }
}
