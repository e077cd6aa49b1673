// A message written from its pieces, its attachments read chunk by chunk: a large one is never in memory. Its size is known before
// the first octet. The same octets as of compose.ts. Called for what is written in the console. SE-03, SE-06
import type { Parsed } from './address.ts'
import { freeBoundary } from './boundary.ts'
import { attachedHeader, headerOf, mixedField, problemOf, textPart, type Written } from './compose.ts'
import { base64LinesBytes, encodeBase64Lines } from './transfer.ts'

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>
export type AttachedFile = {
  readonly name: string
  readonly type: string
  readonly sizeBytes: number
  readonly open: () => Promise<Chunks>
}
export type Streamed = {
  readonly sizeBytes: number
  /** An address of other letters than ASCII stands in it. RFC 6531 */
  readonly utf8Header: boolean
  readonly chunks: () => AsyncIterable<Uint8Array>
}
type Piece = Uint8Array | AttachedFile

export function composeStream(written: Written, attachments: readonly AttachedFile[]): Parsed<Streamed> {
  const problem = problemOf({ ...written, attachments })
  if (problem !== null) return { ok: false, problem }
  const header = headerOf(written)
  const pieces = piecesOf(header, textPart(written.text), attachments)
  const sizeBytes = pieces.reduce((sum, piece) => sum + sizeOf(piece), 0)
  return {
    ok: true,
    value: { sizeBytes, utf8Header: header.some((octet) => octet > 127), chunks: () => octetsOf(pieces) },
  }
}

/** What is base64 can hold no boundary: it has no `_`. */
function piecesOf(header: Uint8Array, text: Uint8Array, attachments: readonly AttachedFile[]): Piece[] {
  if (attachments.length === 0) return [header, text]
  const headers = attachments.map(attachedHeader)
  const boundary = freeBoundary('=_netcruiser', [text, ...headers])
  const between = Buffer.from(`\r\n--${boundary}\r\n`)
  const files = attachments.flatMap((file, i): Piece[] => [between, headers[i]!, file])
  return [header, mixedField(boundary), between, text, ...files, Buffer.from(`\r\n--${boundary}--\r\n`)]
}

const sizeOf = (piece: Piece): number =>
  piece instanceof Uint8Array ? piece.length : base64LinesBytes(piece.sizeBytes)

async function* octetsOf(pieces: readonly Piece[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces)
    if (piece instanceof Uint8Array) yield piece
    else yield* encoded(await piece.open())
}

const lineOctets = 57 // are 76 characters

/** Whole lines; what is left of a chunk goes with the next. */
async function* encoded(chunks: Chunks): AsyncGenerator<Uint8Array> {
  let left: Uint8Array = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const octets = left.length === 0 ? chunk : Buffer.concat([left, chunk])
    const whole = octets.length - (octets.length % lineOctets)
    if (whole > 0) yield Buffer.from(encodeBase64Lines(octets.subarray(0, whole)))
    left = octets.subarray(whole)
  }
  if (left.length > 0) yield Buffer.from(encodeBase64Lines(left))
}
