// The two judgements of a transaction: may this sender be used (MAIL), will this recipient be taken (RCPT).
// Called by open.ts at each command with the rules of that moment. Plain values for local recipients: the hot path. AC-16
import { addressKey, parseAddress, type Address, type ReversePath } from '#/message/address.ts'
import type { Resolution } from '#/accounts/types.ts'
import { isLimited, type Quotas } from '#/mailboxes/quota.ts'
import type { Envelope, Recipient } from '#/message/envelope.ts'
import { printable } from '#/message/printable.ts'
import { reply, type Reply } from '#/message/reply.ts'
import type { MailboxId } from '#/storage/store.ts'
import type { AccessResult } from './access-judge.ts'
import type { IntakeParts } from './parts.ts'
import { said } from './replies.ts'
import type { Accepted, Client, Route, Verdict } from './types.ts'

export type JudgeParts = IntakeParts & {
  readonly quotas: Quotas
  readonly access: (address: string) => AccessResult | Promise<AccessResult>
}

export function judgeSender(parts: JudgeParts, client: Client, envelope: Omit<Envelope, 'to'>): Reply {
  const room = parts.store.canAccept()
  if (room === 'full') return said.storeFull
  if (room === 'failed') return said.storeFailed
  if (mustLogIn(client)) return said.loginFirst
  const { mailServer } = parts.settingsNow()
  const { from, parameters } = envelope
  if ((parameters.sizeBytes ?? 0) > mailServer.messageBytesMax) return said.tooBig
  if (from !== null && !parameters.smtputf8 && !isAscii(from.local)) return said.needsUtf8
  if (from !== null && client.user !== null && mailServer.relayOnlyOwnSender) return judgeOwner(parts, client, from)
  return said.senderFine
}

const mustLogIn = (client: Client): boolean => client.listener !== 'smtp' && client.user === null
const isAscii = (text: string): boolean => !/[^\u0000-\u007f]/.test(text)

/** RLY-18: a signed-in user does not write in another's name. */
function judgeOwner({ directory, settingsNow }: JudgeParts, client: Client, from: Address): Reply {
  const mailbox = client.user === null ? undefined : directory.mailboxById(client.user)
  if (!mailbox) return said.loginFirst // removed while the connection stayed open
  if (directory.owns(mailbox, from)) return said.senderFine
  const { addresses, domains } = directory.all()
  const candidates = new Set([
    ...addresses.map((row) => row.address),
    ...[...domains.map((row) => row.name), ...settingsNow().server.localNames].map((name) => `${mailbox.name}@${name}`),
  ])
  const own = [...candidates].filter((text) => {
    const address = text.includes('*') ? null : parseAddress(text)
    return address?.ok === true && directory.owns(mailbox, address.value)
  })
  const list = own.length === 0 ? 'you have no address here' : `you may use ${own.slice(0, 5).join(', ')}`
  return reply(553, '5.7.1', `This sender address is not yours; ${printable(list)}`)
}

export type RecipientCase = {
  readonly client: Client
  readonly from: ReversePath
  readonly sizeBytes: number | null // as MAIL announced it
  readonly recipient: Recipient
  readonly accepted: readonly Accepted[]
}

export function judgeRecipient(parts: JudgeParts, asked: RecipientCase): Verdict | Promise<Verdict> {
  if (mustLogIn(asked.client)) return refuse(said.loginFirst)
  if (asked.from === null && isSecond(asked)) return refuse(said.manyForNobody)
  const bounce = asked.from === null ? parts.outbound?.bounceOf(asked.recipient.address) : null
  if (bounce) return accept({ mailboxes: [bounce], outside: [], allowedBy: 'bounce of a forwarded message' })
  const resolution = parts.directory.resolve(asked.recipient.address)
  switch (resolution.is) {
    case 'local':
      return judgeLocal(parts, asked, resolution)
    case 'discarded':
      return { accept: true, reply: said.recipientFine, route: nowhere }
    case 'refused':
      return refuse(resolution.reply)
    case 'unknown':
      return refuse(said.noSuchMailbox)
    case 'remote':
      return judgeRelay(parts, asked)
  }
}

