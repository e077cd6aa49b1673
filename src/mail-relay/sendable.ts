// A stored message as a mail for some of its recipients: the octets as they stand, or in a form that the next host can take.
// Called by the walk for each transaction. Never changes what is stored. RO-23, RO-24
import { isAscii } from 'node:buffer'
import { bodyNeeds, hasLongLine, toSevenBit } from '#/message/seven-bit.ts'
import type { DeliveryRow } from '#/storage/queue.ts'
import type { Mail, Sendable } from './session-types.ts'

/** Small ones in one piece, large ones as a stream from the disk. */
export type Content = Uint8Array | AsyncIterable<Uint8Array>

/** A large message is read anew, with `again`, for each transaction. */
export function mailFor(rows: readonly DeliveryRow[], content: Content, again: () => Promise<Content>): Mail {
  const first = rows[0]!
  const { from, mail: parameters } = first
  const recipients = rows.map(({ to: address, rcpt }) => ({ address, parameters: rcpt }))
  if (!(content instanceof Uint8Array)) {
    // It cannot be looked at in one piece: it needs what was seen when it came.
    const needs = { eightBit: parameters.body === '8BITMIME', smtputf8: parameters.smtputf8 }
    return { from, parameters, recipients, needs, sizeBytes: first.sizeBytes, chunks: () => reading(again) }
  }
  const octets = hasLongLine(content) ? (converted(content) ?? content) : content // most hosts take long lines after all
  const { sizeBytes, chunks } = sendable(octets)
  const mail = { from, parameters, recipients, sizeBytes, chunks, needs: needsOf(octets, first) }
  if (!mail.needs.eightBit) return mail
  return { ...mail, sevenBit: () => orNull(converted(octets)) }
}

const sendable = (octets: Uint8Array): Sendable => ({ sizeBytes: octets.length, chunks: () => [octets] })
const orNull = (octets: Uint8Array | null): Sendable | null => octets && sendable(octets)

/** Null where it would damage a part, or a signature that others have made. */
function converted(octets: Uint8Array): Uint8Array | null {
  const seven = toSevenBit(octets)
  return seven.ok && !seven.value.breaksSignature ? seven.value.content : null
}

const sevenBits = { eightBit: false, smtputf8: false }

function needsOf(octets: Uint8Array, { mail }: DeliveryRow): Mail['needs'] {
  if (isAscii(octets)) return sevenBits
  const { eightBit, utf8Header } = bodyNeeds(octets)
  return { eightBit, smtputf8: utf8Header && mail.smtputf8 }
}

async function* reading(open: () => Promise<Content>): AsyncGenerator<Uint8Array> {
  const content = await open()
  if (content instanceof Uint8Array) yield content
  else yield* content
}
