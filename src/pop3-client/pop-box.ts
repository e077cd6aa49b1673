// A POP3 mailbox on another server, alive: runs the session on a connection, hands it orders and gives its answers back.
// Made by dial.ts; used by the collector. Never retries and never decides what is fetched or removed.
import assert from 'node:assert'
import { drive, type BodyLimits, type DriveIo } from '#/wire/drive.ts'
import { derive } from '#/wire/scram-client.ts'
import type { Clock, Connection } from '#/world/world.ts'
import { BoundedBody, HeadSink } from './bodies.ts'
import type { Answer, BoxFacts, FetchAnswer, HeadAnswer, RemoteBox, RemoteTrouble, Sink, Withdrawn } from './box.ts'
import { headEndlessBytes, keepAliveMs } from './limits.ts'
import { clientSession } from './session.ts'
import type { ListAnswer, Order, OrderAnswer, OwnEffect, Received, SessionEnd, SessionPlan } from './session-types.ts'
import { isForNow, trouble } from './troubles.ts'

export type BoxOptions = { readonly clock: Clock; readonly plan: SessionPlan; readonly limits: BodyLimits }
type Asked = { readonly order: Order; readonly resolve: (answer: OrderAnswer) => void; readonly reject: (error: unknown) => void } // prettier-ignore

export class PopBox implements RemoteBox {
  /** Null when orders are taken, else why they never will be. Rejects for a bug of ours. */
  readonly ready: Promise<RemoteTrouble | null>
  readonly #connection: Connection
  readonly #limits: BodyLimits
  readonly #keepAlive: Disposable
  #facts: BoxFacts | null = null
  #topGranted = false
  #asked: Asked[] = [] // not sent yet
  #sent: Asked[] = []
  #next: ((order: Order | null) => void) | null = null
  #end: RemoteTrouble | null = null // why no order is taken any more

  constructor(connection: Connection, { clock, plan, limits }: BoxOptions) {
    this.#connection = connection
    this.#limits = limits
    const ready = Promise.withResolvers<RemoteTrouble | null>()
    this.ready = ready.promise
    const perform = (effect: OwnEffect, io: DriveIo): unknown => {
      if (effect.do !== 'ready') return this.#perform(effect, io)
      this.#facts = effect.facts
      return ready.resolve(null)
    }
    this.#keepAlive = clock.every(keepAliveMs, () => this.#next && void this.#ask({ verb: 'NOOP' }))
    drive<OwnEffect, SessionEnd>(connection, clientSession(plan), { clock, perform }).then(
      (end) => ready.resolve(this.#over(end ?? trouble('stopped', `The session with ${plan.host} was ended`))),
      (error: unknown) => {
        for (const { reject } of this.#sent.splice(0)) reject(error)
        this.#over(trouble('stopped', `The session with ${plan.host} was broken off by an error here`))
        ready.reject(error)
      },
    )
  }

  get facts(): BoxFacts {
    assert(this.#facts) // `ready` was waited for
    return this.#facts
  }

  list(): Promise<ListAnswer> {
    return this.#ask<ListAnswer>({ verb: 'LIST' })
  }

  async head(number: number): Promise<HeadAnswer> {
    const sink = new HeadSink()
    const answer = await this.#ask<Exclude<FetchAnswer, { is: 'withdrawn' }>>({
      verb: 'TOP',
      number,
      sink,
      bytesMax: headEndlessBytes,
    })
    if (answer.is === 'whole') {
      this.#topGranted = true
      return { is: 'head', octets: sink.head() }
    }
    if (answer.is === 'too-big') return { is: 'broken', trouble: this.#end ?? tooLong }
    if (answer.is === 'refused' && !this.#topGranted && !isForNow(answer.trouble))
      this.#facts = { ...this.facts, top: false }
    return answer
  }

  fetch(number: number, sink: Sink, bytesMax: number): Promise<FetchAnswer> {
    return this.#ask<FetchAnswer>({ verb: 'RETR', number, sink, bytesMax })
  }

  remove(number: number): Promise<Answer | Withdrawn> {
    return this.#ask<Answer | Withdrawn>({ verb: 'DELE', number })
  }

  async leave(): Promise<'committed' | 'doubtful'> {
    const answer = await this.#ask<Answer>({ verb: 'QUIT' })
    return answer.is === 'done' ? 'committed' : 'doubtful'
  }

  withdraw(): void {
    const [unsent, others] = parted(this.#asked, ({ order }) => order.verb === 'RETR' || order.verb === 'DELE')
    this.#asked = others
    for (const { resolve } of unsent) resolve({ is: 'withdrawn' })
  }

  destroy(why: RemoteTrouble): void {
    this.#connection.destroy()
    this.#over(why)
  }

  #ask<A extends OrderAnswer>(order: Order): Promise<A> {
    if (this.#end) return Promise.resolve({ is: 'broken', trouble: this.#end } as A) // every kind of answer has it
    return new Promise((resolve, reject) => {
      // The session answers each order by its own kind.
      const asked = { order, resolve: resolve as Asked['resolve'], reject }
      if (this.#next) this.#hand(asked)
      else this.#asked.push(asked)
    })
  }

  #hand(asked: Asked): void {
    this.#sent.push(asked)
    this.#next?.(asked.order)
    this.#next = null
  }

  #perform(effect: Exclude<OwnEffect, { do: 'ready' }>, io: DriveIo): unknown {
    switch (effect.do) {
      case 'deriveKey':
        return derive(effect.of)
      case 'nextOrder':
        return this.#nextOrder(effect.mayWait)
      case 'answer':
        return this.#sent.shift()?.resolve(effect.answer)
      case 'receive':
        return this.#receive(effect, io)
    }
  }

  #nextOrder(mayWait: boolean): Order | null | Promise<Order | null> {
    const asked = this.#asked.shift()
    if (asked) this.#sent.push(asked)
    if (asked || !mayWait || this.#end) return asked?.order ?? null
    return new Promise((resolve) => (this.#next = resolve))
  }

  /** What the sink throws is told to who asked for the message; the session cannot go on from the middle of it. */
  async #receive({ sink, bytesMax }: OwnEffect & { do: 'receive' }, io: DriveIo): Promise<Received> {
    const body = new BoundedBody(bytesMax)
    const onPart = (part: Uint8Array): Promise<void> | undefined =>
      this.#end || body.tooBig ? undefined : sink.write(part)
    try {
      const is = await io.receiveBody(body, onPart, this.#limits)
      if (is !== 'done') return { is }
      return body.tooBig ? { is: 'too-big' } : { is: 'whole', facts: body.facts }
    } catch (error) {
      this.#sent.shift()?.reject(error)
      this.destroy(trouble('stopped', 'The session was broken off: a message could not be kept here'))
      return { is: 'closed' }
    }
  }

  #over(why: RemoteTrouble): RemoteTrouble {
    this.#end ??= why
    this.#keepAlive[Symbol.dispose]()
    const broken = { is: 'broken', trouble: this.#end } as const
    for (const { resolve } of [...this.#sent.splice(0), ...this.#asked.splice(0)]) resolve(broken)
    this.#next?.(null)
    this.#next = null
    return this.#end
  }
}

function parted<T>(all: readonly T[], test: (one: T) => boolean): [T[], T[]] {
  const { yes = [], no = [] } = Object.groupBy(all, (one) => (test(one) ? 'yes' : 'no'))
  return [yes, no]
}

const tooLong = trouble('garbage', 'The header section of a message has no end')
