// Listens, runs a session on each connection and answers its effects with intake and logins.
import { network } from '#/accounts/throttle.ts'
import type { Logins } from '#/accounts/types.ts'
import type { SettingsNow } from '#/config/settings.ts'
import type { Client, Intake } from '#/intake/types.ts'
import { formatReply, reply, type Reply } from '#/message/reply.ts'
import { DotReader } from '#/wire/dots.ts'
import { drive, type DriveIo } from '#/wire/drive.ts'
import { PeerCount } from '#/wire/peers.ts'
import type { Connection, Listener, ListenOptions, TlsIdentity, World } from '#/world/world.ts'
import { smtpSession } from './session.ts'
import type { Effect, OwnEffect, State } from './state.ts'

export type MailServerParts = {
  readonly intake: Intake
  readonly logins: Logins
  readonly settingsNow: SettingsNow
  readonly world: World
  readonly identity: TlsIdentity | null
  readonly hostname: string
}
export type MailServer = {
  listen(kind: Client['listener'], options: ListenOptions): Promise<Listener>
  sessions(): number
  /** Says 421 to idle sessions, lets messages under way finish. Resolves when all are gone or `graceMs` is over. */
  drain(graceMs: number): Promise<void>
}

const tooManyClients = formatReply(reply(421, '4.7.0', 'Too many connections at once; please come back later'))
const timedOut = reply(421, '4.4.2', 'The message came too slowly')
const drainStepMs = 50

export function mailServer(parts: MailServerParts): MailServer {
  const running = new Map<Connection, State>()
  const peers = new PeerCount()
  const server = { stopping: false }

  const accept = (kind: Client['listener'], connection: Connection): void => {
    const { connectionsPerClientMax: perClient, connectionsMax: all } = parts.settingsNow().mailServer
    const peer = network(connection.remote.address)
    if (server.stopping || !peers.enter(peer, { perClient, all })) {
      void connection.write(tooManyClients)
      return connection.end()
    }
    const state = stateOf(parts, kind, connection)
    running.set(connection, state)
    const perform = (effect: OwnEffect, io: DriveIo): unknown => answer({ parts, state, io, server }, effect)
    drive<Effect>(connection, smtpSession(state), { clock: parts.world.clock, perform })
      .catch((error: unknown) => parts.world.log.error('smtp.session', { error }))
      .finally(() => {
        running.delete(connection)
        peers.leave(peer)
      })
  }

  return {
    listen: (kind, options) => parts.world.net.listen(options, (connection) => accept(kind, connection)),
    sessions: () => running.size,
    drain: async (graceMs) => {
      server.stopping = true
      const until = parts.world.clock.now() + graceMs
      while (running.size > 0 && parts.world.clock.now() < until) {
        for (const [connection, state] of running) if (state.transaction === null) connection.interrupt()
        await parts.world.clock.sleep(drainStepMs)
      }
      for (const connection of running.keys()) connection.destroy()
    },
  }
}

function stateOf(parts: MailServerParts, listener: Client['listener'], connection: Connection): State {
  const client: Client = {
    address: connection.remote.address,
    listener,
    ehlo: null,
    protocol: 'ESMTP',
    tls: connection.tls(),
    user: null,
    userName: null,
  }
  const { hostname, identity, settingsNow: settings, world } = parts
  return { hostname, identity, settings, client, phase: 'start', transaction: null, errors: 0, junk: 0, startedAt: world.clock.now() }
}

type Running = {
  readonly parts: MailServerParts
  readonly state: State
  readonly io: DriveIo
  readonly server: { readonly stopping: boolean }
}

function answer(running: Running, effect: OwnEffect): unknown {
  const { parts, state, io, server } = running
  const { intake, logins, world } = parts
  const { client, transaction } = state
  switch (effect.do) {
    case 'judgeSender':
      return intake.judgeSender(client, { from: effect.from, parameters: effect.parameters })
    case 'judgeRecipient':
      return intake.judgeRecipient(client, transaction!.from, effect.recipient, transaction!.accepted)
    case 'receive':
      return receive(running)
    case 'login':
      return logins.check({ name: effect.name, password: effect.password, client: client.address, service: 'smtp' }).then((result) => {
        if (!result.ok) world.log.warn('smtp.login-failed', { client: client.address, name: effect.name, why: result.why })
        return result
      })
    case 'scramKeys':
      return { ...logins.scramKeys(effect.name, 'smtp'), nonce: Buffer.from(world.random.bytes(18)).toString('base64') }
    case 'noteScram':
      return logins.noteScram({ name: effect.name, client: client.address, service: 'smtp', ok: effect.ok })
    case 'loginDelay':
      return logins.delayFor(client.address)
    case 'refused':
      return intake.refused(client, transaction?.from, effect.to, effect.said)
    case 'waiting':
      return io.unread > 0
    case 'tlsFacts':
      return io.connection.tls()
    case 'now':
      return world.clock.now()
    case 'stopping':
      return server.stopping
    case 'report':
      return world.log.error('smtp.error', { error: effect.error, client: client.address })
  }
}

/** The body of DATA, from the wire through the dots into intake. Octets past the limit are read and dropped. */
async function receive({ parts, state, io }: Running): Promise<Reply | null> {
  const { from, parameters, accepted } = state.transaction!
  const { messageBytesMax, dataBlockMs, dataRateMin } = parts.settingsNow().mailServer
  const envelope = { from, parameters, to: accepted.map(({ recipient }) => recipient) }
  const receiving = parts.intake.begin(state.client, envelope, accepted)
  const dots = new DotReader()
  const take = (part: Uint8Array): Promise<void> | undefined =>
    dots.facts.sizeBytes > messageBytesMax ? undefined : receiving.write(part)
  const end = await io.receiveBody(dots, take, { idleMs: dataBlockMs, rateMin: dataRateMin })
  if (end === 'done') return receiving.finish({ ...dots.facts, tooBig: dots.facts.sizeBytes > messageBytesMax })
  receiving.abort()
  return end === 'timeout' ? timedOut : null
}
