// A DNS server for tests, on loopback, with a zone written as data. Answers, delays, fails, truncates and lies on request.
// Never part of the running program.
import { createSocket, type Socket } from 'node:dgram'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { clock } from '#/world/node/clock.ts'
import packet, { type Answer, type Packet } from 'dns-packet'

export type Scripted = {
  readonly answers?: readonly Answer[]
  readonly rcode?: 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED'
  readonly delayMs?: number
  readonly truncated?: boolean // over UDP only
  readonly silent?: boolean
  readonly noTcp?: boolean // hangs up
  readonly noEdns?: boolean // FORMERR to questions with EDNS0
  /** Sent as they are before the true answer: the id of the question is put in front when `withId`. */
  readonly before?: (query: Packet) => Buffer
}
/** By "TYPE name"; what is missing does not exist. */
export type Zone = Map<string, Scripted>

/** A zone as lines of text: `far.example MX 10 mx.far.example`, `mx.far.example A 192.0.2.1`, `x.example CNAME y.example`, and
 *  what goes wrong: `down.example MX SERVFAIL`, `slow.example A silent`. A TXT record is the rest of its line, a `|` between
 *  its strings. Other types of a name that is there have no data. */
export function zoneOf(...lines: readonly string[]): Zone {
  const zone: Zone = new Map()
  for (const line of lines) {
    const [name = '', type = '', ...data] = line.split(' ')
    for (const other of ['A', 'AAAA', 'MX', 'TXT']) if (!zone.has(`${other} ${name}`)) zone.set(`${other} ${name}`, {})
    const keys = type === 'CNAME' ? ['A', 'AAAA', 'MX', 'TXT'] : [type]
    for (const key of keys) zone.set(`${key} ${name}`, withRecord(zone.get(`${key} ${name}`), { name, type, data }))
  }
  return zone
}

function withRecord(
  before: Scripted = {},
  { name, type, data }: { name: string; type: string; data: string[] },
): Scripted {
  const [first = '', second = ''] = data
  if (first === 'SERVFAIL' || first === 'REFUSED' || first === 'NXDOMAIN') return { ...before, rcode: first }
  if (first === 'silent' || first === 'truncated' || first === 'noTcp') return { ...before, [first]: true }
  const record =
    type === 'MX' ? { preference: Number(first), exchange: second } : type === 'TXT' ? data.join(' ').split('|') : first
  const answer = { type, name, data: record, ttl: 60 } as Answer // the lines of tests are well-formed
  return { ...before, answers: [...(before.answers ?? []), answer] }
}

export type TestServer = AsyncDisposable & {
  readonly address: string
  readonly asked: string[]
  readonly overTcp: string[]
}

const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 }

export async function startTestServer(zone: Zone): Promise<TestServer> {
  const asked: string[] = []
  const overTcp: string[] = []
  const tcp = tcpServer(zone, overTcp)
  await new Promise<void>((done) => tcp.listen(0, '127.0.0.1', done))
  const { port } = tcp.address() as AddressInfo // listening on TCP, so not a string
  const udp = createSocket('udp4')
  udp.on('message', (message, from) => {
    const query = packet.decode(message)
    const { key, script } = look(zone, query)
    asked.push(key)
    if (script.silent) return
    const send = (octets: Buffer) => udp.send(octets, from.port, from.address, () => undefined)
    if (script.before) send(script.before(query))
    const answer = respond(query, script, { udp: true })
    if (script.delayMs) void clock.sleep(script.delayMs).then(() => send(answer))
    else send(answer)
  })
  await new Promise<void>((done) => udp.bind(port, '127.0.0.1', done))
  return { address: `127.0.0.1:${port}`, asked, overTcp, [Symbol.asyncDispose]: () => stop(udp, tcp) }
}

function look(zone: Zone, query: Packet): { key: string; script: Scripted } {
  const { name = '', type = '' } = query.questions?.[0] ?? {}
  const key = `${type} ${name.toLowerCase()}`
  return { key, script: zone.get(key) ?? { rcode: 'NXDOMAIN' } }
}

function respond(query: Packet, script: Scripted, { udp }: { udp: boolean }): Buffer {
  const edns = (query.additionals ?? []).some(({ type }) => type === 'OPT')
  const rcode = script.noEdns && edns ? 'FORMERR' : (script.rcode ?? 'NOERROR')
  const cut = udp && script.truncated === true
  return packet.encode({
    type: 'response',
    id: query.id ?? 0,
    flags: packet.RECURSION_AVAILABLE | rcodes[rcode] | (cut ? packet.TRUNCATED_RESPONSE : 0),
    questions: query.questions ?? [],
    answers: cut ? [] : [...(script.answers ?? [])],
  })
}

function tcpServer(zone: Zone, overTcp: string[]): Server {
  return createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (chunk: Buffer) => {
      const query = packet.decode(chunk.subarray(2))
      const { key, script } = look(zone, query)
      overTcp.push(key)
      if (script.noTcp) return void socket.destroy()
      const octets = respond(query, script, { udp: false })
      const length = Buffer.alloc(2)
      length.writeUInt16BE(octets.length)
      socket.end(Buffer.concat([length, octets]))
    })
  })
}

async function stop(udp: Socket, tcp: Server): Promise<void> {
  await new Promise<void>((done) => udp.close(() => done()))
  await new Promise<void>((done) => tcp.close(() => done()))
}
