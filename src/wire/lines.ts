// Cuts arriving octets into CRLF lines. A line ends at CRLF only; one with a bare CR, bare LF or NUL is told apart.
// Constant memory whatever arrives: a line over the limit is dropped as it comes. RFC 5321 §2.3.8
import type { Line } from './session.ts'

const LF = 10
const CR = 13
const empty = Buffer.alloc(0)
const endlessBytes = 65_536 // dropped octets of one line after which its end is not waited for
const tooLong: Line = { is: 'too-long' }
const endless: Line = { is: 'endless' }
const broken = /[\r\n\0]/

export class LineReader {
  #buffer: Buffer = empty
  #start = 0
  #scanned = 0 // octets from #start on that hold no CRLF
  #dropping = false
  #droppedBytes = 0

  get unread(): number {
    return this.#buffer.length - this.#start
  }

  push(chunk: Uint8Array): void {
    const next = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (this.unread === 0) {
      this.#buffer = next
      this.#scanned = 0
    } else this.#buffer = Buffer.concat([this.#buffer.subarray(this.#start), next])
    this.#start = 0
  }

  /** The next line, or undefined when more octets are needed. `bytesMax` counts the CRLF. */
  next(bytesMax: number): Line | undefined {
    const buffer = this.#buffer
    let end = buffer.indexOf(LF, this.#start + this.#scanned)
    while (end >= 0 && (end === this.#start || buffer[end - 1] !== CR)) end = buffer.indexOf(LF, end + 1)
    if (end < 0) return this.#incomplete(bytesMax)
    const start = this.#start
    this.#start = end + 1
    this.#scanned = 0
    const dropped = this.#dropping || end + 1 - start > bytesMax
    this.#dropping = false
    this.#droppedBytes = 0
    const text = dropped ? '' : buffer.toString('latin1', start, end - 1)
    if (this.#start === buffer.length) this.clear()
    if (dropped) return tooLong
    return { is: broken.test(text) ? 'bad-end' : 'line', text }
  }

  #incomplete(bytesMax: number): Line | undefined {
    if (this.unread > bytesMax) {
      this.#droppedBytes += this.unread
      if (this.#droppedBytes > endlessBytes) return endless
      this.#dropping = true
      this.#buffer = this.#buffer[this.#buffer.length - 1] === CR ? Buffer.from('\r') : empty
      this.#start = 0
    }
    if (this.#start > 0) this.#compact()
    this.#scanned = Math.max(0, this.unread - 1)
    return undefined
  }

  /** A rest of a few octets must not keep a whole chunk alive while its line is waited for. RES-16 */
  #compact(): void {
    const rest = Buffer.allocUnsafeSlow(this.unread) // not a slice of a pool
    this.#buffer.copy(rest, 0, this.#start)
    this.#buffer = rest
    this.#start = 0
  }

  /** Takes the unread octets away, for a body that follows. */
  take(): Uint8Array | undefined {
    if (this.unread === 0) return undefined
    const rest = this.#buffer.subarray(this.#start)
    this.clear()
    return rest
  }

  clear(): void {
    this.#buffer = empty
    this.#start = 0
    this.#scanned = 0
    this.#dropping = false
    this.#droppedBytes = 0
  }
}
