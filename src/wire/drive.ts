// Runs a session on a connection: reads lines, writes replies (those of a pipelined group in one write), times out,
// upgrades to TLS, streams bodies past the generator. Used by every server and client; knows no protocol.
import type { Clock, Connection, TlsResult } from '#/world/world.ts'
import { LineReader } from './lines.ts'
import type { ClientWireEffect, Line, Sent, Session, WireEffect } from './session.ts'

/** Reads a body that ends by its own rule, for example wire/dots.ts. */
export interface BodyReader {
  /** Takes octets, emits what belongs to the body, returns how many octets were taken. */
  push(chunk: Uint8Array, emit: (part: Uint8Array) => void): number
  readonly done: boolean
}

export type BodyLimits = {
  readonly idleMs: number
  /** Octets a second on average, judged after the first minute. 0: none. */
  readonly rateMin: number
}

type DriverEffect = WireEffect | ClientWireEffect
type OwnEffect<E> = Exclude<E, DriverEffect>
export type DriveOptions<E> = {
  readonly clock: Clock
  /** Answers the session's own effects; what it throws is thrown into the session. */
  readonly perform: (effect: OwnEffect<E>, io: DriveIo) => unknown
}

/** Resolves when the session is over and the connection closed, with what the session returned; undefined when it asked to
 *  close. Never rejects for what the peer does.
 *  @throws what the session throws and does not catch: a bug of ours; the connection is destroyed first. */
export async function drive<E, Result = void>(
  connection: Connection,
  session: Session<E | DriverEffect, Result>,
  options: DriveOptions<E>,
): Promise<Result | undefined> {
  const io = new DriveIo(connection, options.clock)
  try {
    const result = await run(io, session, options)
    io.end()
    return result
  } catch (error) {
    connection.destroy()
    throw error
  }
}

async function run<E, Result>(
  io: DriveIo,
  session: Session<E | DriverEffect, Result>,
  options: DriveOptions<E>,
): Promise<Result | undefined> {
  let step = session.next()
  while (!step.done) {
    const effect = step.value
    if ((effect as WireEffect).do === 'close') return undefined // a literal of ours: both unions are told apart by `do`
    try {
      let answer = isWire(effect) ? io.answer(effect) : options.perform(effect as OwnEffect<E>, io) // not wire, so own
      if (answer instanceof Promise) {
        const slow = io.flush()
        if (slow) await slow
        answer = await answer
      }
      step = session.next(answer)
    } catch (error) {
      step = session.throw(error)
    }
  }
  return step.value
}

const wireEffects = new Set<unknown>(
  // prettier-ignore
  ['readLine', 'write', 'stream', 'startTls', 'talksEarly', 'pause', 'close', 'now', 'startClientTls', 'sendBody'],
)
const isWire = (effect: unknown): effect is DriverEffect => wireEffects.has((effect as DriverEffect).do) // every effect has `do`

const heldBytesMax = 65_536

export class DriveIo {
  readonly connection: Connection
  readonly #clock: Clock
  readonly #lines = new LineReader()
  #parts: (Uint8Array | string)[] = []
  #heldBytes = 0
  #patienceMs = 300_000 // until the first line says how long its peer may be silent
  #givenUp = false

  constructor(connection: Connection, clock: Clock) {
    this.connection = connection
    this.#clock = clock
  }

  answer(effect: DriverEffect): unknown {
    switch (effect.do) {
      case 'write':
        return this.#hold(effect.text)
      case 'readLine':
        if (this.#givenUp) return { is: 'closed' } // what it asked for and did not take is not done any more
        return this.#lines.next(effect.lineBytesMax) ?? this.#readLine(effect.timeoutMs, effect.lineBytesMax)
      case 'stream':
        return this.#stream(effect.chunks)
      case 'startTls':
        return this.#startTls(effect)
      case 'talksEarly':
        return this.#talksEarly(effect.waitMs)
      case 'pause':
        return this.#clock.sleep(effect.ms)
      case 'now':
        return this.#clock.now()
      case 'startClientTls':
        return this.#startClientTls(effect)
      case 'sendBody':
        return this.#sendBody(effect)
      case 'close':
        return undefined
    }
  }

  /** Octets that the peer sent ahead of what the session has read. */
  get unread(): number {
    return this.#lines.unread + this.connection.buffered()
  }

  /** Sends what is held back. A promise when the peer reads too slowly. */
  flush(): Promise<void> | undefined {
    if (this.#parts.length === 0) return undefined
    const parts = this.#parts
    this.#parts = []
    this.#heldBytes = 0
    const slow = this.connection.write(...parts)
    return slow && this.#patiently(slow)
  }

  /** A peer that asks and never reads is cut off after the time that it may stay silent. RES-05 */
  async #patiently(slow: Promise<void>): Promise<void> {
    const stop = new AbortController()
    const late = this.#clock.sleep(this.#patienceMs, stop.signal).then(
      () => (this.#givenUp = true),
      () => undefined, // drained in time
    )
    await Promise.race([slow, late])
    stop.abort()
    if (this.#givenUp) this.connection.destroy()
  }

  end(): void {
    void this.flush()
    this.connection.end()
  }

  /** Passes octets to `reader` until it is done; parts go to `onPart`, whose promise is waited for before more is read. */
  async receiveBody(
    reader: BodyReader,
    onPart: (part: Uint8Array) => Promise<void> | undefined,
    limits: BodyLimits,
  ): Promise<'done' | 'closed' | 'timeout'> {
    const startedAt = this.#clock.now()
    let total = 0
    let wait: Promise<void> | undefined
    const emit = (part: Uint8Array): void => {
      const more = onPart(part)
      if (more) wait = wait ? Promise.all([wait, more]).then(() => undefined) : more
    }
    const slow = this.flush()
    if (slow) await slow
    for (;;) {
      const chunk = this.#lines.take() ?? (await this.connection.read(this.#clock.now() + limits.idleMs))
      if (chunk === null) return 'closed'
      if (chunk === 'timeout') return 'timeout'
      const taken = reader.push(chunk, emit)
      total += taken
      if (wait) await wait
      wait = undefined
      if (reader.done) {
        if (taken < chunk.length) this.#lines.push(chunk.subarray(taken))
        return 'done'
      }
      if (tooSlow(total, this.#clock.now() - startedAt, limits.rateMin)) return 'timeout'
    }
  }

  #hold(part: Uint8Array | string): Promise<void> | undefined {
    const last = this.#parts.length - 1
    const before = this.#parts[last]
    if (typeof part === 'string' && typeof before === 'string') this.#parts[last] = before + part
    else if (typeof part !== 'string' && typeof before === 'object' && isBehind(before, part))
      this.#parts[last] = new Uint8Array(part.buffer, before.byteOffset, before.byteLength + part.byteLength)
    else this.#parts.push(part)
    this.#heldBytes += part.length
    return this.#heldBytes > heldBytesMax ? this.flush() : undefined
  }

  #stream(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> | undefined {
    if (Symbol.asyncIterator in chunks) return this.#streamSlowly(chunks)
    let wait: Promise<void> | undefined
    for (const chunk of chunks) wait = this.#hold(chunk) ?? wait
    return wait
  }

  async #streamSlowly(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of chunks) {
      const wait = this.#hold(chunk)
      if (wait) await wait
      if (this.connection.closed()) return // a large message is not read to its end for nobody
    }
  }

