// From a received message to all that its acceptance changes: one entry per mailbox, one delivery per outside address.
// Called by receiving.ts; pure but for reading the directory. AD-05, AD-09
import { formatAddress, formatPath } from '#/message/address.ts'
import type { Content } from '#/message/content.ts'
import type { Envelope } from '#/message/envelope.ts'
import { formatReply, reply, type Reply } from '#/message/reply.ts'
import { deliveredToField, originalToField, returnPathField } from '#/message/trace-fields.ts'
import type { Acceptance, LocalEntry, MailboxId, RemoteEntry, TraceEvent } from '#/storage/store.ts'
import type { HeaderFacts } from './header-cleaning.ts'
import type { IntakeParts } from './parts.ts'
import type { Transaction } from './receiving.ts'
import type { Accepted, Route } from './types.ts'

type Body = { readonly content: Content; readonly header: HeaderFacts; readonly eightBit: boolean }

export function acceptanceOf(parts: IntakeParts, transaction: Transaction, body: Body): Acceptance {
  const { key, at, recipients } = transaction
  const envelope = truthful(transaction.envelope, body)
  const local = localEntries(parts, transaction)
  const remote = remoteRows(parts, transaction, body.header)
  const lease = remote.length > 0 ? (parts.outbound?.claim(remote.length) ?? null) : null
  const fate = {
    storedIn: local.map(({ mailbox }) => nameOf(parts, mailbox)),
    full: missedBy(recipients).map((mailbox) => nameOf(parts, mailbox)),
    queuedFor: remote.map(({ to }) => formatAddress(to)),
    reply: formatReply(storedReply({ key, local, remote })).trimEnd(),
  }
  const event = receivedEvent(transaction, { header: body.header, sizeBytes: body.content.sizeBytes }, fate)
  return { key, at, envelope, content: body.content, local, remote, lease, event }
}

/** What was seen counts more than what was announced: the next hop is asked for no more than the message needs. RO-23 */
const truthful = (envelope: Envelope, { eightBit }: Body): Envelope => ({
  ...envelope,
  parameters: { ...envelope.parameters, body: eightBit ? '8BITMIME' : null },
})

export const nameOf = ({ directory }: IntakeParts, mailbox: MailboxId): string =>
  directory.mailboxById(mailbox)?.name ?? String(mailbox)

/** Mailboxes of lists that get no copy for want of room. */
export const missedBy = (recipients: readonly Accepted[]): MailboxId[] => [
  ...new Set(recipients.flatMap(({ route }) => route.full ?? [])),
]

export const isDiscarded = ({ route }: Accepted): boolean => route.mailboxes.length + route.outside.length === 0

/** The trace of a message that nobody gets. AD-15 */
export const discardedEvent = (transaction: Transaction, facts: Facts, said: Reply): TraceEvent =>
  receivedEvent(transaction, facts, { storedIn: [], full: [], queuedFor: [], reply: formatReply(said).trimEnd() })

/** One copy for each mailbox, however many of its addresses were given. AD-09 */
export function localEntries(
  parts: IntakeParts,
  { envelope, recipients }: Pick<Transaction, 'envelope' | 'recipients'>,
): LocalEntry[] {
  const byMailbox = new Map<MailboxId, string[]>()
  for (const { recipient, route } of recipients) {
    const original = formatAddress(recipient.address)
    for (const mailbox of route.mailboxes) {
      const known = byMailbox.get(mailbox)
      if (!known) byMailbox.set(mailbox, [original])
      else if (!known.includes(original)) known.push(original)
    }
  }
  if (byMailbox.size === 0) return []
  const path = returnPathField(envelope.from)
  return Array.from(byMailbox, ([mailbox, originals]) => {
    const prefix =
      path + deliveredToField(`${nameOf(parts, mailbox)}@${parts.hostname}`) + originals.map(originalToField).join('')
    return { mailbox, recipients: originals, prefix }
  })
}

/** Mail for more recipients than a person writes to goes behind the others. QU-15 */
const bulkMin = 20

function remoteRows(parts: IntakeParts, { envelope, recipients }: Transaction, { bulk }: HeaderFacts): RemoteEntry[] {
  const rows = new Map<string, RemoteEntry>()
  for (const accepted of recipients)
    for (const to of accepted.route.outside) {
      // Only the domain may be folded for an address of others. RFC 5321 §2.4
      const { recipient, route } = accepted
      const asked = { to, parameters: recipient.parameters, allowedBy: route.allowedBy }
      const row = isForward(accepted) ? forwarded(parts, envelope, { asked, route }) : asked
      const address = formatAddress(to)
      if (!rows.has(address)) rows.set(address, row)
    }
  const entries = [...rows.values()]
  return entries.length < bulkMin && !bulk ? entries : entries.map((entry) => ({ ...entry, priority: 1 }))
}

/** A mapping of ours sends it on, whoever wrote it. */
export const isForward = ({ route: { outside, allowedBy } }: Accepted): boolean =>
  outside.length > 0 && (allowedBy === 'local' || allowedBy === 'domain catch')

type Forwarding = { readonly asked: RemoteEntry; readonly route: Route }

/** Under a sender of ours, and its owner hears of a failure. AD-14. For the sender it has arrived here: the next server is
 *  asked to tell of no success, while silence stays silence. RFC 3461 §5.2.7.3 */
export function forwarded(
  parts: IntakeParts,
  { from }: Pick<Envelope, 'from'>,
  { asked, route }: Forwarding,
): RemoteEntry {
  const [mailbox] = route.mailboxes
  const owner = mailbox === undefined ? '' : nameOf(parts, mailbox)
  const notify = asked.parameters.notify === 'NEVER' ? 'NEVER' : null
  return {
    ...asked,
    parameters: { ...asked.parameters, notify },
    from: parts.outbound?.forwardedAs(from) ?? from,
    memo: { ...asked.memo, owner },
  }
}

type Fate = {
  readonly storedIn: readonly string[]
  readonly full: readonly string[]
  readonly queuedFor: readonly string[]
  readonly reply: string
}

type Facts = { readonly header: HeaderFacts; readonly sizeBytes: number }

function receivedEvent(transaction: Transaction, { header, sizeBytes }: Facts, fate: Fate): TraceEvent {
  const { client, envelope, recipients, key, at } = transaction
  const discardedFor = recipients.filter(isDiscarded).map(({ recipient }) => formatAddress(recipient.address))
  return {
    ref: key,
    at,
    step: 'received',
    client: client.address,
    from: formatPath(envelope.from),
    to: recipients.map(({ recipient }) => formatAddress(recipient.address)),
    subject: header.subject,
    messageId: header.messageId,
    detail: {
      listener: client.listener,
      ehlo: client.ehlo,
      tls: client.tls === null ? null : `${client.tls.version} ${client.tls.cipher}`,
      user: client.userName,
      sizeBytes,
      storedIn: someOf(fate.storedIn),
      full: someOf(fate.full),
      queuedFor: someOf(fate.queuedFor),
      discardedFor: someOf(discardedFor),
      reply: fate.reply,
      rules: [...new Set(recipients.map(({ route }) => route.allowedBy))],
      removedFields: someOf(header.removed),
    },
  }
}

/** What is undefined is not written. */
const someOf = (words: readonly string[]): readonly string[] | undefined => (words.length > 0 ? words : undefined)

export function storedReply({ key, local, remote }: Pick<Acceptance, 'key' | 'local' | 'remote'>): Reply {
  const done = remote.length === 0 ? 'Stored' : local.length === 0 ? 'Queued' : 'Stored and queued'
  return reply(250, '2.0.0', `${done} as ${key}`)
}
