// Octets cut into lines, whatever the chunks. A line keeps its end. A very long line comes in pieces. Pure.
import { heldLineBytesMax } from './limits.ts'
import type { Chunks } from './types.ts'

const [lf, cr] = [10, 13]
/** `begins`: it is the beginning of a line; `ends`: its end, too. */
export type Line = { readonly octets: Buffer; readonly begins: boolean }

/** The lines of each chunk together, so that who reads them is not woken for each. */
export async function* linesOf(chunks: Chunks): AsyncGenerator<Line[]> {
  let held: Buffer = Buffer.alloc(0)
  let begins = true
  for await (const chunk of chunks) {
    const lines: Line[] = []
    const octets = held.length === 0 ? bufferOf(chunk) : Buffer.concat([held, chunk])
    let at = 0
    for (let end = octets.indexOf(lf, held.length); end >= 0; end = octets.indexOf(lf, at)) {
      lines.push({ octets: octets.subarray(at, end + 1), begins })
      ;[at, begins] = [end + 1, true]
    }
    held = octets.subarray(at)
    if (held.length > heldLineBytesMax) {
      lines.push({ octets: held.subarray(0, -1), begins }) // a CR stays with its LF
      ;[held, begins] = [held.subarray(-1), false]
    }
    yield lines
  }
  if (held.length > 0) yield [{ octets: held, begins }]
}

export const bufferOf = (octets: Uint8Array): Buffer => Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)

export const isBlank = ({ octets, begins }: Line): boolean =>
  begins && (octets[0] === lf || (octets[0] === cr && octets[1] === lf))

const crlf = Buffer.from('\r\n')

/** A line that ends in LF alone gets the CR that mail has. */
export const withCrlf = ({ octets }: Line): Buffer[] =>
  octets.at(-1) === lf && octets.at(-2) !== cr ? [octets.subarray(0, -1), crlf] : [octets]
export const endsInCrlf = (octets: Uint8Array): boolean => octets.at(-1) === lf && octets.at(-2) === cr
