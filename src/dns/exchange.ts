// One question to one server: a datagram from a port and with an id that nobody can guess, TCP when it was cut short.
// Called by resolver.ts. RFC 5452 §9, RFC 7766 §5, RFC 6891 §7
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { DecodedPacket } from 'dns-packet'
import type { World } from '#/world/world.ts'
import { decodeResponse, encodeQuestion, type Question } from './packet.ts'

export type Server = { readonly address: string; readonly port: number }
export type ExchangeOptions = { readonly world: Pick<World, 'clock' | 'random'>; readonly timeoutMs: number }
export type Exchanged = DecodedPacket | { readonly why: string }

type Sent = { readonly id: number; readonly octets: Buffer; readonly question: Question }

export async function exchange(question: Question, server: Server, options: ExchangeOptions): Promise<Exchanged> {
  const first = await overUdp(sent(question, options, { edns: true }), server, options)
  const refusesEdns = 'rcode' in first && (first.rcode === 'FORMERR' || first.rcode === 'NOTIMP') // it knows no EDNS0
  const response = refusesEdns ? await overUdp(sent(question, options, { edns: false }), server, options) : first
  if ('why' in response || !response.flag_tc) return response
  return overTcp(sent(question, options, { edns: false }), server, options)
}

function sent(question: Question, { world }: ExchangeOptions, { edns }: { edns: boolean }): Sent {
  const [high, low] = world.random.bytes(2)
  const id = (high! << 8) | low!
  return { id, question, octets: encodeQuestion(question, { id, edns }) }
}

type Settle = (result: Exchanged) => void

/** Runs `start` until it settles or the time is over; then `stop` frees the socket. */
async function timed(options: ExchangeOptions, start: (settle: Settle) => () => void): Promise<Exchanged> {
  const over = new AbortController()
  const { promise, resolve } = Promise.withResolvers<Exchanged>()
  const stop = start(resolve)
  options.world.clock.sleep(options.timeoutMs, over.signal).then(
    () => resolve({ why: 'no answer in time' }),
    () => undefined,
  )
  try {
    return await promise
  } finally {
    over.abort()
    stop()
  }
}

function overUdp({ id, octets, question }: Sent, server: Server, options: ExchangeOptions): Promise<Exchanged> {
  return timed(options, (settle) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4') // a fresh random port for each question
    socket.on('error', (error) => settle({ why: error.message }))
    socket.on('message', (message) => {
      const response = decodeResponse(message, id, question)
      if (response) settle(response) // anything else may be forged: the true answer may still come. DNS-07
    })
    // Connected: only this server's datagrams arrive, and "port closed" is told at once.
    socket.connect(server.port, server.address, () => socket.send(octets, () => undefined))
    return () => socket.close()
  })
}

function overTcp({ id, octets, question }: Sent, server: Server, options: ExchangeOptions): Promise<Exchanged> {
  return timed(options, (settle) => {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(octets.length)
    const socket = connect(server.port, server.address, () => socket.write(Buffer.concat([length, octets])))
    let seen = Buffer.alloc(0)
    socket.on('error', (error) => settle({ why: `TCP: ${error.message}` }))
    socket.on('close', () => settle({ why: 'TCP: the server hung up' }))
    socket.on('data', (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk])
      if (seen.length < 2 || seen.length < 2 + seen.readUInt16BE(0)) return
      const response = decodeResponse(seen.subarray(2, 2 + seen.readUInt16BE(0)), id, question)
      settle(response ?? { why: 'TCP: the answer is not understood' })
    })
    return () => socket.destroy()
  })
}
