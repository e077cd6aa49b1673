// A scripted POP3 server on the loopback: honest unless its script says otherwise for a command, with a ledger of what it
// heard and of what was removed for good. For tests of the POP3 Client. Shares no code with it and none with our own server.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { pop3Auth } from './pop3-remote-auth.ts'
import { sizeOf, topForm, wireForm } from './pop3-remote-forms.ts'
import type { Pem } from './receiver.ts'

export type RemoteMessage = {
  readonly octets: string // latin1, as it is: dots are doubled on the way
  readonly uid: string
  readonly sizeBytes?: number // what LIST says, when that is wrong
}
// prettier-ignore
export type At =
  | 'greeting' | 'capa' | 'stls' | 'user' | 'pass' | 'apop' | 'auth' | 'list' | 'uidl' | 'top' | 'retr' | 'dele'
  | 'noop' | 'rset' | 'quit'
/** What happens beside or in place of the honest answer. */
export type Move = {
  readonly say?: string // one line in place of it
  readonly octets?: string // in place of it, as they stand
  readonly behind?: string // octets right behind it, in the same segment
  readonly delayMs?: number // before it
  readonly cutAt?: number // so many octets of it, and then the connection closes
  readonly flood?: string // behind it, again and again until the client goes
  readonly end?: 'close' | 'reset' | 'silence' // behind it
  readonly counts?: boolean // 'quit': whether removals count; otherwise as the answer says
}
export type Script = Readonly<
  Partial<Record<At, Move | ((line: string, nth: number, message?: RemoteMessage) => Move | undefined)>>
>
export type RemoteOptions = {
  readonly messages?: readonly RemoteMessage[]
  readonly user?: string
  readonly password?: string
  readonly token?: string
  readonly script?: Script
  /** In place of the usual ones; null: it knows no CAPA. */
  readonly capabilities?: readonly string[] | null
  readonly sasl?: readonly string[]
  readonly timestamp?: string // of APOP, with its < and >
  readonly tls?: tls.TlsOptions & Pem
  readonly implicitTls?: boolean
  readonly chunkBytes?: number // every write in pieces of this size, one segment each
  readonly closeAt?: number // octets of a whole connection after which it closes
  readonly removesByUid?: boolean // DELE takes all messages of a UID
  readonly lockMs?: number // how long the mailbox stays locked behind a session
  readonly loginDelayMs?: number
  readonly address?: string
  readonly port?: number
}

const usual = ['TOP', 'UIDL', 'USER', 'PIPELINING', 'RESP-CODES', 'IMPLEMENTATION scripted']

export class Pop3Remote implements AsyncDisposable {
  /** What is in the mailbox; tests may change it between sessions. */
  messages: RemoteMessage[]
  options: RemoteOptions
  readonly heard: string[] = [] // every command line, secrets too
  readonly removed: string[] = [] // UIDs, at a QUIT that counted
  readonly gone: RemoteMessage[] = [] // what they were
  readonly seen = new Map<string, Set<string>>() // UIDs that a session was shown, by octets that end with a line end
  connections = 0
  segments = 0 // in which the client's octets came
  octets = 0 // that it has said
  sentMax = 0 // octets, in the longest conversation
  logins = 0
  sessions = 0 // signed in now
  sessionsMax = 0 // the most at one time
  lockedUntil = 0
  lastLogin = -Infinity
  readonly counts = new Map<At, number>() // how often each came
  readonly #server: net.Server
  readonly #sockets = new Set<net.Socket>()

