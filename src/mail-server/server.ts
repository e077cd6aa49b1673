// The SMTP service: accepts connections, counts them, runs a session on each and answers what sessions ask. Started by
// main. Never decides about mail: intake does.
import { formatReply, type Reply } from '#/message/reply.ts'
import type { Directory, Logins } from '#/accounts/types.ts'
import { network } from '#/accounts/throttle.ts'
import type { SettingsNow } from '#/config/settings.ts'
import type { Client, Intake } from '#/intake/types.ts'
import { errorText } from '#/intake/parts.ts'
import { DotReader } from '#/wire/dots.ts'
import { drive, type DriveIo } from '#/wire/drive.ts'
import type { Connection, Listener, TlsIdentity, World } from '#/world/world.ts'
import { handshakeMs, sweepMs } from './limits.ts'
import { placesForStrangers } from './places.ts'
import { said } from './replies.ts'
import { factsOf, newState, smtpSession } from './session.ts'
import type { Body, Facts, OwnEffect, State } from './state.ts'

export type MailServerParts = {
  readonly intake: Intake
  readonly logins: Logins
  readonly directory: Directory
  readonly settingsNow: SettingsNow
  readonly world: World
  readonly identity: TlsIdentity | null
  readonly hostname: string
}
export type ListenOn = { readonly address: string; readonly port: number; readonly listener: Client['listener'] }
export type SessionView = {
  readonly id: string
  readonly client: string
  readonly listener: Client['listener']
  readonly since: number
  readonly user: string | null
  readonly tls: boolean
  readonly receiving: boolean
}
export type MailServer = {
  /** @throws when the port is busy, or when submissions is asked for without a certificate. */
  listen(on: ListenOn): Promise<Listener>
  sessions(): SessionView[]
  /** Says goodbye and closes; a message under way is not taken. False when there is none of this id. */
  end(id: string): boolean
  /** Likewise for all that an app password let in that is taken back. AUT-14 */
  endApp(selector: string): void
  /** Says goodbye to idle sessions; those that are sending a message may finish it within `graceMs`. IN-23 */
  drain(graceMs: number): Promise<void>
}

type Live = {
  readonly id: string
  readonly connection: Connection
  readonly state: State
  readonly since: number
  receiving: boolean
}

export function mailServer(parts: MailServerParts): MailServer {
  return new Server(parts)
}

class Server implements MailServer {
  readonly #parts: MailServerParts
  readonly #facts: Facts
  readonly #live = new Set<Live>()
  readonly #perClient = new Map<string, number>()
  #sweep: Disposable | null = null
  #numbered = 0

  constructor(parts: MailServerParts) {
    this.#parts = parts
    this.#facts = factsOf(parts)
  }

