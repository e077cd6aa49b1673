// An HTTP listener for a fetch handler, plain or over TLS with a certificate that is renewed without restart. HTTP/1.1 only.
import { createServer, type ServerOptions } from 'node:http'
import { createServer as createTlsServer, type Server } from 'node:https'
import { getRequestListener } from '@hono/node-server'
import type { Listener } from '../world.ts'
import type { Identity } from './tls.ts'

export type Peer = { readonly address: string; readonly secure: boolean }
export type HttpOptions = {
  readonly address: string
  readonly port: number
  readonly identity: Identity | null // null: plain HTTP
  readonly headerBytesMax: number
  readonly headersMs: number
  readonly requestMs: number
}

/** @throws when the port is busy. */
export function listenHttp(
  handler: (request: Request, peer: Peer) => Response | Promise<Response>,
  { address, port, identity, ...limits }: HttpOptions,
): Promise<Listener> {
  const answer = getRequestListener((request, { incoming }) =>
    handler(request, { address: plainAddress(incoming.socket.remoteAddress), secure: identity !== null }),
  )
  const options = {
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
  }
  const server = identity
    ? secureServer(identity, options, answer)
    : createServer(options, (...pair) => void answer(...pair))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => {
      const at = server.address() as { address: string; port: number } // a TCP server has one
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done())
          server.closeAllConnections()
        })
      resolve({ address: at.address, port: at.port, close })
    })
  })
}

type Answering = ReturnType<typeof getRequestListener>

function secureServer(identity: Identity, options: ServerOptions, answer: Answering): Server {
  const secure = { ...options, ...identity.options, minVersion: 'TLSv1.2' as const }
  const server = createTlsServer(secure, (...pair) => void answer(...pair))
  identity.onRenewal(() => server.setSecureContext(identity.options))
  return server
}

const plainAddress = (address = ''): string => address.replace(/^::ffff:(?=[0-9.]+$)/, '')
