// Lays messages out for the wire in one buffer: for each the reply line, prefix and content with dots doubled, CRLF.CRLF.
// Neighbours in the buffer are neighbours on the wire, so that one write serves many pipelined RETRs. RFC 1939 §3
import { crc32 } from 'node:zlib'
import type { StuffedRun } from '../store.ts'
import { needsCrlf } from '../units.ts'

/** The columns of `contents`. */
export type ContentRow = [
  uid: number,
  prefix: string,
  size: number | null,
  crc: number,
  file: string | null,
  octets: Uint8Array | null,
]

const statusFine = 0
export const statusGone = 1
const statusDamaged = 2
const statusLarge = 3
const DOT = 46

/** Rows come in the order of UIDs. Stops after about `bytesMax`; what was not reached is not part of the run. */
export function layOut(rows: Iterable<ContentRow>, uids: Uint32Array, bytesMax: number): StuffedRun {
  const run = new RunBuilder()
  for (const row of rows) {
    while (run.count < uids.length && uids[run.count]! < row[0]) run.skip(statusGone)
    if (uids[run.count] !== row[0]) continue // lies between the asked ones
    const status = statusOf(row)
    if (status === statusFine) run.add(row)
    else run.skip(status)
    if (run.bytes >= bytesMax || run.count === uids.length) return run.done()
  }
  while (run.count < uids.length) run.skip(statusGone)
  return run.done()
}

function statusOf([, , size, crc, file, octets]: ContentRow): number {
  if (file !== null) return statusLarge // openMessage checks it
  return octets !== null && octets.length === size && crc32(octets) === crc ? statusFine : statusDamaged
}

class RunBuilder {
  bytes = 0
  readonly #parts: (string | Uint8Array)[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #status: number[] = []

  get count(): number {
    return this.#status.length
  }

  skip(status: number): void {
    this.#close(status, this.bytes)
  }

  add([, prefix, , , , octets]: ContentRow): void {
    const body = bufferOf(octets!)
    const end = needsCrlf(prefix, { sizeBytes: body.length, endsInCrlf: endsLine(body) }) ? '\r\n' : ''
    const reply = `+OK ${prefix.length + body.length + end.length} octets\r\n`
    const start = this.bytes + reply.length
    this.#part(reply + prefix)
    this.#stuffed(body)
    this.#part(`${end}.\r\n`)
    this.#close(statusFine, start)
  }

  done(): StuffedRun {
    const octets = Buffer.allocUnsafeSlow(this.bytes)
    let at = 0
    for (const part of this.#parts) {
      if (typeof part === 'string') octets.write(part, at, 'latin1')
      else octets.set(part, at)
      at += part.length
    }
    return {
      octets,
      starts: Float64Array.from(this.#starts),
      ends: Float64Array.from(this.#ends),
      status: Uint8Array.from(this.#status),
    }
  }

  #close(status: number, start: number): void {
    this.#starts.push(start)
    this.#ends.push(this.bytes)
    this.#status.push(status)
  }

  #part(part: string | Uint8Array): void {
    this.#parts.push(part)
    this.bytes += part.length
  }

  #stuffed(body: Buffer): void {
    if (body[0] === DOT) this.#part('.')
    let start = 0
    for (let at = body.indexOf('\n.', 0, 'latin1'); at >= 0; at = body.indexOf('\n.', at + 1, 'latin1')) {
      this.#part(body.subarray(start, at + 1))
      this.#part('.')
      start = at + 1
    }
    this.#part(start === 0 ? body : body.subarray(start))
  }
}

const endsLine = (body: Buffer): boolean => body.at(-1) === 10 && body.at(-2) === 13
const bufferOf = (octets: Uint8Array): Buffer => Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