  async listen({ address, port, listener }: ListenOn): Promise<Listener> {
    const { world, identity } = this.#parts
    if (listener === 'submissions' && identity === null) throw new Error('submissions needs a certificate')
    this.#sweep ??= world.clock.every(sweepMs, () => this.#endOld())
    const tls = listener === 'submissions' && identity !== null ? { tls: identity, handshakeMs } : {}
    return world.net.listen({ address, port, ...tls }, (connection) => void this.#serve(connection, listener))
  }

  async #serve(connection: Connection, listener: Client['listener']): Promise<void> {
    const { address } = connection.remote
    const key = network(address)
    const before = this.#perClient.get(key) ?? 0
    const { connectionsPerClientMax } = this.#parts.settingsNow().mailServer
    if (this.#facts.server.stopping) return sayAndEnd(connection, said.stopping)
    if (before >= connectionsPerClientMax || !this.#hasPlace(address))
      return sayAndEnd(connection, said.tooManyConnections)
    this.#perClient.set(key, before + 1)
    const client: Client = {
      address,
      listener,
      ehlo: null,
      protocol: 'SMTP',
      tls: connection.tls(),
      user: null,
      userName: null,
    }
    const live: Live = {
      id: `smtp-${++this.#numbered}`,
      connection,
      state: newState(this.#facts, client),
      since: this.#parts.world.clock.now(),
      receiving: false,
    }
    this.#live.add(live)
    try {
      const perform = (effect: OwnEffect, io: DriveIo): unknown => this.#perform(live, effect, io)
      await drive(connection, smtpSession(live.state), { clock: this.#parts.world.clock, perform })
    } catch (error) {
      this.#parts.world.log.error('smtp session failed', { client: address, error: errorText(error) })
    } finally {
      this.#live.delete(live)
      const left = (this.#perClient.get(key) ?? 1) - 1
      if (left > 0) this.#perClient.set(key, left)
      else this.#perClient.delete(key)
    }
  }

  /** The last places are for whom we know. IN-22 */
  #hasPlace(address: string): boolean {
    const { settingsNow, intake, logins } = this.#parts
    const { mailServer } = settingsNow()
    const taken = this.#live.size
    if (taken < placesForStrangers(mailServer)) return true
    return taken < mailServer.connectionsMax && (intake.isListed(address) || logins.hasSignedIn(address))
  }

  #perform(live: Live, effect: OwnEffect, io: DriveIo): unknown {
    const { intake, logins, world } = this.#parts
    switch (effect.do) {
      case 'judgeSender':
        return intake.judgeSender(effect.client, effect.envelope)
      case 'judgeRecipient':
        return intake.judgeRecipient(effect.client, effect, effect.recipient, effect.accepted)
      case 'receive':
        return this.#receive(live, effect, io)
      case 'refused':
        intake.refused(effect.client, effect.from, effect.to, effect.said)
        break
      case 'loginDelay':
        return logins.delayFor(effect.client)
      case 'login':
        return logins.check({ name: effect.name, password: effect.password, client: effect.client, service: 'smtp' })
      case 'scram':
        return logins
          .scramKeys({ name: effect.name, client: io.connection.remote.address, service: 'smtp' })
          .then((found) => ({ ...found, nonce: Buffer.from(world.random.bytes(18)).toString('base64') }))
      case 'noteScram':
        logins.noteScram({ ...effect, service: 'smtp' })
        break
      case 'tlsFacts':
        return io.connection.tls()
      case 'unexpected':
        world.log.error('smtp command failed', {
          client: io.connection.remote.address,
          error: errorText(effect.error),
        })
        break
    }
    return undefined
  }

  async #receive(live: Live, effect: OwnEffect & { do: 'receive' }, io: DriveIo): Promise<Body> {
    const { dataBlockMs, dataRateMin, messageBytesMax } = this.#parts.settingsNow().mailServer
    live.receiving = true
    try {
      const receiving = this.#parts.intake.begin(effect.client, effect.envelope, effect.recipients)
      const reader = new DotReader()
      let tooBig = false
      const onPart = (part: Uint8Array): Promise<void> | undefined => {
        if (reader.facts.sizeBytes > messageBytesMax) tooBig = true // read on to the true end, keep nothing. IN-10
        return tooBig ? undefined : receiving.write(part)
      }
      const end = await io.receiveBody(reader, onPart, { idleMs: dataBlockMs, rateMin: dataRateMin })
      if (end === 'done') return { is: 'done', reply: await receiving.finish({ ...reader.facts, tooBig }) }
      receiving.abort()
      return { is: end }
    } finally {
      live.receiving = false
    }
  }

  /** A session may not outlast `sessionMs`; a message under way may finish. IN-22 */
  #endOld(): void {
    const oldest = this.#parts.world.clock.now() - this.#parts.settingsNow().mailServer.sessionMs
    for (const live of this.#live) if (live.since < oldest && !live.receiving) sayAndEnd(live.connection, said.tooOld)
  }

  sessions(): SessionView[] {
    return Array.from(this.#live, ({ id, state: { client }, since, receiving }) => ({
      id,
      client: client.address,
      listener: client.listener,
      since,
      user: client.userName,
      tls: client.tls !== null,
      receiving,
    }))
  }

  end(id: string): boolean {
    const found = [...this.#live].find((live) => live.id === id)
    if (found) this.#end(found)
    return found !== undefined
  }

  endApp(selector: string): void {
    for (const live of this.#live) if (live.state.app === selector) this.#end(live)
  }

  #end({ receiving, connection }: Live): void {
    if (receiving) connection.destroy()
    else sayAndEnd(connection, said.ended)
  }

  async drain(graceMs: number): Promise<void> {
    const { clock } = this.#parts.world
    this.#facts.server.stopping = true
    this.#sweep?.[Symbol.dispose]()
    for (const live of this.#live) if (!live.receiving) sayAndEnd(live.connection, said.stopping)
    const until = clock.now() + graceMs
    while (this.#live.size > 0 && clock.now() < until) await clock.sleep(20)
    for (const { connection } of this.#live) connection.destroy()
  }
}

function sayAndEnd(connection: Connection, last: Reply): void {
  void connection.write(formatReply(last))
  connection.end()
}
