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
  readonly noEdns?: boolean // FORMERR to questions with EDNS0
  /** Sent as they are before the true answer: the id of the question is put in front when `withId`. */
  readonly before?: (query: Packet) => Buffer
}
/** By "TYPE name"; what is missing does not exist. */
export type Zone = Map<string, Scripted>

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