  constructor(options: RemoteOptions) {
    this.options = options
    this.messages = [...(options.messages ?? [])]
    const accept = (socket: net.Socket): void => {
      this.connections++
      new Conversation(this, socket).begin()
    }
    this.#server = options.implicitTls ? tls.createServer(options.tls!, accept) : net.createServer(accept)
    this.#server.on('connection', (socket: net.Socket) => {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
    })
    this.#server.on('tlsClientError', () => undefined)
  }

  static async open(options: RemoteOptions = {}): Promise<Pop3Remote> {
    const remote = new Pop3Remote(options)
    remote.#server.listen(options.port ?? 0, options.address ?? '127.0.0.1')
    await once(remote.#server, 'listening')
    return remote
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port // a TCP server has one
  }

  /** From the next command on. */
  behave(changes: Partial<RemoteOptions>): void {
    this.options = { ...this.options, ...changes }
  }

  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dropAll()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** `count` messages of about `bytes` octets each, with dots at the start of lines. */
export function maildrop(count: number, bytes = 200): RemoteMessage[] {
  const line = `.${'x'.repeat(70)}\r\n`
  const body = line.repeat(Math.ceil(bytes / line.length))
  return Array.from({ length: count }, (_, i) => ({
    octets: `From: far${i}@far.example\r\nSubject: message ${i}\r\nMessage-ID: <${i}@far.example>\r\n\r\n${body}`,
    uid: `uid-${i}`,
  }))
}

class Conversation {
  readonly #remote: Pop3Remote
  #socket: net.Socket
  #input = ''
  #output = ''
  #sentBytes = 0
  #working = false
  #over = false
  #secure: boolean
  #user = ''
  #drop: readonly RemoteMessage[] | null = null // signed in
  readonly #marked = new Set<number>()
  #login: ((message: string) => string) | null = null

  constructor(remote: Pop3Remote, socket: net.Socket) {
    this.#remote = remote
    this.#socket = socket
    this.#secure = socket instanceof tls.TLSSocket
  }

  begin(): void {
    this.#listen(this.#socket)
    this.#input = 'greeting\r\n' // the first thing to answer, without having been asked
    void this.#work()
  }

  #listen(socket: net.Socket): void {
    socket.on('error', () => undefined)
    socket.on('close', () => this.#socket === socket && this.#close())
    socket.on('data', (chunk: Buffer) => {
      this.#remote.segments++
      this.#input += chunk.toString('latin1')
      void this.#work()
    })
  }

  async #work(): Promise<void> {
    if (this.#working) return
    this.#working = true
    for (;;) {
      const end = this.#input.indexOf('\r\n')
      if (end < 0 || this.#over) break
      const line = this.#input.slice(0, end)
      this.#input = this.#input.slice(end + 2)
      await this.#obey(line)
      if (this.#output.length > 65_536) await this.#flush()
    }
    await this.#flush()
    this.#working = false
  }

  async #obey(line: string): Promise<void> {
    if (this.#login) return this.#signIn(line)
    const [verb = '', ...args] = line.split(' ')
    const at = verb.toLowerCase() as At // looked up below
    if (at !== 'greeting') this.#remote.heard.push(line)
    const move = this.#moveAt(at, line)
    if (move?.delayMs) {
      await this.#flush()
      await new Promise((go) => setTimeout(go, move.delayMs).unref())
    }
    const said = move?.octets ?? (move?.say === undefined ? this.#honest(at, args) : `${move.say}\r\n`)
    if (at === 'quit') this.#update(move?.counts ?? said.startsWith('+OK'))
    await this.#answer(said, move ?? {})
    const ends = said === stlsYes || at === 'quit'
    if (!ends || this.#over) return
    await this.#flush()
    if (at === 'quit') this.#hangUp()
    else this.#startTls()
  }

  #moveAt(at: At, line: string): Move | undefined {
    const nth = this.#remote.counts.get(at) ?? 0
    this.#remote.counts.set(at, nth + 1)
    const scripted = this.#remote.options.script?.[at]
    return typeof scripted === 'function' ? scripted(line, nth, this.#drop?.[Number(line.split(' ')[1]) - 1]) : scripted
  }

  async #answer(said: string, { behind = '', cutAt, flood, end }: Move): Promise<void> {
    this.#output += cutAt === undefined ? said + behind : said.slice(0, cutAt)
    if (cutAt === undefined && flood === undefined && end === undefined) return
    await this.#flush()
    if (flood !== undefined) await this.#flood(flood)
    if (end === 'reset') this.#socket.resetAndDestroy()
    if (end === 'close' || cutAt !== undefined) this.#hangUp()
    if (end !== undefined || cutAt !== undefined) this.#over = true
  }

  async #flood(octets: string): Promise<void> {
    while (!this.#socket.destroyed) await this.#write(octets)
  }

  #honest(at: At, args: readonly string[]): string {
    const { options } = this.#remote
    switch (at) {
      case 'greeting':
        return `+OK far.example ready ${options.timestamp ?? ''}\r\n`
      case 'capa':
        return this.#capabilities()
      case 'stls':
        return options.tls && !this.#secure ? stlsYes : '-ERR no TLS here\r\n'
      case 'user':
        this.#user = args.join(' ')
        return '+OK\r\n'
      case 'pass':
        return this.#enter(this.#user === this.#name && args.join(' ') === (options.password ?? 'secret'))
      case 'apop':
        return this.#enter(args[0] === this.#name && args[1] === this.#digest())
      case 'auth':
        return this.#auth(args)
      case 'noop':
      case 'rset':
      case 'quit':
        return '+OK\r\n'
      case 'list':
      case 'uidl':
      case 'top':
      case 'retr':
      case 'dele':
        return this.#drop === null ? '-ERR sign in first\r\n' : this.#transaction(at, args, this.#drop)
      default:
        return '-ERR what?\r\n'
    }
  }

  get #name(): string {
    return this.#remote.options.user ?? 'ann'
  }

  #digest(): string {
    const { timestamp = '', password = 'secret' } = this.#remote.options
    return createHash('md5')
      .update(timestamp + password)
      .digest('hex')
  }

  #capabilities(): string {
    const { capabilities = usual, sasl, tls: certificate } = this.#remote.options
    if (capabilities === null) return '-ERR what?\r\n'
    const more = [...(sasl ? [`SASL ${sasl.join(' ')}`] : []), ...(certificate && !this.#secure ? ['STLS'] : [])]
    return ['+OK', ...capabilities, ...more, '.', ''].join('\r\n')
  }

  #enter(granted: boolean): string {
    const remote = this.#remote
    const { loginDelayMs = 0 } = remote.options
    const now = Date.now()
    if (!granted) return '-ERR [AUTH] wrong name or password\r\n'
    if (now < remote.lockedUntil) return '-ERR [IN-USE] the mailbox is locked\r\n'
    if (now < remote.lastLogin + loginDelayMs) return '-ERR [LOGIN-DELAY] come later\r\n'
    remote.lastLogin = now
    remote.logins++
    remote.sessions++
    remote.sessionsMax = Math.max(remote.sessionsMax, remote.sessions)
    this.#drop = [...remote.messages]
    for (const { octets, uid } of this.#drop) {
      const whole = octets.endsWith('\r\n') || octets === '' ? octets : `${octets}\r\n`
      remote.seen.set(whole, (remote.seen.get(whole) ?? new Set()).add(uid))
    }
    return '+OK signed in\r\n'
  }

  #transaction(at: At, args: readonly string[], drop: readonly RemoteMessage[]): string {
    if (at === 'list' || at === 'uidl') {
      const left = [...drop.entries()].filter(([i]) => !this.#marked.has(i))
      const lines = left.map(([i, one]) => `${i + 1} ${at === 'list' ? sizeOf(one) : one.uid}\r\n`)
      return `+OK\r\n${lines.join('')}.\r\n`
    }
    const index = Number(args[0]) - 1
    const message = drop[index]
    if (!message || this.#marked.has(index)) return '-ERR no such message\r\n'
    if (at === 'retr') return wireForm(message)
    if (at === 'top') return topForm(message, Number(args[1]))
    if (at !== 'dele') return '-ERR what?\r\n'
    const goes = (one: RemoteMessage): boolean => one === message || (this.#remote.options.removesByUid === true && one.uid === message.uid) // prettier-ignore
    for (const [i, one] of drop.entries()) if (goes(one)) this.#marked.add(i)
    return '+OK\r\n'
  }

  #update(counts: boolean): void {
    if (this.#drop === null || !counts) return
    const gone = new Set([...this.#marked].map((i) => this.#drop![i]!))
    this.#remote.removed.push(...[...gone].map(({ uid }) => uid))
    this.#remote.gone.push(...gone)
    this.#remote.messages = this.#remote.messages.filter((message) => !gone.has(message))
  }

  #auth([mechanism = '', initial]: readonly string[]): string {
    this.#login = pop3Auth(mechanism.toUpperCase(), this.#remote.options)
    if (!this.#login) return '-ERR no such mechanism\r\n'
    if (initial !== undefined) return this.#next(initial === '=' ? '' : initial)
    const speaksFirst = mechanism === 'LOGIN' || mechanism === 'CRAM-MD5'
    return speaksFirst ? this.#next('') : '+ \r\n'
  }

  async #signIn(line: string): Promise<void> {
    this.#remote.heard.push(line)
    await this.#answer(this.#next(line), {})
  }

  #next(line: string): string {
    const said = line === '*' ? '-ERR given up' : this.#login!(Buffer.from(line, 'base64').toString())
    if (!/^(?:\+OK|-ERR)/.test(said)) return `+ ${Buffer.from(said).toString('base64')}\r\n`
    this.#login = null
    return said.startsWith('+OK') ? this.#enter(true) : `${said}\r\n`
  }

  #startTls(): void {
    const plain = this.#socket
    plain.removeAllListeners('data')
    const secure = new tls.TLSSocket(plain, { isServer: true, ...this.#remote.options.tls })
    this.#input = ''
    this.#secure = true
    this.#socket = secure
    this.#listen(secure)
  }

  async #flush(): Promise<void> {
    const said = this.#output
    this.#output = ''
    const { chunkBytes, closeAt = Infinity } = this.#remote.options
    const allowed = said.slice(0, closeAt - this.#sentBytes)
    if (chunkBytes === undefined) await this.#write(allowed)
    else
      for (let i = 0; i < allowed.length; i += chunkBytes) {
        await this.#write(allowed.slice(i, i + chunkBytes))
        await new Promise((go) => setImmediate(go))
      }
    if (this.#sentBytes >= closeAt) this.#hangUp()
  }

  async #write(octets: string): Promise<void> {
    if (octets === '' || this.#socket.destroyed || this.#socket.writableEnded) return
    this.#sentBytes += octets.length
    this.#remote.sentMax = Math.max(this.#remote.sentMax, this.#sentBytes)
    this.#remote.octets += octets.length
    if (this.#socket.write(octets, 'latin1')) return
    const gone = new AbortController()
    this.#socket.once('close', () => gone.abort())
    await once(this.#socket, 'drain', { signal: gone.signal }).catch(() => undefined)
  }

  #hangUp(): void {
    this.#over = true
    this.#socket.end()
  }

  #close(): void {
    this.#over = true
    if (this.#drop === null) return
    this.#drop = null
    this.#remote.sessions--
    this.#remote.lockedUntil = Date.now() + (this.#remote.options.lockMs ?? 0)
  }
}

const stlsYes = '+OK begin TLS\r\n'
