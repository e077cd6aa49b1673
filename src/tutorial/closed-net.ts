// The network of the practice world: the real one, but only on this machine, and all of it can be closed at once.
import type { Connection, Listener, Net } from '#/world/world.ts'

export type ClosedNet = Net & {
  /** Breaks every connection and stops every listener. */
  close(): Promise<void>
}

const isHere = (address: string): boolean => address.startsWith('127.')

export function closedNet(net: Net): ClosedNet {
  const connections = new Set<Connection>()
  const listeners: Listener[] = []
  return {
    async connect(options) {
      if (!isHere(options.address))
        return { ok: false, why: 'unreachable', text: 'The practice world does not reach out of this machine' }
      const connected = await net.connect(options)
      if (connected.ok) connections.add(connected.connection)
      return connected
    },
    async listen(options, onConnection) {
      if (!isHere(options.address)) throw new Error('The practice world listens on the loopback only')
      const listener = await net.listen(options, (connection) => {
        connections.add(connection)
        onConnection(connection)
      })
      listeners.push(listener)
      return listener
    },
    async close() {
      const closed = listeners.map((listener) => listener.close())
      for (const connection of connections) connection.destroy()
      await Promise.all(closed)
    },
  }
}
