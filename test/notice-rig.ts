// A whole server in this process, with every room of it real, its clock ahead of time at will. For tests of what senders are
// told, and of servers that send to each other. DNS and receivers are scripted ones of the test.
import { once } from 'node:events'
import net from 'node:net'
import { call } from '#/cli/call.ts'
import { assemble } from '#/main.ts'
import { readByPython, type PythonPart } from '#/message/test-parser.ts'
import type { DeliveryRow } from '#/storage/queue.ts'
import type { TraceEvent } from '#/storage/store.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { nodeNet } from '#/world/node/net.ts'
import type { World } from '#/world/world.ts'
import { dataFolder } from './serve.ts'
import { connect } from './wire-client.ts'

export type HostOptions = {
  readonly hostname?: string
  readonly dns: string
  readonly mxPort?: number
  /** Further lines of [settings.mailRelay], and further tables of world.toml. */
  readonly relay?: readonly string[]
  readonly world?: string
  /** Who may send to others: this machine, unless told otherwise. */
  readonly access?: string
  readonly address?: string
  readonly port?: number
}
export type Letter = {
  readonly from?: string
  /** With ESMTP parameters behind them: `bob@far.example NOTIFY=NEVER`. */
  readonly to: readonly string[]
  readonly parameters?: string // of MAIL
  readonly header?: readonly string[]
  readonly body?: string
}
export type Host = AsyncDisposable & {
  readonly port: number
  readonly running: Awaited<ReturnType<typeof assemble>>
  /** Resolves with the last reply. */
  submit(letter: Letter): Promise<string>
  /** Moves the clock, and tells the relay. */
  later(ms: number): void
  now(): number
  mailbox(name: string): Promise<string[]>
  queue(): Promise<DeliveryRow[]>
  /** The queue has nothing left to do. */
  idle(): Promise<void>
  trace(step?: string): Promise<TraceEvent[]>
}

const worldOf = ({
  hostname = 'mx.example.org',
  dns,
  mxPort = 25,
  relay = [],
  world = '',
  access = '127.0.0.0/8',
}: HostOptions): string => `
[settings.server]
hostname = "${hostname}"
postmaster = "admin"
[settings.dns]
servers = ["${dns}"]
[settings.mailServer]
forwarding = true
[settings.mailRelay]
mxPort = ${mxPort}
allowPrivateTargets = true
${relay.join('\n')}
[[domain]]
name = "${hostname.replace(/^mx\./, '')}"
[[mailbox]]
name = "admin"
[[mailbox]]
name = "ann"
[[access]]
pattern = "${access}"
${world}`

export async function host(options: HostOptions): Promise<Host> {
  const folder = dataFolder()
  await call(folder.path, { name: 'settings.import', parameters: { text: worldOf(options) } })
  const net = nodeNet(clock)
  let ahead = 0
  const world: World = {
    clock: { ...clock, now: () => clock.now() + ahead },
    random: randomPool(),
    net,
    log: silentLog,
  }
  const running = await assemble(folder.path, world)
  const { store, relay } = running
  const { address = '127.0.0.1', port = 0 } = options
  const listener = await running.smtp.listen({ address, port, listener: 'smtp' })
  running.listeners.push(listener)
  running.listening.push({ component: 'smtp', address: `${address}:${listener.port}`, problem: null })
  await relay.start()
  const queue = (): Promise<DeliveryRow[]> => store.queue.find({ limit: 1000 })
  return {
    port: listener.port,
    running,
    submit: (letter) => submit({ address, port: listener.port }, letter),
    later(ms) {
      ahead += ms
      relay.wake({ fresh: true })
    },
    now: () => world.clock.now(),
    async mailbox(name) {
      const id = (await store.mailboxes()).find((row) => row.name === name)!.id
      const { uids } = await store.list(id)
      return Promise.all(Array.from(uids, (uid) => textOf(store.openMessage(id, uid))))
    },
    queue,
    idle: () => until(async () => (await queue()).length === 0 && relay.active() === 0),
    trace: async (step) => (await store.trace({ limit: 1000 })).filter((event) => !step || event.step === step),
    async [Symbol.asyncDispose]() {
      await running.stop()
      net[Symbol.dispose]()
      folder[Symbol.dispose]()
    },
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts).toString('latin1')
}

async function submit(at: { address: string; port: number }, letter: Letter): Promise<string> {
  const { from = 'ann@example.org', to, parameters = '', header = [], body = 'hello' } = letter
  const client = await connect(at.port, undefined, '127.0.0.1', at.address)
  try {
    await client.reply()
    const recipients = to.map((text) => text.replace(/^([^ ]+)/, 'RCPT TO:<$1>'))
    for (const command of ['EHLO client.example', `MAIL FROM:<${from}> ${parameters}`, ...recipients, 'DATA']) {
      const said = (await client.ask(command.trimEnd())) ?? 'closed'
      if (!/^[23]/.test(said)) return `${command}: ${said}`
    }
    const lines = [...header, 'Subject: lunch', 'Message-ID: <m1@example.org>', '', body, '.']
    return (await client.ask(lines.join('\r\n'))) ?? 'closed'
  } finally {
    client.destroy()
  }
}

const waitMs = 20_000

export async function until(there: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + waitMs
  while (!(await there())) {
    if (Date.now() > end) throw new Error('waited in vain')
    await clock.sleep(10)
  }
}

export type Told = {
  readonly top: ReadonlyMap<string, string>
  /** What people read. */
  readonly text: string
  /** Blocks of the report: the first is about the message, the others are about one recipient each. */
  readonly report: readonly ReadonlyMap<string, string>[]
  readonly returned: string
}

/** Notices as Python's email package reads them. @throws when one is not well-formed */
export function readNotices(messages: readonly string[]): Told[] {
  return readByPython(messages.map((text) => Buffer.from(text, 'latin1'))).map(toldBy)
}

function toldBy(parts: PythonPart[]): Told {
  const defects = parts.flatMap((part) => part.defects)
  if (defects.length > 0) throw new Error(defects.join())
  const [top, text, , ...rest] = parts
  const blocks = rest.filter(({ type }) => type === 'text/plain') // Python makes each block of a report a part of its own
  const returned = rest.at(-1)!
  const fields = (part: PythonPart): Map<string, string> => new Map(part.fields)
  const plain = (part: PythonPart): string => Buffer.from(part.payload, 'base64').toString()
  return { top: fields(top!), text: plain(text!), report: blocks.map(fields), returned: plain(returned) }
}

/** One that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo // a TCP server has one
  server.close()
  await once(server, 'close')
  return port
}
