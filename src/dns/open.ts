// Our own stub resolver: configured servers in order, UDP then TCP, answers remembered by TTL, trouble kept apart from "no".
import dgram from 'node:dgram'
import net from 'node:net'
import packets, { type DecodedPacket as Decoded } from 'dns-packet'
import { LRUCache } from 'lru-cache'
import type { Settings } from '#/config/settings.ts'
import type { World } from '#/world/world.ts'
import type { Answer, Resolver } from './resolver.ts'

export type ResolverParts = {
  readonly settingsNow: () => Settings
  readonly world: Pick<World, 'clock' | 'random'>
  /** The text of /etc/resolv.conf, for when no server is configured. */
  readonly systemConfig: string
}
type DecodedPacket = Decoded & { readonly rcode: string } // the library sets it, its types forget it
type Type = 'A' | 'AAAA' | 'PTR'
type Server = { readonly address: string; readonly port: number }
type Question = { readonly name: string; readonly type: Type }

const recordsMax = 100
const chainMax = 8
const udpBytes = 1232
const negativeTtlMs = 60_000
const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*$/

export function openResolver(parts: ResolverParts): Resolver {
  const cache = new LRUCache<string, Answer>({
    max: Math.max(10, parts.settingsNow().dns.cacheEntriesMax),
    ttl: negativeTtlMs,
  })
  const ask = async (question: Question): Promise<Answer> => {
    const key = `${question.type} ${question.name}`
    const known = cache.get(key)
    if (known) return known
    const answer = await askServers(parts, question)
    const ttl = answer.is === 'found' ? Math.min(answer.ttlMs, parts.settingsNow().dns.ttlMaxMs) : negativeTtlMs
    if (answer.is !== 'trouble' && ttl > 0) cache.set(key, answer, { ttl })
    return answer
  }
  return {
    ptr: (address) => ask({ name: reverseName(address), type: 'PTR' }),
    addresses: async (name, family) => {
      if (family) return ask({ name, type: family === 4 ? 'A' : 'AAAA' })
      return merged(await Promise.all([ask({ name, type: 'A' }), ask({ name, type: 'AAAA' })]))
    },
  }
}

/** Found beats all; then trouble, because "no" may only be said when both families said it. */
function merged(answers: readonly Answer[]): Answer {
  const found = answers.filter((answer) => answer.is === 'found')
  if (found.length > 0)
    return {
      is: 'found',
      records: found.flatMap(({ records }) => records),
      ttlMs: Math.min(...found.map(({ ttlMs }) => ttlMs)),
    }
  return (
    answers.find(({ is }) => is === 'trouble') ?? answers.find(({ is }) => is === 'no-data') ?? { is: 'no-such-name' }
  )
}

async function askServers(parts: ResolverParts, question: Question): Promise<Answer> {
  const { servers, timeoutMs, tries } = parts.settingsNow().dns
  const list = servers.length > 0 ? servers.map(parseServer) : systemServers(parts.systemConfig)
  let why = 'no DNS server is configured'
  for (let round = 0; round < tries; round++)
    for (const server of list)
      try {
        const answer = read(await exchange(parts, server, { question, timeoutMs }), question)
        if (answer.is !== 'trouble') return answer
        why = answer.why
      } catch (error) {
        why = error instanceof Error ? error.message : String(error)
      }
  return { is: 'trouble', why }
}

type Asked = { readonly question: Question; readonly timeoutMs: number }

async function exchange(
  { world }: ResolverParts,
  server: Server,
  { question, timeoutMs }: Asked,
): Promise<DecodedPacket> {
  const [high = 0, low = 0] = world.random.bytes(2)
  const query = {
    type: 'query' as const,
    id: high * 256 + low,
    flags: packets.RECURSION_DESIRED,
    questions: [question],
  }
  const octets = packets.encode({
    ...query,
    additionals: [{ type: 'OPT', name: '.', udpPayloadSize: udpBytes } as never],
  }) // typed too narrowly
  const answer = await byUdp(server, octets, { id: query.id, timeoutMs })
  if (answer.flag_tc) return byTcp(server, Buffer.from(packets.streamEncode(query)), timeoutMs)
  // A server that knows no EDNS says FORMERR: asked again without.
  return answer.rcode === 'FORMERR' ? byUdp(server, packets.encode(query), { id: query.id, timeoutMs }) : answer
}

