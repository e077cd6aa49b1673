// The whole program on a data folder of its own, between a scripted DNS server and scripted receivers on addresses of
// 127.0.0.0/8. Mail comes in by submission on a real socket; time is moved by hand. For tests of what the relay makes of it.
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { setPassword } from '#/accounts/passwords.ts'
import { startTestServer, zoneOf, type TestServer, type Zone } from '#/dns/test-server.ts'
import { assemble } from '#/main.ts'
import { callServer } from '#/operations/control.ts'
import { openStore } from '#/storage/open.ts'
import type { DeliveryRow, DeliveryState } from '#/storage/queue.ts'
import type { TraceEvent } from '#/storage/store.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { nodeNet } from '#/world/node/net.ts'
import type { Clock, Instant, World } from '#/world/world.ts'
import { Receiver, type At, type ReceiverOptions } from './receiver.ts'
import { dataFolder } from './serve.ts'
import { connect } from './wire-client.ts'

export type Host = Receiver & { readonly at: string }
/** Says this at a stage, in place of the honest answer. */
export const saying = (stage: At, say: string): ReceiverOptions => ({ script: { [stage]: { say } } })
type Sent = { readonly from?: string; readonly text?: string }
export type LabOptions = {
  /** By full name: "mailRelay.mx". */
  readonly settings?: Readonly<Record<string, unknown>>
}

const shortTimes = Object.fromEntries(
  ['greetingMs', 'commandMs', 'dataInitMs', 'dataEndMs', 'quitMs'].map((name) => [`mailRelay.${name}`, 1000]),
)
const states: readonly DeliveryState[] = ['waiting', 'leased', 'held', 'delivered', 'failed', 'dropped']
const patienceMs = 15_000
/** Where this server takes mail itself, on the port of exchangers. */
export const ourselves = '127.1.0.0'

export class Lab implements AsyncDisposable {
  readonly zone: Zone
  readonly dns: TestServer
  readonly port: number
  readonly #folder: ReturnType<typeof dataFolder>
  readonly #running: Awaited<ReturnType<typeof assemble>>
  readonly #submission: number
  readonly #hosts = new Set<Receiver>()
  readonly #clock: MovedClock
  #next = 0

  private constructor(parts: {
    zone: Zone
    dns: TestServer
    port: number
    folder: ReturnType<typeof dataFolder>
    running: Awaited<ReturnType<typeof assemble>>
    submission: number
    clock: MovedClock
  }) {
    this.zone = parts.zone
    this.dns = parts.dns
    this.port = parts.port
    this.#folder = parts.folder
    this.#running = parts.running
    this.#submission = parts.submission
    this.#clock = parts.clock
  }

  static async open({ settings = {} }: LabOptions = {}): Promise<Lab> {
    const zone = zoneOf()
    const [dns, port, folder, moved] = [await startTestServer(zone), await freePort(), dataFolder(), new MovedClock()]
    const world: World = { clock: moved, random: randomPool(), net: nodeNet(moved), log: silentLog }
    await prepare(folder.path, world, {
      'server.hostname': 'mx.us.example',
      'dns.servers': [dns.address],
      'dns.timeoutMs': 300,
      'dns.tries': 1,
      'mailServer.forwarding': true,
      'mailRelay.mxPort': port,
      'mailRelay.allowPrivateTargets': true,
      'mailRelay.jitterShare': 0,
      ...shortTimes,
      ...settings,
    })
    const running = await assemble(folder.path, world)
    const listener = await running.smtp.listen({ address: '127.0.0.1', port: 0, listener: 'submission' })
    const exchanger = await running.smtp.listen({ address: ourselves, port, listener: 'smtp' })
    running.listeners.push(listener, exchanger)
    running.listening.push({ component: 'smtp', address: `${ourselves}:${port}`, problem: null })
    await running.relay.start()
    return new Lab({ zone, dns, port, folder, running, submission: listener.port, clock: moved })
  }

  get store() {
    return this.#running.store
  }
  now = (): Instant => this.#clock.now()

  /** An address at which nobody listens yet. */
  address(): string {
    this.#next++
    return `127.1.${this.#next >> 8}.${this.#next & 255}`
  }

  async host(options: ReceiverOptions = {}): Promise<Host> {
    const at = options.address ?? this.address()
    const receiver = await Receiver.open({ port: this.port, ...options, address: at })
    this.#hosts.add(receiver)
    return Object.assign(receiver, { at })
  }

  /** From now on nobody listens there. */
  async end(host: Host): Promise<void> {
    this.#hosts.delete(host)
    await host[Symbol.asyncDispose]()
  }

  /** Lines as of `zoneOf`, added to what is there. */
  publish(...lines: readonly string[]): void {
    for (const [key, script] of zoneOf(...lines))
      if (Object.keys(script).length > 0 || !this.zone.has(key)) this.zone.set(key, script)
  }

  /** A domain with these hosts as exchangers, the first one best; a text is an address where nobody may listen. */
  domain(name: string, ...hosts: readonly (Host | string)[]): string {
    const addresses = hosts.map((host) => (typeof host === 'string' ? host : host.at))
    const lines = addresses.flatMap((at, i) => [
      `${name} MX ${10 * (i + 1)} m${i + 1}.${name}`,
      `m${i + 1}.${name} A ${at}`,
    ])
    this.publish(...lines)
    return name
  }

