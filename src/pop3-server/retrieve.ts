// RETR and TOP: octets that the reader thread laid out go out as they are; messages too large for that in chunks.
// RFC 1939 §5, §7
import type { Session } from '#/wire/session.ts'
import { damage, restuffed, topOf, topOfChunks } from './large.ts'
import { notedMax } from './limits.ts'
import { Prefetch, type Octets } from './prefetch.ts'
import * as ask from './state.ts'
import { messageNumber } from './state.ts'
import type { Effect, Said, State } from './state.ts'

const noSuch = '-ERR no such message\r\n'
const gone = '-ERR [SYS/TEMP] this message was removed meanwhile\r\n'
const damaged = '-ERR [SYS/PERM] this message is damaged; the administrator can see why\r\n'

/** Message n, or what to say instead. */
function* fetch(state: State, n: number): Session<Effect, Octets | 'large' | { readonly say: string }> {
  state.prefetch ??= new Prefetch(state.maildrop!)
  const ready = yield* ask.settled(state.prefetch.get(n))
  if (ready.is === 'octets') return ready
  if (ready.is === 'gone') return { say: gone }
  const why =
    ready.is === 'large' ? ((yield { do: 'wait', for: damage(state.maildrop!.open(n)) }) as Error | null) : null
  if (ready.is === 'large' && why === null) return 'large'
  if (ask.isMissing(why)) return { say: gone }
  yield {
    do: 'report',
    error: why ?? new Error(`message ${state.maildrop!.uidl(n)} of ${state.mailbox!.name} is damaged`),
  }
  return { say: damaged }
}

export function* retr(state: State, args: string): Session<Effect, Said> {
  const maildrop = state.maildrop!
  const { sizes } = yield* ask.settled(maildrop.listing())
  const n = messageNumber(args)
  if (!maildrop.has(n)) return noSuch
  const ready = yield* fetch(state, n)
  if (ready !== 'large' && 'say' in ready) return ready.say
  note(state, n)
  if (ready !== 'large') {
    yield { do: 'stream', chunks: [ready.octets] }
    return ''
  }
  yield { do: 'write', text: `+OK ${sizes[n - 1]} octets\r\n` }
  return yield* sent(restuffed(maildrop.open(n)))
}

function note({ retrieved }: State, n: number): void {
  retrieved.count++
  if (retrieved.first.length < notedMax) retrieved.first.push(n)
}

export function* top(state: State, args: string): Session<Effect, Said> {
  const [number = '', lines = '', ...more] = args.split(' ')
  yield* ask.settled(state.maildrop!.listing())
  const n = messageNumber(number)
  if (!state.maildrop!.has(n)) return noSuch
  if (!/^[0-9]{1,9}$/.test(lines) || more.length > 0) return '-ERR the form is TOP message lines\r\n'
  const ready = yield* fetch(state, n)
  if (ready !== 'large' && 'say' in ready) return ready.say
  yield { do: 'write', text: '+OK\r\n' }
  if (ready === 'large') return yield* sent(restuffed(topOfChunks(state.maildrop!.open(n), Number(lines))))
  yield { do: 'stream', chunks: [topOf(ready.octets.subarray(ready.start), Number(lines))] }
  return '.\r\n'
}

/** What breaks in the middle of a message breaks the connection: it must not look whole. */
function* sent(chunks: AsyncIterable<Uint8Array>): Session<Effect, Said> {
  try {
    yield { do: 'stream', chunks }
    return ''
  } catch (error) {
    yield { do: 'report', error }
    return null
  }
}
