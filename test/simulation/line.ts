// A simulated TCP connection: octets in order, some time later, until it breaks. The program's end is a Connection; the other
// end is a host. Used by net.ts. What was written before an end or a death still arrives; what comes after a break does not.
import type { ClientTls, Connection, TlsFacts, TlsResult } from '#/world/world.ts'
import type { Life } from './life.ts'
import type { Time } from './time.ts'

/** The other end. */
export interface Far {
  hear(octets: Buffer): void
  gone(): void
  /** Whether a TLS handshake comes off. */
  tls(): boolean
}
export type LineParts = {
  readonly time: Time
  readonly life: Life
  readonly latencyMs: number
  /** After so many octets from us the line breaks; Infinity: never. */
  readonly breaksAfterBytes: number
}

export class Line {
  readonly near: NearEnd
  far: Far | null = null
  readonly #p: LineParts
  readonly #die = (): void => this.endNear()
  #sentBytes = 0
  #farSpeaksAt = 0 // replies keep their order, however long each was thought about
  #broken = false

  constructor(parts: LineParts, address: string) {
    this.#p = parts
    this.near = new NearEnd(this, parts.life, address)
    parts.life.connected(this.#die)
  }

  get life(): Life {
    return this.#p.life
  }

  fromNear(octets: Buffer): void {
    const room = this.#p.breaksAfterBytes - this.#sentBytes
    this.#sentBytes += octets.length
    const arriving = octets.subarray(0, Math.max(0, room))
    this.#toFar((far) => far.hear(arriving))
    if (octets.length > room) this.#p.time.after(this.#p.latencyMs, () => this.break())
  }

  endNear(): void {
    this.#p.life.disconnected(this.#die)
    this.#toFar((far) => far.gone())
  }

  fromFar(text: string, thinkMs = 0): void {
    this.#toNear(thinkMs, () => this.near.push(Buffer.from(text, 'latin1')))
  }

  endFar(thinkMs = 0): void {
    this.#toNear(thinkMs, () => this.near.stop())
  }

  /** Both sides lose it at once, with all that was under way. */
  break(): void {
    if (this.#broken) return
    this.#broken = true
    this.#p.life.hear(() => this.near.stop())
    this.far?.gone()
  }

  handshake(): Promise<boolean> {
    return this.#p.life.wait(2 * this.#p.latencyMs, () => !this.#broken && (this.far?.tls() ?? false))
  }

  #toFar(work: (far: Far) => void): void {
    this.#p.time.after(this.#p.latencyMs, () => {
      if (!this.#broken && this.far) work(this.far)
    })
  }

  #toNear(thinkMs: number, work: () => void): void {
    const { time, latencyMs, life } = this.#p
    this.#farSpeaksAt = Math.max(this.#farSpeaksAt, time.now + thinkMs)
    time.after(this.#farSpeaksAt - time.now + latencyMs, () => {
      if (!this.#broken) life.hear(work)
    })
  }
}

type Reader = (heard: Uint8Array | null | 'timeout') => void

class NearEnd implements Connection {
  readonly remote: { readonly address: string; readonly port: number }
  readonly #line: Line
  readonly #life: Life
  #chunks: Buffer[] = []
  #stopped = false // nothing more comes
  #closed = false
  #reader: Reader | null = null
  #tls: TlsFacts | null = null

  constructor(line: Line, life: Life, address: string) {
    this.#line = line
    this.#life = life
    this.remote = { address, port: 25 }
  }

  tls = (): TlsFacts | null => this.#tls
  closed = (): boolean => this.#closed || this.#stopped
  buffered = (): number => this.#chunks.reduce((sum, { length }) => sum + length, 0)
  interrupt = (): void => this.#tell('timeout')

  read(deadline: number): Uint8Array | null | Promise<Uint8Array | null | 'timeout'> {
    const chunk = this.#chunks.shift()
    if (chunk) return chunk
    if (this.closed()) return null
    return new Promise((resolve) => {
      const left = deadline - this.#life.now()
      const timer = left === Infinity ? null : this.#life.after(left, () => this.#tell('timeout'))
      this.#reader = (heard) => {
        if (timer) timer.work = null
        resolve(heard)
      }
    })
  }

  write(...parts: readonly (Uint8Array | string)[]): undefined {
    if (this.closed()) return
    this.#line.fromNear(
      Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))),
    )
  }

  startTls = (): Promise<boolean> => Promise.resolve(false) // the program calls here, and is called by nobody

  async startClientTls({ servername }: ClientTls): Promise<TlsResult> {
    if (!(await this.#line.handshake())) {
      this.destroy()
      return { ok: false, why: 'the handshake failed' }
    }
    this.#tls = { version: 'TLSv1.3', cipher: 'SIMULATED', servername }
    return { ok: true, version: 'TLSv1.3', cipher: 'SIMULATED', verified: false, why: 'its certificate is its own' }
  }

  end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#line.endNear()
    this.#tell(null)
  }

  destroy = (): void => this.end()

  push(octets: Buffer): void {
    if (this.#reader) this.#tell(octets)
    else this.#chunks.push(octets)
  }

  stop(): void {
    this.#stopped = true
    this.#tell(null)
  }

  #tell(heard: Uint8Array | null | 'timeout'): void {
    const reader = this.#reader
    this.#reader = null
    reader?.(heard)
  }
}
