// A scripted SMTP receiver on the loopback: honest unless its script says otherwise for a stage, with a ledger of every
// message that it has taken whole. For tests of the outgoing conversation. Shares no code with the client but the dots.
import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { DotReader } from '#/wire/dots.ts'

export type At = 'greeting' | 'ehlo' | 'helo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'dot' | 'rset' | 'quit'
/** What happens in place of the honest answer. `say` has no last CRLF; `octets` are sent as they stand. */
export type Move = {
  readonly say?: string
  readonly octets?: string
  readonly delayMs?: number
  readonly end?: 'close' | 'reset' | 'silence' // for ever
  readonly late?: string // 'data' only: said in the middle of the message, and then the connection closes
  readonly record?: boolean // 'dot' only: whether the message counts as taken
}
export type Script = Readonly<Partial<Record<At, Move | ((line: string, nth: number) => Move | undefined)>>>
export type Pem = { readonly cert: string; readonly key: string }
export type ReceiverOptions = {
  readonly script?: Script
  readonly extensions?: readonly string[] // in place of the usual ones
  readonly tls?: tls.TlsOptions & Pem
  readonly implicitTls?: boolean
  readonly address?: string
  readonly port?: number
  readonly onSecure?: (socket: tls.TLSSocket) => void // behind STARTTLS
  /** Answers to AUTH: each message of the client, decoded, to a challenge or a final reply. */
  readonly auth?: ((mechanism: string) => (message: string) => string) | undefined
}
export type Taken = {
  readonly mail: string
  readonly rcpts: readonly string[]
  readonly octets: string
  readonly tls: boolean
}

const usual = ['PIPELINING', 'SIZE 1000000', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES', 'DSN']
const honest: Readonly<Record<At, string>> = {
  greeting: '220 far.example ESMTP',
  ehlo: '',
  helo: '250 far.example',
  starttls: '220 2.0.0 go ahead',
  auth: '',
  mail: '250 2.1.0 ok',
  rcpt: '250 2.1.5 ok',
  data: '354 go ahead',
  dot: '250 2.0.0 taken',
  rset: '250 2.0.0 ok',
  quit: '221 2.0.0 bye',
}

export class Receiver implements AsyncDisposable {
  readonly ledger: Taken[] = []
  readonly heard: string[] = [] // every command line
  connections = 0
  segments = 0 // in which the client's octets came
  readonly options: ReceiverOptions
  readonly #server: net.Server
  readonly #sockets = new Set<net.Socket>()

  constructor(options: ReceiverOptions) {
    this.options = options
    const accept = (socket: net.Socket): void => this.#accept(socket)
    this.#server = options.implicitTls ? tls.createServer(options.tls!, accept) : net.createServer(accept)
    this.#server.on('connection', (socket: net.Socket) => {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket))
    })
  }

  static async open(options: ReceiverOptions = {}): Promise<Receiver> {
    const receiver = new Receiver(options)
    receiver.#server.listen(options.port ?? 0, options.address ?? '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port // a TCP server has one
  }

  #accept(socket: net.Socket): void {
    this.connections++
    new Conversation(this, socket).begin()
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

class Conversation {
  readonly #receiver: Receiver
  #socket: net.Socket
  #input = Buffer.alloc(0)
  #queue: Promise<void> = Promise.resolve()
  #counts = new Map<At, number>()
  #secure: boolean
  #mail = ''
  #rcpts: string[] = []
  #body: { reader: DotReader; parts: Buffer[] } | null = null
  #late: string | null = null
  #login: ((message: string) => string) | null = null

  constructor(receiver: Receiver, socket: net.Socket) {
    this.#receiver = receiver
    this.#socket = socket
    this.#secure = socket instanceof tls.TLSSocket
  }

  begin(): void {
    this.#listen(this.#socket)
    this.#enqueue(() => this.#move('greeting', '').then(() => undefined))
  }

