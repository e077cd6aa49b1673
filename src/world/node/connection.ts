// One TCP or TLS connection of either side. Made by net.ts and connect.ts; its deadlines are kept by the sweep of net.ts.
import type net from 'node:net'
import tls from 'node:tls'
import type { ClientTls, Connection, Peer, TlsFacts, TlsIdentity, TlsResult } from '../world.ts'
import { plaintextBehindStartTls, shakeHands, type Handshake } from './client-tls.ts'
import { noteOctets } from './passing-octets.ts'
import { identityOf } from './tls.ts'

const highWaterBytes = 1_048_576 // unsent octets above which write() answers with a promise
const lingerMs = 5_000
const unreadBytesMax = 262_144 // octets read ahead before the socket is paused

const plainAddress = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address)

export class NodeConnection implements Connection {
  readonly remote: Peer
  readonly #waiting: Set<NodeConnection>
  #socket: net.Socket
  #chunks: Uint8Array[] = []
  #unread = 0
  #ended = false
  #deadline = 0
  #resolveRead: ((value: Uint8Array | null | 'timeout') => void) | null = null
  #resolveDrain: (() => void) | null = null
  #drained: Promise<void> | undefined

  constructor(socket: net.Socket, waiting: Set<NodeConnection>) {
    this.remote = { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 }
    this.#waiting = waiting
    this.#socket = socket
    if (socket instanceof tls.TLSSocket) socket.setNoDelay(true)
    this.#listen(socket)
  }

  tls(): TlsFacts | null {
    const socket = this.#socket
    if (!(socket instanceof tls.TLSSocket)) return null
    const name = socket.servername // a string, or false when the client named no server
    return {
      version: socket.getProtocol() ?? 'TLS',
      cipher: socket.getCipher()?.name ?? 'unknown',
      servername: typeof name === 'string' ? name : null,
    }
  }

  read(deadline: number): Uint8Array | null | Promise<Uint8Array | null | 'timeout'> {
    const chunk = this.#chunks.shift()
    if (chunk) {
      this.#unread -= chunk.length
      if (this.#socket.isPaused()) this.#socket.resume()
      return chunk
    }
    if (this.#ended) return null
    this.#deadline = deadline
    this.#waiting.add(this)
    return new Promise((resolve) => (this.#resolveRead = resolve))
  }

  write(...parts: readonly (Uint8Array | string)[]): Promise<void> | undefined {
    const socket = this.#socket
    if (this.closed()) return undefined
    if (parts.length > 1) socket.cork()
    for (const part of parts) {
      socket.write(part, 'latin1') // the encoding is used for strings only
      noteOctets(part.length)
    }
    if (parts.length > 1) socket.uncork()
    if (socket.writableLength < highWaterBytes) return undefined
    return (this.#drained ??= new Promise((resolve) => (this.#resolveDrain = resolve)))
  }

  startTls(identity: TlsIdentity, timeoutMs: number): Promise<boolean> {
    const plain = this.#socket
    plain.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close')
    this.#chunks = []
    this.#unread = 0
    const secure = new tls.TLSSocket(plain, {
      isServer: true,
      secureContext: identityOf(identity).context,
    })
    this.#socket = secure
    plain.resume()
    return new Promise((resolve) => {
      const fail = (): void => {
        clearTimeout(timer)
        secure.destroy()
        this.#close()
        resolve(false)
      }
      const timer = setTimeout(fail, timeoutMs)
      secure.once('close', fail)
      secure.on('error', () => undefined)
      secure.once('secure', () => {
        clearTimeout(timer)
        secure.removeListener('close', fail)
        this.#listen(secure)
        resolve(true)
      })
    })
  }

  async startClientTls(options: ClientTls, timeoutMs: number): Promise<TlsResult> {
    const plain = this.#socket
    const injected = this.#unread > 0
    plain.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close')
    const result: Handshake = injected ? plaintextBehindStartTls : await shakeHands(plain, options, timeoutMs)
    if (!result.ok) {
      plain.destroy()
      this.#chunks = []
      this.#unread = 0
      this.#close()
      return result
    }
    this.#socket = result.socket
    this.#listen(result.socket)
    if (result.socket.destroyed) this.#close() // it broke before anybody listened
    return result.up
  }

  closed(): boolean {
    return this.#socket.destroyed || this.#socket.writableEnded
  }

  buffered(): number {
    return this.#unread
  }

  end(): void {
    const quiet = this.#ended || this.#unread === 0
    this.#chunks = []
    this.#unread = 0
    this.#ended = true
    // A peer in the middle of sending would be answered by a reset, which can overtake our last reply: what it still
    // sends is read and dropped, but not for ever. One that waits for us is simply closed.
    if (quiet && this.#socket.writableLength === 0) return void this.#socket.destroy()
    if (quiet) return this.#socket.destroySoon()
    this.#socket.end()
    this.#socket.setTimeout(lingerMs, () => this.#socket.destroy())
    this.#socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
    this.#close()
  }

  interrupt(): void {
    if (this.#resolveRead) this.#settle('timeout')
  }

  /** `setBackMs`: by so much the clock was set back since the last call. */
  expire(now: number, setBackMs: number): void {
    this.#deadline -= setBackMs
    if (now >= this.#deadline) this.#settle('timeout')
  }

  #listen(socket: net.Socket): void {
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk))
    socket.on('end', () => this.#close())
    socket.on('close', () => this.#close())
    socket.on('error', () => this.#close())
    socket.on('drain', () => this.#releaseWriter())
  }

  #receive(chunk: Uint8Array): void {
    if (this.#ended) return
    noteOctets(chunk.length)
    if (this.#resolveRead) return this.#settle(chunk)
    this.#chunks.push(chunk)
    this.#unread += chunk.length
    if (this.#unread > unreadBytesMax) this.#socket.pause()
  }

  #settle(value: Uint8Array | null | 'timeout'): void {
    this.#waiting.delete(this)
    const resolve = this.#resolveRead
    this.#resolveRead = null
    resolve?.(value)
  }

  #close(): void {
    this.#ended = true
    this.#settle(null)
    if (this.#socket.destroyed) this.#releaseWriter()
  }

  #releaseWriter(): void {
    const resolve = this.#resolveDrain
    this.#resolveDrain = null
    this.#drained = undefined
    resolve?.()
  }
}
