// Mail that this program makes itself: notices, what scripts and people send from here, what a domain that has become ours
// takes back from the queue. The same rules and the same commit as for mail that comes in; only its writer differs.
// Called by mail-relay and operations. Never says that something is kept before the store does.
import { formatAddress, formatPath, type Address, type ReversePath } from '#/message/address.ts'
import type { Content } from '#/message/content.ts'
import { noMailParameters, type MailParameters, type Recipient } from '#/message/envelope.ts'
import { headerEnd } from '#/message/header.ts'
import { messageKey, type MessageKey } from '#/message/key.ts'
import { reply, type Reply } from '#/message/reply.ts'
import type { Memo, Priority } from '#/storage/queue.ts'
import type { Acceptance, MailboxId, RemoteEntry, TraceEvent } from '#/storage/store.ts'
import { forwarded, localEntries, nameOf } from './acceptance.ts'
import { cleanHeader } from './header-cleaning.ts'
import type { IntakeParts } from './parts.ts'
import type { Accepted } from './types.ts'

export type OwnMail = {
  /** Chosen before, so that whoever asks again after a crash finds out whether it was kept. */
  readonly key?: MessageKey
  readonly from: ReversePath
  readonly parameters?: MailParameters
  readonly to: readonly Recipient[]
  /** Straight into these, whatever addresses lead where. */
  readonly mailboxes?: readonly MailboxId[]
  readonly octets: Uint8Array | AsyncIterable<Uint8Array>
  /** Who or what sends it; the rule that lets it out. */
  readonly by: string
  /** Of the trace event, with what else it tells. */
  readonly step: string
  readonly detail?: TraceEvent['detail']
  readonly priority?: Priority
  readonly memo?: Memo
  /** Not before then: copies for mailboxes here wait in the queue too. SE-07 */
  readonly dueAt?: number
  readonly held?: boolean
  /** One recipient refused: nobody gets it, and whoever sends it can mend it and send it again. */
  readonly allOrNone?: true
}
export type Refused = { readonly to: Address; readonly reply: Reply }
/** Null when nobody would get it. `head`: its header section, as far as it is small. */
export type Prepared = {
  readonly acceptance: Acceptance | null
  readonly refused: readonly Refused[]
  readonly head?: Uint8Array
}

/** @throws StoreError when a large message cannot be spooled. */
export async function prepareOwn(parts: IntakeParts, mail: OwnMail): Promise<Prepared> {
  const accepted: Accepted[] = []
  const refused: Refused[] = []
  for (const recipient of mail.to) {
    const judged = route(parts, recipient, mail)
    if ('code' in judged) refused.push({ to: recipient.address, reply: judged })
    else accepted.push({ recipient, route: judged })
  }
  const direct = mail.mailboxes ?? []
  const wanted = accepted.some(({ route: r }) => r.mailboxes.length + r.outside.length > 0)
  if (mail.allOrNone && refused.length > 0) return { acceptance: null, refused }
  if (!wanted && direct.length === 0) return { acceptance: null, refused }
  return { ...(await acceptanceOfOwn(parts, mail, withDirect(parts, accepted, direct))), refused }
}

function route({ directory }: IntakeParts, { address }: Recipient, { by, dueAt }: OwnMail): Accepted['route'] | Reply {
  const resolution = directory.resolve(address)
  switch (resolution.is) {
    case 'local':
      if (dueAt !== undefined) return { mailboxes: [], outside: [address], allowedBy: by }
      return { mailboxes: resolution.mailboxes.map(({ id }) => id), outside: resolution.outside, allowedBy: by }
    case 'remote':
      return { mailboxes: [], outside: [address], allowedBy: by }
    case 'discarded':
      return { mailboxes: [], outside: [], allowedBy: by }
    case 'refused':
      return resolution.reply
    case 'unknown':
      return reply(550, '5.1.1', `There is no mailbox ${formatAddress(address)} here`)
  }
}

function withDirect(parts: IntakeParts, accepted: readonly Accepted[], direct: readonly MailboxId[]): Accepted[] {
  const addressOf = (mailbox: MailboxId): Address => ({
    local: nameOf(parts, mailbox),
    domain: parts.hostname as Address['domain'], // main has parsed it
  })
  return [
    ...accepted,
    ...direct.map((mailbox) => ({
      recipient: { address: addressOf(mailbox), parameters: { notify: null, orcpt: null } },
      route: { mailboxes: [mailbox], outside: [], allowedBy: 'local' },
    })),
  ]
}

async function acceptanceOfOwn(
  parts: IntakeParts,
  mail: OwnMail,
  recipients: readonly Accepted[],
): Promise<{ acceptance: Acceptance; head: Uint8Array }> {
  const at = parts.world.clock.now()
  const key = mail.key ?? messageKey(at, parts.world.random.bytes(10))
  const envelope = {
    from: mail.from,
    parameters: mail.parameters ?? noMailParameters,
    to: recipients.map(({ recipient }) => recipient),
  }
  const { content, head } = await spooled(parts, mail.octets)
  const { subject, messageId, bulk } = cleanHeader(head, { hostname: parts.hostname, isOurs: () => false })
  const local = localEntries(parts, { envelope, recipients })
  const remote = remoteEntries(parts, recipients, bulk ? { priority: 1, ...mail } : mail)
  const event: TraceEvent = {
    ref: key,
    at,
    step: mail.step,
    client: null,
    from: formatPath(mail.from),
    to: envelope.to.map(({ address }) => formatAddress(address)),
    subject,
    messageId,
    detail: {
      by: mail.by,
      ...(local.length > 0 && { storedIn: local.map(({ mailbox }) => nameOf(parts, mailbox)) }),
      ...(remote.length > 0 && { queuedFor: remote.map(({ to }) => formatAddress(to)) }),
      ...mail.detail,
    },
  }
  return { acceptance: { key, at, envelope, content, local, remote, event }, head }
}

const headBytesMax = 65_536

/** The octets in the spool, and the header section as far as it is small. */
async function spooled(parts: IntakeParts, octets: OwnMail['octets']): Promise<{ content: Content; head: Uint8Array }> {
  const spool = parts.store.spool()
  let head: Uint8Array = Buffer.alloc(0)
  try {
    const chunks = octets instanceof Uint8Array ? [octets] : octets
    for await (const chunk of chunks) {
      if (head.length < headBytesMax) head = Buffer.concat([head, chunk.subarray(0, headBytesMax)])
      await spool.write(chunk)
    }
    const end = headerEnd(head)
    return { content: await spool.finish(), head: head.subarray(0, end?.fieldsEnd ?? head.length) }
  } catch (error) {
    spool.discard()
    throw error
  }
}

function remoteEntries(parts: IntakeParts, recipients: readonly Accepted[], mail: OwnMail): RemoteEntry[] {
  const entries = new Map<string, RemoteEntry>()
  const { priority, memo, dueAt, held } = mail
  for (const { recipient, route: r } of recipients)
    for (const to of r.outside) {
      const asked = {
        to,
        parameters: recipient.parameters,
        allowedBy: r.allowedBy,
        ...(memo !== undefined && { memo }),
      }
      const mapped = parts.directory.isLocalDomain(recipient.address.domain)
      entries.set(formatAddress(to), {
        ...(mapped ? forwarded(parts, mail, { asked, route: r }) : asked),
        ...(priority !== undefined && { priority }),
        ...(dueAt !== undefined && { dueAt }),
        ...(held !== undefined && { held }),
      })
    }
  return [...entries.values()]
}
