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
  const octets =
    ready.is === 'octets'
      ? ready.octets
      : ((yield { do: 'wait', for: firstChunk(state.maildrop!.open(n)) }) as Uint8Array)
  yield { do: 'write', text: '+OK\r\n' }
  yield { do: 'stream', chunks: [topOf(octets, Number(lines))] }
  return '.\r\n'
}

/** Of a message too large to be read ahead: its fields and the first of its chunks. */
async function firstChunk(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    size += chunk.length
    if (size > 262_144) break
  }
  return stuff(Buffer.concat(parts))
}

/** Header, empty line and `lines` lines of a stuffed message, without its final dot. */
function topOf(octets: Uint8Array, lines: number): Uint8Array {
  const message = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  const end = message.subarray(-5).equals(Buffer.from('\r\n.\r\n')) ? message.length - 3 : message.length
  let at = headerEnd(message)?.bodyStart ?? end
  for (let i = 0; i < lines && at < end; i++) {
    const lineEnd = message.indexOf(LF, at)
    at = lineEnd < 0 ? end : lineEnd + 1
  }
  return message.subarray(0, Math.min(at, end))
}