function byUdp(
  server: Server,
  octets: Buffer,
  { id, timeoutMs }: { id: number; timeoutMs: number },
): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(server.address.includes(':') ? 'udp6' : 'udp4')
    const done = (settle: () => void): void => {
      stop[Symbol.dispose]()
      socket.close()
      settle()
    }
    const stop = deadline(timeoutMs, () => done(() => reject(new Error(`${server.address} did not answer in time`))))
    socket.on('error', (error) => done(() => reject(error)))
    socket.on('message', (message, from) => {
      const packet = from.address === server.address && from.port === server.port ? decode(message) : null
      if (packet?.id === id && packet.type === 'response') done(() => resolve(packet))
    })
    socket.send(octets, server.port, server.address)
  })
}

function byTcp(server: Server, octets: Uint8Array, timeoutMs: number): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(server.port, server.address)
    let seen = Buffer.alloc(0)
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    socket.setTimeout(timeoutMs, () => fail(new Error(`${server.address} did not answer by TCP in time`)))
    socket.on('error', fail)
    socket.on('connect', () => socket.write(octets))
    socket.on('close', () => reject(new Error(`${server.address} closed without an answer`)))
    socket.on('data', (chunk) => {
      seen = Buffer.concat([seen, Buffer.from(chunk)])
      if (seen.length < 2 || seen.length < 2 + seen.readUInt16BE(0)) return
      const packet = decode(seen.subarray(2, 2 + seen.readUInt16BE(0)))
      socket.destroy()
      if (packet) resolve(packet)
      else reject(new Error(`${server.address} sent garbage`))
    })
  })
}

function deadline(ms: number, work: () => void): Disposable {
  const signal = AbortSignal.timeout(ms)
  signal.addEventListener('abort', work, { once: true })
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', work) }
}

function decode(octets: Buffer): DecodedPacket | null {
  try {
    return packets.decode(octets) as DecodedPacket // see the type
  } catch {
    return null
  }
}

/** Follows CNAMEs inside the answer; records of other names are ignored. */
function read(packet: DecodedPacket, { name, type }: Question): Answer {
  if (packet.rcode === 'NXDOMAIN') return { is: 'no-such-name' }
  if (packet.rcode !== 'NOERROR') return { is: 'trouble', why: `the server answered ${packet.rcode}` }
  const records = (packet.answers ?? []).slice(0, recordsMax)
  let wanted = name.toLowerCase()
  for (let i = 0; i < chainMax; i++) {
    const alias = records.find((record) => record.type === 'CNAME' && record.name.toLowerCase() === wanted)
    if (alias?.type !== 'CNAME') break
    wanted = alias.data.toLowerCase()
  }
  const own = records.filter((record) => record.type === type && record.name.toLowerCase() === wanted)
  const values = own.map((record) => String((record as { data: unknown }).data).toLowerCase()) // A, AAAA and PTR carry a text
  const valid =
    type === 'PTR' ? values.filter((value) => hostName.test(value)) : values.filter((value) => net.isIP(value) !== 0)
  if (valid.length === 0) return { is: 'no-data' }
  return {
    is: 'found',
    records: valid,
    ttlMs: Math.min(...own.map((record) => ('ttl' in record ? (record.ttl ?? 0) : 0))) * 1000,
  }
}

function parseServer(text: string): Server {
  const match = /^\[?([0-9a-fA-F:.]+?)\]?(?::([0-9]{1,5}))?$/.exec(text)
  if (!match || net.isIP(text) !== 0) return { address: text, port: 53 }
  return { address: match[1]!, port: Number(match[2] ?? 53) }
}

function systemServers(config: string): Server[] {
  const lines = config.split('\n').map((line) => /^nameserver[ \t]+([0-9a-fA-F:.]+)/.exec(line)?.[1])
  return lines.filter((address) => address !== undefined).map((address) => ({ address, port: 53 }))
}

/** 192.0.2.1 → 1.2.0.192.in-addr.arpa, IPv6 by nibbles. */
function reverseName(address: string): string {
  if (!address.includes(':')) return `${address.split('.').reverse().join('.')}.in-addr.arpa`
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const groups = tail === undefined ? left : [...left, ...middle, ...right]
  const nibbles = groups.map((group) => group.padStart(4, '0')).join('')
  return `${nibbles.split('').reverse().join('.')}.ip6.arpa`
}
