// Opens one TCP connection to one numeric address, within its own time. Used by net.ts. Never looks a name up and never
// tries a second address: who calls walks the list. OUT-15
import net from 'node:net'
import type { Connected, ConnectOptions, ConnectTrouble } from '../world.ts'
import { NodeConnection } from './connection.ts'

export async function connect(options: ConnectOptions, waiting: Set<NodeConnection>): Promise<Connected> {
  const opened = await open(options)
  if (!('socket' in opened)) return { ok: false, ...opened }
  const connection = new NodeConnection(opened.socket, waiting)
  if (!options.tls) return { ok: true, connection, tls: null }
  const tls = await connection.startClientTls(options.tls, options.timeoutMs)
  return tls.ok ? { ok: true, connection, tls } : { ok: false, why: 'tls', text: tls.why }
}

type Trouble = { readonly why: ConnectTrouble; readonly text: string }

function open({ address, port, localAddress, timeoutMs }: ConnectOptions): Promise<{ socket: net.Socket } | Trouble> {
  const place = `${address} port ${port}`
  if (net.isIP(address) === 0) return Promise.resolve({ why: 'other', text: `${address} is no numeric address` })
  return new Promise((resolve) => {
    const settle = (result: { socket: net.Socket } | Trouble): void => {
      clearTimeout(timer)
      resolve(result)
    }
    const fail = (trouble: Trouble): void => {
      socket.destroy()
      settle(trouble)
    }
    const timer = setTimeout(() => fail({ why: 'timeout', text: `${place} does not answer` }), timeoutMs)
    const local = localAddress === undefined ? {} : { localAddress }
    const socket = net.connect({ host: address, port, ...local, noDelay: true, autoSelectFamily: false })
    socket.on('error', (error: NodeJS.ErrnoException) => fail(troubleOf(error.code ?? '', place)))
    socket.once('connect', () => settle({ socket }))
  })
}

const troubles: ReadonlyMap<string, readonly [ConnectTrouble, string]> = new Map([
  ['ECONNREFUSED', ['refused', 'refuses connections']],
  ['ETIMEDOUT', ['timeout', 'does not answer']],
  ['EHOSTUNREACH', ['unreachable', 'cannot be reached']],
  ['ENETUNREACH', ['unreachable', 'lies in a network that cannot be reached']],
  ['EADDRNOTAVAIL', ['unreachable', 'cannot be reached from the local address']],
  ['ECONNRESET', ['reset', 'reset the connection']],
])

function troubleOf(code: string, place: string): Trouble {
  const [why, words] = troubles.get(code) ?? ['other', `cannot be connected to: ${code}`]
  return { why, text: `${place} ${words}` }
}
