// Real TCP and TLS behind the Net door: listens and connects. One sweep a second serves all deadlines: an idle connection
// owns no timer.
import net from 'node:net'
import tls from 'node:tls'
import type { Clock, Connection, Listener, ListenOptions, Net } from '../world.ts'
import { connect } from './connect.ts'
import { NodeConnection } from './connection.ts'
import { identityOf, type Identity } from './tls.ts'

export function nodeNet(clock: Clock): Net & Disposable {
  const waiting = new Set<NodeConnection>()
  let last = clock.now()
  const sweep = clock.every(1000, () => {
    const now = clock.now()
    const setBackMs = Math.max(0, last - now) // nobody waits longer for it; who began in this second gives up early. CLK-02
    last = now
    for (const connection of waiting) connection.expire(now, setBackMs)
  })
  return {
    listen: (options, onConnection) => listen({ options, waiting, onConnection }),
    connect: (options) => connect(options, waiting),
    [Symbol.dispose]: () => sweep[Symbol.dispose](),
  }
}

type Listening = {
  options: ListenOptions
  waiting: Set<NodeConnection>
  onConnection: (connection: Connection) => void
}

function listen({ options, waiting, onConnection }: Listening): Promise<Listener> {
  const accept = (socket: net.Socket): void => {
    if (socket.remoteAddress === undefined) return void socket.destroy() // gone before we looked
    onConnection(new NodeConnection(socket, waiting))
  }
  const server = options.tls
    ? tlsServer(identityOf(options.tls), options.handshakeMs ?? 30_000, accept)
    : net.createServer({ noDelay: true }, accept)
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: options.address, port: options.port, backlog: 1024 }, () => {
      server.removeListener('error', reject)
      server.on('error', () => undefined) // EMFILE at accept: the kernel keeps the rest in its backlog
      const { address, port } = server.address() as net.AddressInfo // a TCP server has one
      resolve({ address, port, close: () => new Promise((done) => server.close(() => done())) })
    })
  })
}

/** Implicit TLS. Without SNI too, connections that come after a renewal get the new certificate. */
function tlsServer(identity: Identity, handshakeTimeout: number, accept: (socket: net.Socket) => void): tls.Server {
  const server = tls.createServer({ ...identity.options, handshakeTimeout }, accept)
  identity.onRenewal(() => server.setSecureContext(identity.options))
  return server
}
