// A raw client for tests: sends exact octets in chosen segments and reads what comes. It repairs nothing. Used by the
// transcript player and the smuggling tests.
import net from 'node:net'
import tls from 'node:tls'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** How octets are cut into segments. */
export type Cut = (octets: Buffer) => readonly Buffer[]
export const whole: Cut = (octets) => [octets]
export const single: Cut = (octets) => Array.from(octets, (_, i) => octets.subarray(i, i + 1))
export const splitAt =
  (at: number): Cut =>
  (octets) =>
    [octets.subarray(0, at), octets.subarray(at)].filter((part) => part.length > 0)

export class WireClient {
  #socket: net.Socket
  readonly #cut: Cut
  #text = ''
  #closed = false
  #wake: () => void = () => undefined

  constructor(socket: net.Socket, cut: Cut = whole) {
    this.#socket = socket
    this.#cut = cut
    this.#listen(socket)
  }

  #listen(socket: net.Socket): void {
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1')
      this.#wake()
    })
    const close = (): void => {
      this.#closed = true
      this.#wake()
    }
    socket.on('close', close).on('end', close).on('error', close)
  }

  /** Latin1: one char is one octet. */
  async send(text: string): Promise<void> {
    for (const part of this.#cut(Buffer.from(text, 'latin1'))) {
      this.#socket.write(part)
      await nextTurn()
    }
  }

  /** The next line without CRLF, null when the server closed. @throws after five seconds of silence. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#text.indexOf('\r\n')
      if (end >= 0) {
        const line = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        return line
      }
      if (this.#closed) return null
      await this.#something()
    }
  }

  /** A whole reply of one or more lines, joined by LF. RFC 5321 §4.2.1 */
  async reply(): Promise<string | null> {
    const lines: string[] = []
    for (;;) {
      const line = await this.line()
      if (line === null) return lines.length === 0 ? null : lines.join('\n')
      lines.push(line)
      if (line[3] !== '-') return lines.join('\n')
    }
  }

  async ask(text: string): Promise<string | null> {
    await this.send(`${text}\r\n`)
    return this.reply()
  }

  async rest(): Promise<string> {
    while (!this.#closed) await this.#something()
    const text = this.#text
    this.#text = ''
    return text
  }

  #something(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`silence; so far: ${JSON.stringify(this.#text)}`)), 5_000)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  startTls(): Promise<void> {
    const plain = this.#socket
    plain.removeAllListeners()
    return new Promise((resolve, reject) => {
      const secure = tls.connect({ socket: plain, rejectUnauthorized: false }, resolve) // the test made the certificate
      secure.once('error', reject)
      this.#socket = secure
      this.#listen(secure)
    })
  }

  endWriting(): void {
    this.#socket.end()
  }
  destroy(): void {
    this.#socket.destroy()
  }
}

/** `from`: the loopback address that the server sees; `to`: its own. */
export function connect(port: number, cut: Cut = whole, from = '127.0.0.1', to = '127.0.0.1'): Promise<WireClient> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: to, localAddress: from, allowHalfOpen: true })
    const client = new WireClient(socket, cut)
    const done = (): void => {
      if (socket.localPort !== port || from !== to) return resolve(client)
      socket.destroy() // nobody listens there: by chance it got that very port, and TCP connects it with itself
      reject(new Error('connected with itself'))
    }
    socket.once('connect', done).once('error', reject)
  })
}

/** Whether a server greets there with these words by now. */
export async function greets(port: number, words: string): Promise<boolean> {
  try {
    const client = await connect(port)
    try {
      return (await client.line())?.startsWith(words) ?? false
    } finally {
      client.destroy()
    }
  } catch {
    return false
  }
}