  /** An alternate server named smart. What is not given is without TLS and account. */
  async smart(options: ReceiverOptions = {}, row: object = {}): Promise<Host> {
    const smart = await this.host(options)
    this.publish(`smart.example A ${smart.at}`)
    await this.run('alternate.add', { name: 'smart', hosts: [`smart.example:${this.port}`], tls: 'none', ...row })
    return smart
  }

  /** An operation on the running server, as the command line asks for it. */
  async run(name: string, parameters: unknown = {}): Promise<unknown> {
    return (await callServer(this.#folder.path, { name, parameters }))?.value
  }

  /** What `doctor` says is wrong. */
  async advice(): Promise<readonly string[]> {
    return ((await this.run('doctor')) as { advice: string[] }).advice // as doctor.ts answers
  }

  async set(changes: Readonly<Record<string, unknown>>): Promise<void> {
    for (const [name, value] of Object.entries(changes)) await this.run('settings.set', { name, value })
  }

  /** Submits one message as ann; returns its key. */
  async send(
    to: readonly string[],
    { from = 'ann@us.example', text = 'Subject: x\r\n\r\nbody' }: Sent = {},
  ): Promise<string> {
    const client = await connect(this.#submission)
    try {
      await client.reply()
      await client.ask('EHLO client.example')
      await client.ask(`AUTH PLAIN ${Buffer.from('\0ann\0ann secret').toString('base64')}`)
      for (const line of [`MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:<${one}>`), 'DATA']) {
        const said = await client.ask(line)
        if (!/^[23]/.test(said ?? '')) throw new Error(`${line}: ${said}`)
      }
      const said = (await client.ask(`${text}\r\n.`)) ?? ''
      const key = /^250 .* ([0-9A-Za-z]{16,})/.exec(said)?.[1]
      if (key === undefined) throw new Error(said)
      return key
    } finally {
      client.destroy()
    }
  }

  rows = (key: string): Promise<DeliveryRow[]> => this.store.queue.find({ message: key, states, limit: 1000 })

  /** When each delivery of a message is done or waits for `attempts` to be over. @throws after some seconds */
  async tried(key: string, attempts = 1): Promise<DeliveryRow[]> {
    return this.until(
      () => this.rows(key),
      (rows) => rows.length > 0 && rows.every((row) => isTried(row, attempts)),
    )
  }

  /** `delivered 250` or `waiting 450`, one a recipient. */
  async fates(key: string, attempts = 1): Promise<string[]> {
    return (await this.tried(key, attempts)).map(({ state, lastReply }) => `${state} ${lastReply?.code ?? ''}`)
  }

  async until<T>(look: () => T | Promise<T>, isIt: (seen: T) => boolean): Promise<T> {
    for (const start = Date.now(); ; await sleep(10)) {
      const seen = await look()
      if (isIt(seen)) return seen
      if (Date.now() - start > patienceMs) throw new Error(`this did not come: ${JSON.stringify(seen)}`)
    }
  }

  /** Lets time pass at once. */
  later(ms: number): void {
    this.#clock.ahead += ms
    this.#running.relay.wake()
  }

  events = (key: string): Promise<TraceEvent[]> => this.store.trace({ ref: key, limit: 1000 })

  /** Subjects in a mailbox, oldest first. */
  async inbox(name: string): Promise<string[]> {
    const row = (await this.store.mailboxes()).find((one) => one.name === name)
    if (row === undefined) return []
    const { uids } = await this.store.list(row.id)
    const subjects: string[] = []
    for (const uid of uids) {
      const parts: Uint8Array[] = []
      for await (const chunk of this.store.openMessage(row.id, uid)) parts.push(chunk)
      subjects.push(/\r\nSubject: ([^\r]*)/i.exec(Buffer.concat(parts).toString('latin1'))?.[1] ?? '')
    }
    return subjects
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#hosts].map((host) => host[Symbol.asyncDispose]()))
    await this.#running.stop()
    await this.dns[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}

class MovedClock {
  ahead = 0
  now = (): Instant => clock.now() + this.ahead
  sleep: Clock['sleep'] = (ms, signal) => clock.sleep(ms, signal)
  every: Clock['every'] = (ms, work) => clock.every(ms, work)
}

const isTried = ({ state, attempts: made }: DeliveryRow, attempts: number): boolean =>
  state === 'waiting' ? made >= attempts : state !== 'leased'

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, ourselves)
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo // a TCP server has one
  server.close()
  await once(server, 'close')
  return port
}

/** Mailboxes ann and postmaster at us.example, and the settings. */
async function prepare(folder: string, world: World, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const store = await openStore({ folder, world, reserveBytes: () => 0 })
  for (const name of ['ann', 'postmaster']) {
    const { id } = await store.addMailbox(name, world.clock.now())
    await setPassword(store, world.random, { id, password: `${name} secret` })
  }
  await store.putDomain({ name: 'us.example', mode: 'by-name', target: null })
  const all = { 'server.postmaster': 'postmaster', ...settings }
  await store.putSettings(new Map(Object.entries(all)), 'test', world.clock.now())
  await store.close()
}