/** AD-15 */
const nowhere: Route = { mailboxes: [], outside: [], allowedBy: 'domain catch' }
const accept = (route: Route): Verdict => ({ accept: true, reply: said.recipientFine, route })
const refuse = (said: Reply): Verdict => ({ accept: false, reply: said })

/** The same recipient given twice is one recipient. IN-19 */
function isSecond({ accepted, recipient }: RecipientCase): boolean {
  const key = addressKey(recipient.address)
  return accepted.some((one) => addressKey(one.recipient.address) !== key)
}

function judgeLocal(
  parts: JudgeParts,
  asked: RecipientCase,
  { mailboxes, outside, rule }: Resolution & { is: 'local' },
): Verdict | Promise<Verdict> {
  const route = { mailboxes: mailboxes.map((row) => row.id), outside, allowedBy: rule }
  // Who gets a copy in this transaction already gets no second one. AD-09
  const limited = mailboxes.filter(isLimited).filter(({ id }) => !hasCopy(asked, id))
  if (limited.length === 0) return { accept: true, reply: said.recipientFine, route }
  const full = parts.quotas.full(limited, asked.sizeBytes ?? 0) // only the store knows how full a mailbox is now
  return full.then((ids) => withoutFull(route, ids) ?? refuse(overQuota(parts.settingsNow().mailServer.overQuota)))
}

/** A list goes on without its full mailboxes; null when nobody is left. One answer for one recipient: RFC 5321 §4.2 */
function withoutFull(route: Route, full: readonly MailboxId[]): Verdict | null {
  if (full.length === 0) return { accept: true, reply: said.recipientFine, route }
  const without = new Set(full)
  const mailboxes = route.mailboxes.filter((id) => !without.has(id))
  if (mailboxes.length + route.outside.length === 0) return null
  return { accept: true, reply: said.recipientFine, route: { ...route, mailboxes, full } }
}

const hasCopy = ({ accepted }: RecipientCase, mailbox: MailboxId): boolean =>
  accepted.some(({ route }) => route.mailboxes.includes(mailbox))

function overQuota(policy: 'defer' | 'refuse'): Reply {
  return policy === 'defer'
    ? reply(452, '4.2.2', 'The mailbox is full; please try again later (see FAQ: mailbox-full)')
    : reply(552, '5.2.2', 'The mailbox is full (see FAQ: mailbox-full)')
}

function judgeRelay(parts: JudgeParts, asked: RecipientCase): Verdict | Promise<Verdict> {
  const { client, recipient } = asked
  if (!parts.settingsNow().mailServer.forwarding)
    return refuse(denied('this server does not forward mail to other servers'))
  if (client.user !== null) return relay(recipient, `user ${client.userName ?? client.user}`)
  const result = parts.access(client.address)
  return result instanceof Promise ? result.then((late) => byAccess(asked, late)) : byAccess(asked, result)
}

const denied = (why: string): Reply => reply(550, '5.7.1', `Relaying denied: ${why} (see FAQ: relaying-denied)`)

function relay({ address }: Recipient, allowedBy: string): Verdict {
  return { accept: true, reply: said.recipientFine, route: { mailboxes: [], outside: [address], allowedBy } }
}

function byAccess({ client, from, recipient }: RecipientCase, result: AccessResult): Verdict {
  if (result.is === 'unknown') return refuse(said.accessUnknown)
  if (result.is === 'deny')
    return refuse(denied(`${client.address} is not on the list of clients that may send to other servers`))
  if (!mayUse(result.senders, from)) return refuse(denied('this client may not use this sender address'))
  return relay(recipient, `access rule ${result.rule}`)
}

/** AC-12. A notice without sender passes: it impersonates nobody. */
export function mayUse(senders: readonly string[], from: ReversePath): boolean {
  if (senders.length === 0 || from === null) return true
  const key = addressKey(from)
  return senders.some((allowed) => {
    const wanted = allowed.toLowerCase()
    return wanted.startsWith('@') ? `@${from.domain}` === wanted : key === wanted
  })
}