  #listen(socket: net.Socket): void {
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => this.#enqueue(() => this.#take(chunk)))
  }

  #enqueue(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work)
  }

  async #take(chunk: Buffer): Promise<void> {
    this.#receiver.segments++
    this.#input = Buffer.concat([this.#input, chunk])
    while (this.#input.length > 0) {
      if (this.#body) {
        if (this.#late !== null) return this.#interrupt(this.#late)
        const { reader, parts } = this.#body
        this.#input = this.#input.subarray(reader.push(this.#input, (part) => parts.push(Buffer.from(part))))
        if (!reader.done) return
        await this.#dot(Buffer.concat(parts))
        continue
      }
      const end = this.#input.indexOf('\r\n')
      if (end < 0) return
      const line = this.#input.toString('latin1', 0, end)
      this.#input = this.#input.subarray(end + 2)
      await this.#obey(line)
    }
  }

  #interrupt(said: string): void {
    this.#input = Buffer.alloc(0)
    this.#socket.end(said === '' ? '' : `${said}\r\n`)
  }

  async #obey(line: string): Promise<void> {
    this.#receiver.heard.push(line)
    const verb = line.split(/[ :]/)[0]!.toLowerCase()
    if (this.#login) return this.#signIn(line)
    if (verb === 'auth') return this.#auth(line)
    if (!(verb in honest)) return this.#say('500 5.5.1 what?')
    if (verb === 'rcpt' && this.#mail === '') return this.#say('503 5.5.1 MAIL first')
    const said = await this.#move(verb as At, line) // just looked up
    if (verb === 'mail' && said.startsWith('2')) this.#rcpts = []
    if (verb === 'mail') this.#mail = said.startsWith('2') ? line : ''
    if (verb === 'rcpt' && said.startsWith('2')) this.#rcpts.push(line)
    if (verb === 'data' && said.startsWith('354')) this.#body = { reader: new DotReader(), parts: [] }
    if (verb === 'starttls' && said === '220 2.0.0 go ahead') this.#startTls()
    if (verb === 'quit') this.#socket.end()
  }

  async #dot(octets: Buffer): Promise<void> {
    this.#body = null
    const taken = { mail: this.#mail, rcpts: this.#rcpts, octets: octets.toString('latin1'), tls: this.#secure }
    await this.#move('dot', '', (move) => {
      if (move?.record ?? (move?.say === undefined || move.say.startsWith('2'))) this.#receiver.ledger.push(taken)
    })
    this.#rcpts = []
  }

  /** Makes the scripted or the honest move; returns what was said. */
  async #move(at: At, line: string, before?: (move: Move | undefined) => void): Promise<string> {
    const nth = this.#counts.get(at) ?? 0
    this.#counts.set(at, nth + 1)
    const scripted = this.#receiver.options.script?.[at]
    const move = typeof scripted === 'function' ? scripted(line, nth) : scripted
    before?.(move)
    if (move?.delayMs) await new Promise((go) => setTimeout(go, move.delayMs).unref())
    const say = move
      ? move.say
      : at === 'ehlo'
        ? this.#extensions()
        : at === 'data' && this.#rcpts.length === 0
          ? '554 5.5.1 no valid recipients'
          : honest[at]
    if (move?.octets !== undefined) this.#socket.write(move.octets, 'latin1')
    if (say !== undefined) this.#say(say)
    this.#late = move?.late ?? null
    if (move?.end === 'close') this.#socket.end()
    if (move?.end === 'reset') this.#socket.resetAndDestroy()
    if (move?.end === 'silence') await new Promise(() => undefined)
    return say ?? move?.octets ?? ''
  }

  #extensions(): string {
    const { extensions, tls: certificate } = this.#receiver.options
    const words = [...(extensions ?? usual), ...(certificate && !this.#secure ? ['STARTTLS'] : [])]
    return ['far.example', ...words].map((word, i) => `250${i < words.length ? '-' : ' '}${word}`).join('\r\n')
  }

  async #auth(line: string): Promise<void> {
    const [, mechanism = '', initial] = line.split(' ')
    const { auth, script } = this.#receiver.options
    if (script?.auth) return void (await this.#move('auth', line))
    if (!auth) return this.#say('503 5.5.1 no AUTH here')
    this.#login = auth(mechanism)
    if (initial !== undefined) return this.#signIn(initial === '=' ? '' : initial)
    if (mechanism === 'LOGIN' || mechanism === 'CRAM-MD5') return this.#answer(this.#login(''))
    this.#say('334 ')
  }

  async #signIn(line: string): Promise<void> {
    await Promise.resolve()
    this.#answer(line === '*' ? '501 5.7.0 given up' : this.#login!(Buffer.from(line, 'base64').toString()))
  }

  /** Texts that begin with a reply code end the exchange, others are challenges. */
  #answer(text: string): void {
    const final = /^[245]\d\d /.test(text)
    if (final) this.#login = null
    this.#say(final ? text : `334 ${Buffer.from(text).toString('base64')}`)
  }

  #startTls(): void {
    const plain = this.#socket
    plain.removeAllListeners('data')
    const secure = new tls.TLSSocket(plain, { isServer: true, ...this.#receiver.options.tls })
    secure.once('secure', () => this.#receiver.options.onSecure?.(secure))
    this.#secure = true
    this.#socket = secure
    this.#listen(secure)
  }

  #say(text: string): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(`${text}\r\n`, 'latin1')
  }
}
