// Opens a connection to one address, runs the session on it and hands it out alive, for one mail after another. Used by the
// relay's engine. Never retries and never chooses: it says what happened.
import { reply } from '#/message/reply.ts'
import { drive } from '#/wire/drive.ts'
import { derive } from '#/wire/scram-client.ts'
import type { Connection, World } from '#/world/world.ts'
import { clientSession } from './session.ts'
import type { Mail, MailResult, OwnEffect, SessionEnd, SessionFailure, SessionPlan } from './session-types.ts'
import { broke, failure, own } from './talk.ts'

export type DialOptions = {
  readonly address: string // numeric
  readonly port: number
  readonly localAddress?: string | undefined
  readonly connectMs: number
  readonly implicitTls: boolean
  readonly plan: Omit<SessionPlan, 'alreadyTls' | 'nonce'>
}
export type Dialled =
  { readonly ok: true; readonly live: LiveConnection } | { readonly ok: false; readonly failure: SessionFailure }
type Doors = Pick<World, 'clock' | 'net' | 'random'>

/** Resolves when the host is ready for the first mail, or with why it will not be.
 *  @throws for a bug of ours. */
export async function openSession(world: Doors, options: DialOptions): Promise<Dialled> {
  const { address, port, localAddress, connectMs, implicitTls, plan } = options
  const verify = plan.tls === 'verified' ? 'name' : 'none'
  const tls = implicitTls ? ({ ...plan.clientTls, verify } as const) : undefined
  const connected = await world.net.connect({ address, port, localAddress, timeoutMs: connectMs, tls })
  if (!connected.ok) {
    const status = connected.why === 'tls' ? '4.7.5' : '4.4.1'
    return { ok: false, failure: failure('connect', own(reply(451, status, `${plan.host}: ${connected.text}`))) }
  }
  const nonce = (): string => Buffer.from(world.random.bytes(18)).toString('base64')
  const live = new LiveConnection(world, connected.connection, { ...plan, alreadyTls: connected.tls, nonce })
  const end = await live.ready
  return end === null ? { ok: true, live } : { ok: false, failure: end }
}

type Waiting = PromiseWithResolvers<MailResult>

export class LiveConnection {
  /** Null when the host is ready for the first mail. */
  readonly ready: Promise<SessionFailure | null>
  /** Never rejects. */
  readonly ended: Promise<SessionEnd>
  readonly #connection: Connection
  #open = true
  #closing = false
  #next: ((mail: Mail | null) => void) | null = null
  #delivering: Waiting | null = null

  constructor(world: Doors, connection: Connection, plan: SessionPlan) {
    const ready = Promise.withResolvers<SessionFailure | null>()
    this.ready = ready.promise
    this.#connection = connection
    const perform = (effect: OwnEffect): unknown => {
      if (effect.do === 'deriveKey') return derive(effect.of)
      if (effect.do === 'mailDone') return this.#done(effect.result)
      ready.resolve(null)
      return this.#closing ? null : new Promise((resolve) => (this.#next = resolve))
    }
    const run = drive<OwnEffect, SessionEnd>(connection, clientSession(plan), { clock: world.clock, perform })
    this.ended = run.then(
      (end) => {
        ready.resolve(end?.is === 'failed' ? end : null)
        return this.#end(end ?? { is: 'done' })
      },
      (error: unknown) => {
        ready.reject(error)
        this.#delivering?.reject(error)
        return this.#end(failure('data', broke))
      },
    )
  }

  /** Whether a mail may be given to `deliver`. A host may have closed since: then the result says `stale`. */
  get idle(): boolean {
    return this.#open && this.#next !== null && this.#delivering === null
  }

  /** @throws when it is not idle; rejects when the content cannot be read. */
  deliver(mail: Mail): Promise<MailResult> {
    const next = this.#next
    if (next === null || !this.idle) throw new Error('a connection takes one mail at a time, while it is open')
    this.#delivering = Promise.withResolvers<MailResult>()
    this.#next = null
    next(mail)
    return this.#delivering.promise
  }

  /** Says goodbye, after the mail that is under way; resolves when the connection is closed. */
  async close(): Promise<void> {
    this.#closing = true
    this.#next?.(null)
    this.#next = null
    await this.ended
  }

  /** Breaks off: what is under way ends as a connection that was lost. */
  destroy(): void {
    this.#closing = true
    this.#connection.destroy()
    this.#next?.(null)
    this.#next = null
  }

  #done(result: MailResult): void {
    this.#delivering?.resolve(result)
    this.#delivering = null
  }

  #end(end: SessionEnd): SessionEnd {
    this.#open = false
    return end
  }
}
