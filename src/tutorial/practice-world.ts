// A second mail system, small and closed, with the servers of others around it: real conversations on this machine, nothing
// leaves it. Opened and closed by tutorial.ts; the steps play in it.
import type { MailResolver } from '#/dns/resolver.ts'
import type { Context } from '#/operations/context.ts'
import { perform } from '#/operations/table.ts'
import type { Connection, Listener, Log, World } from '#/world/world.ts'
import { closedNet, type ClosedNet } from './closed-net.ts'
import { harbour, home, hostname, old, oldLetters, provider, school } from './letters.ts'
import { retryMs } from './limits.ts'
import { pretendBox } from './pretend-box.ts'
import { pretendDns } from './pretend-dns.ts'
import { pretendReceiver } from './pretend-receiver.ts'
import { Talk } from './talk.ts'
import { Recorder, type Between } from './transcript.ts'

/** A whole mail system on a folder of its own, which goes with it. */
export type System = {
  readonly context: Context
  /** Ports of its Mail Server and its POP3 Server on 127.0.0.1. */
  readonly ports: { readonly smtp: number; readonly pop3: number }
  close(): Promise<void>
}
/** Puts one together; only main knows how. */
export type OpenSystem = (parts: {
  readonly world: World
  readonly resolver: MailResolver
  readonly hostname: string
}) => Promise<System>

export type PracticeWorld = {
  readonly system: System
  readonly recorder: Recorder
  /** Ports of the servers of others. */
  readonly ports: { readonly harbour: number; readonly provider: number; readonly old: number }
  /** A connection of a pretend mail program, written down. @throws when it is not made */
  connect(port: number, between: Between): Promise<Talk>
  close(): Promise<void>
}

export async function openPracticeWorld(world: World, openSystem: OpenSystem): Promise<PracticeWorld> {
  const net = closedNet(world.net)
  const recorder = new Recorder(world.clock)
  const others = new Others(net, { world, recorder })
  try {
    const ports = {
      harbour: await others.serve(
        { protocol: 'smtp', client: 'Mail Relay', server: harbour.host },
        pretendReceiver({ host: harbour.host, greylists: true }),
      ),
      provider: await others.serve(
        { protocol: 'smtp', client: 'Mail Relay', server: provider.host },
        pretendReceiver({ host: provider.host, greylists: false }),
      ),
      old: await others.serve(
        { protocol: 'pop3', client: 'POP3 Client', server: old.host },
        pretendBox({ ...old, letters: oldLetters }),
      ),
    }
    const system = await openSystem({ world: { ...world, net, log: quiet(world.log) }, resolver: pretendDns, hostname })
    await furnish(system.context, ports.harbour)
    return {
      system,
      recorder,
      ports,
      connect: (port, between) => others.call(port, between),
      close: () => close(net, system),
    }
  } catch (error) {
    await net.close()
    throw error
  }
}

/** What happens in it is no news of the server around it; only what should not happen is. */
const quiet = (log: Log): Log => ({
  info: () => undefined,
  warn: () => undefined,
  error: (event, fields) => log.error(`tutorial.${event}`, fields),
})

/** Connections are broken first, so that nobody waits for a goodbye. */
async function close(net: ClosedNet, system: System): Promise<void> {
  await net.close()
  await system.close()
}

/** The settings that a world on one machine needs. */
async function furnish(context: Context, mxPort: number): Promise<void> {
  const settings: readonly (readonly [string, unknown])[] = [
    ['mailRelay.mxPort', mxPort],
    ['mailRelay.allowPrivateTargets', true],
    ['mailRelay.retryDelaysMs', [retryMs]],
    ['mailRelay.jitterShare', 0],
    ['mailRelay.connectMs', 2000],
    ['mailRelay.tls', 'none'],
    ['pop3Client.enabled', false],
    ['logins.failuresFree', 100],
  ]
  for (const [name, value] of settings) await perform(context, { name: 'settings.set', parameters: { name, value } })
  await perform(context, { name: 'domain.add', parameters: { name: home } })
}

/** The servers and programs of others. */
class Others {
  readonly #net: ClosedNet
  readonly #world: Pick<World, 'clock' | 'log'>
  readonly #recorder: Recorder

  constructor(net: ClosedNet, { world, recorder }: { world: Pick<World, 'clock' | 'log'>; recorder: Recorder }) {
    this.#net = net
    this.#world = world
    this.#recorder = recorder
  }

  /** Listens on a free port, which is answered. */
  async serve(between: Between, converse: (talk: Talk) => Promise<void>): Promise<number> {
    const listener: Listener = await this.#net.listen({ address: '127.0.0.1', port: 0 }, (connection) => {
      const talk = this.#talk(connection, 'server', between)
      converse(talk)
        .catch((error: unknown) => this.#world.log.error('tutorial.server', { error }))
        .finally(() => talk.end())
    })
    return listener.port
  }

  async call(port: number, between: Between): Promise<Talk> {
    const connected = await this.#net.connect({ address: '127.0.0.1', port, timeoutMs: 5000 })
    if (!connected.ok) throw new Error(`${between.server} was not reached: ${connected.text}`)
    return this.#talk(connected.connection, 'client', between)
  }

  #talk(connection: Connection, side: 'client' | 'server', between: Between): Talk {
    const { clock } = this.#world
    return new Talk(connection, { side, clock, scribe: this.#recorder.begin(between) })
  }
}

/** The pretend school's server hands mail in. */
export const fromSchool: Between = { protocol: 'smtp', client: school.host, server: hostname }
