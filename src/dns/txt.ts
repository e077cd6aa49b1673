// Texts out of a response: the strings of one record joined with nothing between them. Called by open.ts. RFC 7208 §3.3
import type { Answer as PacketAnswer, DecodedPacket } from 'dns-packet'
import { matchesOf, recordsMax, type Question, type Timed } from './packet.ts'
import type { Answer } from './resolver.ts'

export function txtAnswerOf(response: DecodedPacket, question: Question): Timed<Answer> {
  const found = matchesOf(response, question)
  if ('answer' in found) return found
  const { matching, ttlMs } = found
  return { answer: { is: 'found', records: matching.flatMap(joined).slice(0, recordsMax), ttlMs }, ttlMs }
}

function joined(record: PacketAnswer): string[] {
  if (record.type !== 'TXT') return []
  const strings = Array.isArray(record.data) ? record.data : [record.data]
  return [strings.map((one) => (typeof one === 'string' ? one : Buffer.from(one).toString('latin1'))).join('')]
}
