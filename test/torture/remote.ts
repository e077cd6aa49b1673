// A POP3 server for the torture of the collector: boxes with unique UIDs, new mail at each login, and a ledger of what came and
// what went by a QUIT that counted. It tells which step of a conversation it has come to, so that a kill can fall there. Honest:
// the tricks are in ../pop3-remote.ts.
import { once } from 'node:events'
import net from 'node:net'
import { messageOf } from './message.ts'

/** In the order of a session. quit: it has come and counts for nothing if the client dies here. */
export const steps = [
  'retr',
  'body',
  'terminator',
  'dele',
  'dele answered',
  'quit',
  'quit committed',
  'quit answered',
] as const
export type Step = (typeof steps)[number]

/** Names are UIDs, subjects and, by message.ts, all octets. */
export class Box {
  readonly name: string
  readonly arrivalsMax: number
  readonly came = new Map<string, number>() // with their octets
  readonly removed = new Set<string>()
  there: string[] = []
  #visits = 0
  #number = 0

  constructor(name: string, arrivalsMax: number) {
    this.name = name
    this.arrivalsMax = arrivalsMax
  }

  /** From none to `arrivalsMax`; of those numbers that make a large message, two of three are left out. */
  deliver(): void {
    const count = (this.#visits++ * 7 + 5) % (this.arrivalsMax + 1)
    for (let i = 0; i < count; i++) {
      if (this.#number % 20 === 7 && this.#number % 3 !== 0) this.#number++
      const name = `${this.name}-${this.#number++}`
      this.came.set(name, messageOf(name).length)
      this.there.push(name)
    }
  }

  remove(names: ReadonlySet<string>): void {
    for (const name of names) this.removed.add(name)
    this.there = this.there.filter((name) => !names.has(name))
  }
}

/** True when the client was killed at this step. */
export type Reached = (step: Step) => boolean

export class TortureRemote implements AsyncDisposable {
  readonly boxes: ReadonlyMap<string, Box>
  readonly pipelining: boolean
  arriving = true
  reached: Reached = () => false
  readonly #server: net.Server
  readonly #sockets = new Set<net.Socket>()

  constructor(boxes: readonly Box[], { pipelining }: { readonly pipelining: boolean }) {
    this.boxes = new Map(boxes.map((box) => [box.name, box]))
    this.pipelining = pipelining
    this.#server = net.createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      new Conversation(this, socket).begin()
    })
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as net.AddressInfo).port // a TCP server has one
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

class Conversation {
  readonly #remote: TortureRemote
  readonly #socket: net.Socket
  readonly #marked = new Set<string>()
  #lines: string[] = []
  #begun = ''
  #busy = false
  #box: Box | undefined
  #drop: readonly string[] = []

  constructor(remote: TortureRemote, socket: net.Socket) {
    this.#remote = remote
    this.#socket = socket
  }

  begin(): void {
    this.#socket.setNoDelay(true)
    this.#socket.on('error', () => undefined)
    this.#socket.on('data', (chunk: Buffer) => {
      const lines = (this.#begun + chunk.toString('latin1')).split('\r\n')
      this.#begun = lines.pop() ?? ''
      this.#lines.push(...lines)
      if (!this.#busy) void this.#work()
    })
    void this.#say('+OK ready')
  }

  /** What was received is obeyed though the client may be dead by then. */
  async #work(): Promise<void> {
    this.#busy = true
    for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) await this.#obey(line)
    this.#busy = false
  }

  /** Resolves when the octets are with the system, or can go nowhere. */
  #write(octets: string): Promise<void> {
    return new Promise((resolve) => this.#socket.write(octets, 'latin1', () => resolve()))
  }
  #say = (line: string): Promise<void> => this.#write(`${line}\r\n`)
  #list = (lines: readonly string[]): Promise<void> => this.#say(['+OK', ...lines, '.'].join('\r\n'))

  async #obey(line: string): Promise<void> {
    const [verb = '', argument = ''] = line.split(' ')
    const name = this.#drop[Number(argument) - 1] ?? ''
    switch (verb) {
      case 'CAPA':
        return this.#list(['USER', 'UIDL', 'TOP', ...(this.#remote.pipelining ? ['PIPELINING'] : [])])
      case 'USER':
        this.#box = this.#remote.boxes.get(argument)
        return this.#say('+OK')
      case 'PASS':
        return this.#enter()
      case 'LIST':
        return this.#list(this.#drop.map((one, i) => `${i + 1} ${this.#box?.came.get(one)}`))
      case 'UIDL':
        return this.#list(this.#drop.map((one, i) => `${i + 1} ${one}`))
      case 'RETR':
        return this.#retrieve(name)
      case 'TOP': // the header section and its empty line: no more is asked for
        return this.#list([`Subject: ${name}`, ''])
      case 'DELE':
        return this.#delete(name)
      case 'QUIT':
        return this.#quit()
      default:
        return this.#say('-ERR what?')
    }
  }

  #enter(): Promise<void> {
    if (!this.#box) return this.#say('-ERR nobody')
    if (this.#remote.arriving) this.#box.deliver()
    this.#drop = [...this.#box.there]
    return this.#say('+OK')
  }

  async #retrieve(name: string): Promise<void> {
    this.#remote.reached('retr')
    const octets = messageOf(name)
    const middle = octets.length >> 1
    await this.#write(`+OK\r\n${octets.slice(0, middle)}`)
    this.#remote.reached('body')
    await this.#write(`${octets.slice(middle)}.\r\n`)
    this.#remote.reached('terminator')
  }

  async #delete(name: string): Promise<void> {
    this.#remote.reached('dele')
    this.#marked.add(name)
    await this.#say('+OK')
    this.#remote.reached('dele answered')
  }

  async #quit(): Promise<void> {
    const tells = this.#marked.size > 0
    if (tells && this.#remote.reached('quit')) return void this.#socket.destroy()
    this.#box?.remove(this.#marked)
    if (tells) this.#remote.reached('quit committed')
    await this.#say('+OK')
    if (tells) this.#remote.reached('quit answered')
    this.#socket.end()
  }
}
