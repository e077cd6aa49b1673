// The doors of the program: clock, randomness, network, log. Real ones live in ./node/, simulated ones in test/.

export type Instant = number // ms since the epoch

export interface Clock {
  now(): Instant
  /** Resolves after `ms`; rejects with the signal's reason if aborted first. Never holds the process open. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `work` every `ms` until disposed. Never holds the process open. */
  every(ms: number, work: () => void): Disposable
}

export interface Random {
  /** Cryptographically strong octets. */
  bytes(count: number): Uint8Array
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
/** One line per event. Values are strings, numbers, booleans or null; control characters are escaped by the writer. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>
export interface Log {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  /** `error` may be an Error: its stack is written. */
  error(event: string, fields?: Readonly<Record<string, unknown>>): void
}

export type Peer = { readonly address: string; readonly port: number } // IPv4-mapped IPv6 is shown as IPv4
export type TlsFacts = { readonly version: string; readonly cipher: string; readonly servername: string | null }
/** An opaque certificate and key; made and renewed by world/node, shared by listeners. */
export interface TlsIdentity {
  readonly fingerprint: string
}

/** What a client asks of the server's certificate. */
export type ClientTls = {
  readonly servername: string
  /** 'none' takes every certificate, and the result still tells what a check would have said. */
  readonly verify: 'none' | 'name'
  readonly ca?: string | undefined // PEM; trusted instead of the system's authorities
  readonly pinSha256?: string | undefined // hex of the certificate itself: verifies it whatever its name and issuer
}
export type TlsUp = {
  readonly ok: true
  readonly version: string
  readonly cipher: string
  readonly verified: boolean
  readonly why: string | null // in words, why it was not verified
}
export type TlsResult = TlsUp | { readonly ok: false; readonly why: string }

/** A TCP connection. One reader at a time. No method throws for what the peer does. */
export interface Connection {
  readonly remote: Peer
  tls(): TlsFacts | null
  /** The next octets as they came, null when the peer closed or the connection broke, 'timeout' past the deadline.
   *  `deadline` is an Instant; precision one second. */
  read(deadline: Instant): Uint8Array | null | 'timeout' | Promise<Uint8Array | null | 'timeout'>
  /** Queues octets, several parts in one system call; a promise when the peer reads too slowly: wait for it (it resolves
   *  when drained or closed). Strings are latin1. */
  write(...parts: readonly (Uint8Array | string)[]): Promise<void> | undefined
  /** Server side of a TLS handshake on this connection. Unread plain octets are thrown away first (RFC 3207 §4.2).
   *  Resolves false when the handshake fails or takes more than `timeoutMs`. */
  startTls(identity: TlsIdentity, timeoutMs: number): Promise<boolean>
  /** Client side of a TLS handshake. Unread plain octets are an attack (RFC 3207 §4.2): then it fails without trying. When it
   *  failed the connection is closed. No session is ever resumed. */
  startClientTls(options: ClientTls, timeoutMs: number): Promise<TlsResult>
  /** Nothing that is written from now on reaches the peer. */
  closed(): boolean
  /** Octets that arrived and were not read yet: a talker before its turn. */
  buffered(): number
  /** Ends a wait for octets as if its deadline had passed. */
  interrupt(): void
  /** Sends what is queued, then closes. Idempotent. */
  end(): void
  destroy(): void
}

export interface Listener {
  readonly address: string
  readonly port: number
  /** Stops accepting; resolves when the port is free. Open connections stay. */
  close(): Promise<void>
}
export type ListenOptions = {
  readonly address: string
  readonly port: number
  /** Implicit TLS: the handshake comes first; failed ones are never seen. */
  readonly tls?: TlsIdentity | undefined
  readonly handshakeMs?: number
}
export type ConnectOptions = {
  readonly address: string // numeric: names are the resolver's matter, and every address is tried by itself
  readonly port: number
  readonly localAddress?: string | undefined
  readonly timeoutMs: number // for the handshake of implicit TLS once more
  readonly tls?: ClientTls | undefined // implicit TLS
}
export type Connected =
  | { readonly ok: true; readonly connection: Connection; readonly tls: TlsUp | null }
  | { readonly ok: false; readonly why: ConnectTrouble; readonly text: string }
export type ConnectTrouble = 'refused' | 'timeout' | 'unreachable' | 'reset' | 'tls' | 'other'

export interface Net {
  /** Resolves with what happened; never rejects for what the other side does. */
  connect(options: ConnectOptions): Promise<Connected>
  /** @throws when the port is busy or not permitted. `onConnection` must not throw. */
  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener>
}

/** What a web server said; `body` is UTF-8. */
/** `body`: its octets, latin1. */
export type WebAnswer =
  { readonly ok: true; readonly status: number; readonly body: string } | { readonly ok: false; readonly why: string }
export type WebOptions = { readonly privateAllowed: boolean }
export interface Web {
  /** Posts a form and reads the answer, both bounded in size and time. Redirects are not followed. Never throws. Unless
   *  `privateAllowed` no connection is made to an address that strangers may not send us to. SX-06 */
  postForm(url: string, form: Readonly<Record<string, string>>, options: WebOptions): Promise<WebAnswer>
}

export type World = { readonly clock: Clock; readonly random: Random; readonly net: Net; readonly log: Log }
