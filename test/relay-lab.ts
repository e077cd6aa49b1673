// The whole program on a data folder of its own, between a scripted DNS server and scripted receivers on addresses of
// 127.0.0.0/8. Mail comes in from 127.0.0.1, which may send; time is moved by hand. For tests of what the relay makes of it.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestServer, zoneOf, type TestServer, type Zone } from '#/dns/test-server.ts'
import { assemble } from '#/main.ts'
import { callServer } from '#/operations/control-call.ts'
import { openStore } from '#/storage/open.ts'
import type { DeliveryRow, DeliveryState } from '#/storage/queue.ts'
import type { TraceEvent } from '#/storage/store.ts'
import { ensureCertificate } from '#/world/node/certificate.ts'
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

const hostname = 'mx.us.example'
const times = ['greetingMs', 'commandMs', 'dataInitMs', 'dataEndMs', 'quitMs']
const settings: Readonly<Record<string, unknown>> = {
  'server.hostname': hostname,
  'server.postmaster': 'postmaster',
  'dns.timeoutMs': 2000,
  'dns.tries': 1,
  'mailServer.forwarding': true,
  'mailRelay.allowPrivateTargets': true,
  'mailRelay.jitterShare': 0,
  ...Object.fromEntries(times.map((name) => [`mailRelay.${name}`, 2000])),
}
const states: readonly DeliveryState[] = ['waiting', 'leased', 'held', 'delivered', 'failed', 'dropped']
const patienceMs = 15_000
/** Where this server takes mail itself, on the port of exchangers. */
export const ourselves = '127.1.0.0'

export class Lab implements AsyncDisposable {
  readonly zone: Zone
  readonly dns: TestServer
  readonly port: number
  readonly folder: string
  readonly #hosts = new Set<Receiver>()
  readonly #clock: MovedClock
  #program: Program
  #next = 0

  private constructor(parts: { zone: Zone; dns: TestServer; folder: string; program: Program; clock: MovedClock }) {
    this.zone = parts.zone
    this.dns = parts.dns
    this.port = parts.program.exchanger.port
    this.folder = parts.folder
    this.#program = parts.program
    this.#clock = parts.clock
  }

  static async open({ settings: changes = {} }: LabOptions = {}): Promise<Lab> {
    const zone = zoneOf()
    const dns = await startTestServer(zone)
    const moved = new MovedClock()
    const folder = mkdtempSync(join(tmpdir(), 'netcruiser-lab-'))
    cpSync(await template(), folder, { recursive: true })
    const program = await openProgram(folder, { clock: moved, port: 0 })
    const lab = new Lab({ zone, dns, folder, program, clock: moved })
    await lab.set({ 'dns.servers': [dns.address], 'mailRelay.mxPort': lab.port, ...changes })
    await program.running.relay.start()
    return lab
  }

  /** Stops the program and starts it again on the same folder. */
  async restart(): Promise<void> {
    await this.#program.running.stop()
    this.#program = await openProgram(this.folder, { clock: this.#clock, port: this.port })
    await this.#program.running.relay.start()
  }

  get store() {
    return this.#program.running.store
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
    return (await callServer(this.folder, { name, parameters }))?.value
  }

  /** What `doctor` says is wrong. */
  async advice(): Promise<readonly string[]> {
    return ((await this.run('doctor')) as { advice: string[] }).advice // as doctor.ts answers
  }

  async set(changes: Readonly<Record<string, unknown>>): Promise<void> {
    for (const [name, value] of Object.entries(changes)) await this.run('settings.set', { name, value })
  }

  /** Sends one message, from ann unless told otherwise; returns its key. */
  async send(
    to: readonly string[],
    { from = 'ann@us.example', text = 'Subject: x\r\n\r\nbody' }: Sent = {},
  ): Promise<string> {
    const client = await connect(this.#program.listener.port)
    try {
      await client.reply()
      await client.ask('EHLO client.example')
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
    this.#program.running.relay.wake()
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
    await this.#program.running.stop()
    await this.dns[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true, force: true })
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

type Program = Awaited<ReturnType<typeof openProgram>>

/** The running parts, with a listener for clients and one that stands among the exchangers, by whose port 0 is chosen. */
async function openProgram(folder: string, { clock: moved, port }: { clock: MovedClock; port: number }) {
  const world: World = { clock: moved, random: randomPool(), net: nodeNet(moved), log: silentLog }
  const running = await assemble(folder, world)
  const listener = await running.smtp.listen({ address: '127.0.0.1', port: 0, listener: 'smtp' })
  const exchanger = await running.smtp.listen({ address: ourselves, port, listener: 'smtp' })
  running.listeners.push(listener, exchanger)
  running.listening.push({ component: 'smtp', address: `${ourselves}:${exchanger.port}`, problem: null })
  return { running, listener, exchanger }
}

/** A data folder with mailboxes ann and postmaster at us.example, made once: opening a store takes its time. */
let made: Promise<string> | null = null
const template = (): Promise<string> => (made ??= makeTemplate())

async function makeTemplate(): Promise<string> {
  const folder = dataFolder()
  process.once('exit', () => folder[Symbol.dispose]())
  using net = nodeNet(clock)
  const world: World = { clock, random: randomPool(), net, log: silentLog }
  const store = await openStore({ folder: folder.path, world, reserveBytes: () => 0 })
  for (const name of ['ann', 'postmaster']) await store.addMailbox(name, clock.now())
  await store.putAccess({ position: 1, pattern: '127.0.0.1', action: 'allow', note: '', expiresAt: null, senders: [] })
  await store.putDomain({ name: 'us.example', mode: 'by-name', target: null })
  await store.putSettings(new Map(Object.entries(settings)), 'test', clock.now())
  await store.close()
  await ensureCertificate(folder.path, hostname)
  return folder.path
}
