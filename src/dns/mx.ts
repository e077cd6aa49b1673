// Mail exchangers out of a response. Called by open.ts. RFC 5321 §5.1
import type { Answer as PacketAnswer, DecodedPacket } from 'dns-packet'
import { matchesOf, recordsMax, validName, type Question, type Timed } from './packet.ts'
import type { Exchanger, MxAnswer } from './resolver.ts'

export function mxAnswerOf(response: DecodedPacket, question: Question): Timed<MxAnswer> {
  const found = matchesOf(response, question)
  if ('answer' in found) return found
  const { matching, ttlMs } = found
  const nullMx = matching.length === 1 && isRoot(matching[0]!)
  const hosts = matching
    .flatMap(exchanger)
    .toSorted((a, b) => a.preference - b.preference) // before the cut: the best ones stay. DNS-05
    .slice(0, recordsMax)
  return { answer: { is: 'found', hosts, nullMx, ttlMs }, ttlMs }
}

const isRoot = (record: PacketAnswer): boolean => record.type === 'MX' && /^\.?$/.test(record.data.exchange)

/** An IP address, `*`, the root or any other text that is no host name is no exchanger. RO-07, DNS-03 */
function exchanger(record: PacketAnswer): Exchanger[] {
  if (record.type !== 'MX') return []
  const name = validName(record.data.exchange)
  return name === null ? [] : [{ name, preference: record.data.preference ?? 0 }]
}