  #readLine(timeoutMs: number, lineBytesMax: number): Promise<Line> {
    const deadline = this.#clock.now() + timeoutMs
    this.#patienceMs = timeoutMs
    const slow = this.flush()
    return slow ? slow.then(() => this.#nextLine(deadline, lineBytesMax)) : this.#nextLine(deadline, lineBytesMax)
  }

  async #nextLine(deadline: number, lineBytesMax: number): Promise<Line> {
    for (;;) {
      const read = this.connection.read(deadline)
      const chunk = read instanceof Promise ? await read : read
      if (chunk === null) return { is: 'closed' }
      if (chunk === 'timeout') return { is: 'timeout' }
      this.#lines.push(chunk)
      const line = this.#lines.next(lineBytesMax)
      if (line) return line
    }
  }

  async #startTls({ identity, timeoutMs }: WireEffect & { do: 'startTls' }): Promise<boolean> {
    await this.flush()
    this.#lines.clear() // RFC 3207 §4.2: nothing from before TLS is used after it
    return this.connection.startTls(identity, timeoutMs)
  }

  /** Octets that came before TLS fail it: what is read after STARTTLS must come through TLS. OTL-02 */
  async #startClientTls({ options, timeoutMs }: ClientWireEffect & { do: 'startClientTls' }): Promise<TlsResult> {
    await this.flush()
    if (this.#lines.unread === 0) return this.connection.startClientTls(options, timeoutMs)
    this.#lines.clear()
    this.connection.destroy()
    return { ok: false, why: 'octets came behind the answer to STARTTLS, before TLS' }
  }

  #sendBody({ chunks, blockMs }: ClientWireEffect & { do: 'sendBody' }): Sent | Promise<Sent> {
    this.#patienceMs = blockMs
    if (Symbol.asyncIterator in chunks) return this.#sendSlowly(chunks)
    let slow: Promise<void> | undefined
    for (const chunk of chunks) slow = this.#hold(chunk) ?? slow // in memory already
    return slow ? this.#listenDuring(slow) : 'sent'
  }

  async #sendSlowly(chunks: AsyncIterable<Uint8Array>): Promise<Sent> {
    for await (const chunk of chunks) {
      const slow = this.#hold(chunk)
      if (this.#heldBytes > 0) continue // nothing went out yet
      const heard = await this.#listenDuring(slow)
      if (heard !== 'sent') return heard
    }
    return 'sent'
  }

  /** A peer that answers or goes before the end of a body has judged it: waiting to send the rest would be in vain. */
  async #listenDuring(slow?: Promise<void>): Promise<Sent> {
    const read = this.connection.read(Infinity)
    if (slow && read instanceof Promise) await Promise.race([slow, read])
    this.connection.interrupt()
    const heard = await read
    if (heard === 'timeout') return 'sent' // nothing was said: the interruption of our own
    if (heard === null) return this.#givenUp ? 'timeout' : 'closed'
    this.#lines.push(heard)
    return 'answered'
  }

  #talksEarly(waitMs: number): boolean | Promise<boolean> {
    if (this.unread > 0 || waitMs === 0) return this.unread > 0
    return this.#clock.sleep(waitMs).then(() => this.unread > 0)
  }
}

/** Whether these octets lie right behind those in memory: then both are one write. */
const isBehind = (before: Uint8Array, part: Uint8Array): boolean =>
  part.buffer === before.buffer && part.byteOffset === before.byteOffset + before.byteLength

function tooSlow(bytes: number, elapsedMs: number, rateMin: number): boolean {
  return elapsedMs > 60_000 && bytes < (elapsedMs / 1000) * rateMin
}
