// Sessions are generators: they yield what they want done and are resumed with what happened. No socket, no clock.
// Every service's session uses these effects beside its own; wire/drive.ts answers these, the service the rest.
import type { ClientTls, TlsIdentity } from '#/world/world.ts'

export type Session<Effect, Result = void> = Generator<Effect, Result, unknown>

/** A line without its CRLF as latin1 text (one char = one octet). */
export type Line =
  | { readonly is: 'line'; readonly text: string }
  | { readonly is: 'bad-end'; readonly text: string } // it held a bare CR, bare LF or NUL: RFC 5321 §2.3.8
  | { readonly is: 'too-long' } // the whole line was read and dropped
  | { readonly is: 'endless' } // so long that the peer cannot mean a line: its end is not waited for. RES-01
  | { readonly is: 'closed' }
  | { readonly is: 'timeout' }

export type WireEffect =
  | { readonly do: 'readLine'; readonly timeoutMs: number; readonly lineBytesMax: number } // → Line
  | { readonly do: 'write'; readonly text: string } // latin1; sent at the latest before the next wait → undefined
  | { readonly do: 'stream'; readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> } // written with back-pressure → undefined
  | { readonly do: 'startTls'; readonly identity: TlsIdentity; readonly timeoutMs: number } // → boolean
  | { readonly do: 'talksEarly'; readonly waitMs: number } // → boolean: has the peer sent octets already
  | { readonly do: 'pause'; readonly ms: number } // → undefined; queued replies go out before it
  | { readonly do: 'close' } // → never resumed

/** What only clients ask of the driver. */
export type ClientWireEffect =
  | { readonly do: 'now' } // → Instant
  | { readonly do: 'startClientTls'; readonly options: ClientTls; readonly timeoutMs: number } // → TlsResult
  | {
      readonly do: 'sendBody' // → Sent
      readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
      readonly blockMs: number // how long the peer may take no octet
    }

/** How far a body got: 'answered' and 'closed' when the peer did not wait for its end, and the rest was not sent. */
export type Sent = 'sent' | 'answered' | 'closed' | 'timeout'
