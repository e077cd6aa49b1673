// Questions and answers of DNS as octets, on dns-packet. Called by exchange.ts and resolver.ts. RFC 1035 §4.1
// Believes nothing: other names, long chains, too many records and names that are no host names are left out. HDR-02, DNS-07
import { isIP } from 'node:net'
import packet, { type Answer as PacketAnswer, type DecodedPacket } from 'dns-packet'
import type { Answer, NoAnswer } from './resolver.ts'

export type RecordType = 'A' | 'AAAA' | 'PTR' | 'MX' | 'TXT'
/** What is told to the asker, and how long it may be remembered. */
export type Timed<A = Answer> = { readonly answer: A; readonly ttlMs: number }
export type Question = { readonly name: string; readonly type: RecordType }

export const recordsMax = 100
const chainMax = 8
const ednsBytes = 1232 // fits one datagram on any path: DNS flag day 2020
/** A broken server is not asked anew for every recipient of a transaction. DNS-13 */
const troubleMs = 5_000
const noTtlMs = 30_000 // for a "no" without SOA

export function encodeQuestion({ name, type }: Question, options: { id: number; edns: boolean }): Buffer {
  const opt = { type: 'OPT' as const, name: '.' as const, udpPayloadSize: ednsBytes, flags: 0, options: [] }
  return packet.encode({
    type: 'query',
    id: options.id,
    flags: packet.RECURSION_DESIRED,
    questions: [{ name, type }],
    additionals: options.edns ? [opt as unknown as PacketAnswer] : [], // the types ask for fields that encode fills in
  })
}

/** Null for what is not the answer to this question: garbage, another id, another name. */
export function decodeResponse(octets: Buffer, id: number, question: Question): DecodedPacket | null {
  if (octets.length < 12 || octets.readUInt16BE(0) !== id) return null
  let decoded: DecodedPacket
  try {
    decoded = packet.decode(octets)
  } catch {
    return null
  }
  const asked = decoded.questions?.[0]
  const same = asked?.type === question.type && lower(asked.name) === lower(question.name)
  return decoded.type === 'response' && same && decoded.questions?.length === 1 ? decoded : null
}

const lower = (name: string): string => name.replace(/\.$/, '').replace(/[A-Z]+/g, (run) => run.toLowerCase())

/** What a response says, and how long it holds. */
export function answerOf(response: DecodedPacket, question: Question): Timed {
  const found = matchesOf(response, question)
  if ('answer' in found) return found
  const { matching, ttlMs } = found
  const records = matching.flatMap((answer) => validData(answer, question.type)).slice(0, recordsMax)
  if (records.length > 0) return { answer: { is: 'found', records, ttlMs }, ttlMs }
  return negative(response)
}

type Matches = { readonly matching: readonly PacketAnswer[]; readonly ttlMs: number }

/** The records that answer the question, aliases followed; at least one, or the reason why there is none. */
export function matchesOf(response: DecodedPacket, question: Question): Matches | Timed<NoAnswer> {
  const rcode = rcodeOf(response)
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return trouble(`the server answered ${rcode}`)
  const answers = (response.answers ?? []).slice(0, 10 * recordsMax)
  const end = followChain(answers, lower(question.name))
  if (end === null) return trouble('the chain of aliases is too long')
  const matching = answers.filter((answer) => answer.type === question.type && lower(answer.name) === end.name)
  if (matching.length === 0) return negative(response)
  return { matching, ttlMs: 1000 * Math.min(end.ttl, ...matching.map(ttlOf)) }
}

function negative(response: DecodedPacket): Timed<NoAnswer> {
  const is = rcodeOf(response) === 'NXDOMAIN' ? 'no-such-name' : 'no-data'
  return { answer: { is }, ttlMs: negativeTtlMs(response) }
}

/** decode sets it; the types do not say so. */
const rcodeOf = (response: DecodedPacket): string => (response as DecodedPacket & { rcode: string }).rcode

export const trouble = (why: string): Timed<NoAnswer> => ({ answer: { is: 'trouble', why }, ttlMs: troubleMs })
const ttlOf = (answer: PacketAnswer): number => ('ttl' in answer && typeof answer.ttl === 'number' ? answer.ttl : 0)

/** Where the aliases of a name end. Null when they go on for too long or in a circle. RFC 1034 §3.6.2, DNS-03 */
function followChain(answers: readonly PacketAnswer[], name: string): { name: string; ttl: number } | null {
  let ttl = Number.MAX_SAFE_INTEGER
  for (let step = 0; step <= chainMax; step++) {
    const alias = answers.find((answer) => answer.type === 'CNAME' && lower(answer.name) === name)
    if (alias?.type !== 'CNAME') return { name, ttl }
    name = lower(alias.data)
    ttl = Math.min(ttl, ttlOf(alias))
  }
  return null
}

function validData(answer: PacketAnswer, type: RecordType): string[] {
  if (answer.type !== type || typeof answer.data !== 'string') return []
  if (type !== 'PTR') return isIP(answer.data) === 0 ? [] : [answer.data]
  const name = validName(answer.data)
  return name === null ? [] : [name]
}

/** A host name in lower case without its trailing dot; null for anything that must not come near a header or a log. */
export function validName(text: string): string | null {
  const name = lower(text)
  if (name.length === 0 || name.length > 253) return null
  const labels = name.split('.')
  if (!labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))) return null
  return /^[0-9]+$/.test(labels.at(-1)!) ? null : name
}

/** What may stand in a question: also what is no host name, as macros of SPF make it of an address. RFC 2181 §11 */
export function askableName(text: string): string | null {
  const name = lower(text)
  const labels = name.split('.')
  const fits = name.length <= 253 && labels.every((label) => /^[ -~]{1,63}$/.test(label))
  return fits && !/^[0-9]+$/.test(labels.at(-1)!) ? name : null
}

/** RFC 2308 §5: the lower of the SOA's TTL and its minimum. */
function negativeTtlMs(response: DecodedPacket): number {
  const soa = response.authorities?.find((record) => record.type === 'SOA')
  return soa?.type === 'SOA' ? 1000 * Math.min(ttlOf(soa), soa.data.minimum ?? 0) : noTtlMs
}
