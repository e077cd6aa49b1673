// RETR and TOP: octets that were read and stuffed ahead by the reader thread go out without a copy. RFC 1939 §5, §7
import { headerEnd } from '#/message/header.ts'
import { stuff } from '#/wire/dots.ts'
import type { Session } from '#/wire/session.ts'
import { Prefetch, type Ready } from './prefetch.ts'
import * as ask from './state.ts'
import { messageNumber } from './state.ts'
import type { Effect, Said, State } from './state.ts'

const noSuch = '-ERR no such message\r\n'
const LF = 10

function* fetch(state: State, n: number): Session<Effect, Ready> {
  state.prefetch ??= new Prefetch(state.maildrop!)
  return yield* ask.settled(state.prefetch.get(n))
}

export function* retr(state: State, args: string): Session<Effect, Said> {
  const maildrop = state.maildrop!
  const { sizes } = yield* ask.settled(maildrop.listing())
  const n = messageNumber(args)
  if (!maildrop.has(n)) return noSuch
  const ready = yield* fetch(state, n)
  if (ready.is === 'gone') return '-ERR [SYS/TEMP] this message was removed meanwhile\r\n'
  if (ready.is === 'damaged') return '-ERR [SYS/PERM] this message is damaged; the administrator can see why\r\n'
  yield { do: 'write', text: `+OK ${sizes[n - 1]} octets\r\n` }
  state.retrieved.push(n)
  yield { do: 'stream', chunks: ready.is === 'octets' ? [ready.octets] : stuffedChunks(maildrop.open(n)) }
  return ''
}

/** Stuffs across chunk borders; a damaged message breaks the connection off rather than end well. */
async function* stuffedChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let lineStart = true
  let tail = ''
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue
    yield stuff(chunk, lineStart)
    lineStart = chunk.at(-1) === LF
    tail = (tail + Buffer.from(chunk.subarray(-2)).toString('latin1')).slice(-2)
  }
  yield Buffer.from(tail === '\r\n' ? '.\r\n' : '\r\n.\r\n')
}

export function* top(state: State, args: string): Session<Effect, Said> {
  const [number = '', lines = ''] = args.split(' ')
  yield* ask.settled(state.maildrop!.listing())
  const n = messageNumber(number)
  if (!state.maildrop!.has(n)) return noSuch
  if (!/^[0-9]{1,9}$/.test(lines)) return '-ERR the form is TOP message lines\r\n'
  const ready = yield* fetch(state, n)
  if (ready.is === 'gone' || ready.is === 'damaged') return '-ERR [SYS/TEMP] this message cannot be read\r\n'
  const chunks =
    ready.is === 'octets' ? [topOf(ready.octets, Number(lines))] : topChunks(state.maildrop!.open(n), Number(lines))
  yield { do: 'write', text: '+OK\r\n' }
  yield { do: 'stream', chunks }
  return '.\r\n'
}

/** The same of a message too large to be read ahead. Only the header section is held; always ends with CRLF. */
async function* topChunks(chunks: AsyncIterable<Uint8Array>, lines: number): AsyncGenerator<Uint8Array> {
  let header: Uint8Array | null = new Uint8Array()
  let rest = { lines, end: 0 }
  let last = '\r\n'
  for await (const chunk of chunks) {
    let part = chunk
    let from = 0
    if (header) {
      part = header = Buffer.concat([header, chunk])
      const found = headerEnd(header)
      if (!found) continue
      from = found.bodyStart
      header = null
    }
    rest = skipLines(part, from, rest.lines)
    yield stuff(part.subarray(0, rest.end), last.endsWith('\n'))
    if (rest.lines === 0) return
    last = (last + Buffer.from(part.subarray(-2)).toString('latin1')).slice(-2)
  }
  if (header) {
    yield stuff(header)
    last = Buffer.from(header.subarray(-2)).toString('latin1')
  }
  if (last !== '\r\n') yield Buffer.from('\r\n')
}

/** Where `lines` lines from `at` on end, and how many of them come in later octets. */
function skipLines(octets: Uint8Array, at: number, lines: number): { lines: number; end: number } {
  for (; lines > 0; lines--) {
    const lineEnd = octets.indexOf(LF, at)
    if (lineEnd < 0) return { lines, end: octets.length }
    at = lineEnd + 1
  }
  return { lines: 0, end: at }
}

/** Header, empty line and `lines` lines of a stuffed message, without its final dot. */
function topOf(octets: Uint8Array, lines: number): Uint8Array {
  const message = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  const end = message.subarray(-5).equals(Buffer.from('\r\n.\r\n')) ? message.length - 3 : message.length
  const header = headerEnd(message)?.bodyStart ?? end
  return message.subarray(0, Math.min(skipLines(message, header, lines).end, end))
}
