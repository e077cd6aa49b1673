// Mail from a person or a script on this machine: queued first, then delivered by the relay or put into mailboxes here.
// For `netcruiser send`, `sendmail`, the pickup folder and draft-send.ts. SE-01, SE-02, SE-03, SE-07, SE-08
import { z } from 'zod'
import { noMailParameters } from '#/message/envelope.ts'
import { prepareOwn, type OwnMail } from '#/intake/own.ts'
import {
  addressKey,
  formatAddress,
  parseAddress,
  parseDomain,
  type Address,
  type ReversePath,
} from '#/message/address.ts'
import { composeText } from '#/message/compose.ts'
import { messageKey, type MessageKey } from '#/message/key.ts'
import type { Streamed } from '#/message/compose-stream.ts'
import { bodyNeeds } from '#/message/seven-bit.ts'
import { prepareSubmission } from '#/message/submission.ts'
import type { WrittenMark } from '#/storage/drafts.ts'
import type { Memo } from '#/storage/queue.ts'
import { StoreError } from '#/storage/store.ts'
import { whoIs } from './audit.ts'
import type { Context } from './context.ts'
import { peopleOf } from './draft-fields.ts'
import { OperationError } from './errors.ts'

const list = z.array(z.string()).default([])
const timing = {
  /** Not before this moment. */
  at: z.number().optional(),
  /** So long it can be called back with `send cancel`. */
  undoMs: z.int().min(0).max(86_400_000).default(0),
}
export const sendRequest = z.strictObject({
  from: z.string(),
  to: list,
  cc: list,
  bcc: list,
  subject: z.string().default(''),
  text: z.string().default(''),
  attachments: z.array(z.strictObject({ name: z.string(), type: z.string(), base64: z.string() })).default([]),
  ...timing,
})
/** A message that is written already. */
export const sendRawRequest = z.strictObject({
  base64: z.string(),
  /** Writes it where it has no From, and stands in the envelope where it has no Sender either. */
  defaultFrom: z.string(),
  /** Of the envelope; left out: as the header says. `<>`: nobody hears of a failure. */
  from: z.string().optional(),
  /** Besides those of the header when `fromHeader`, otherwise alone. */
  recipients: list,
  fromHeader: z.boolean().default(false),
  ...timing,
})

/** `refused`: nobody got it. `key` is null then, and where every recipient is one whose mail is thrown away. */
export type Sent = {
  readonly key: string | null
  readonly storedIn: readonly string[]
  readonly queuedFor: readonly string[]
  readonly laterAt: number | null
  readonly refused: readonly { readonly to: string; readonly because: string }[]
}
export type Envelope = {
  readonly from: ReversePath
  readonly to: readonly Address[]
  readonly by: string
  readonly key?: MessageKey
  /** It was a draft, and what its deliveries remember from the start. */
  readonly written?: WrittenMark
  readonly memo?: Memo
}
/** Octets at once, or chunk by chunk with what has been found out about them. */
export type Octets = Uint8Array | Streamed
type Timing = { readonly at?: number | undefined; readonly undoMs?: number }

export async function send(context: Context, request: z.infer<typeof sendRequest>): Promise<Sent> {
  const [from, ...more] = peopleOf(context, [request.from])
  if (from === undefined || more.length > 0) throw new OperationError(`${request.from}: one sender is needed`)
  const [to, cc, bcc] = [request.to, request.cc, request.bcc].map((texts) => peopleOf(context, texts))
  const attachments = request.attachments.map(({ base64, ...file }) => ({
    ...file,
    octets: Buffer.from(base64, 'base64'),
  }))
  const { subject, text } = request
  const draft = { from, to: to!, cc: cc!, subject, text, attachments, ...stamp(context) }
  const composed = composeText(draft)
  if (!composed.ok) throw new OperationError(composed.problem)
  const recipients = [...to!, ...cc!, ...bcc!].map(({ address }) => address)
  const { at, undoMs } = request
  return sendOctets(context, composed.value, {
    from: from.address,
    to: recipients,
    by: whoIs(context.actor),
    at,
    undoMs,
  })
}

export async function sendRaw(context: Context, request: z.infer<typeof sendRawRequest>): Promise<Sent> {
  const raw = Buffer.from(request.base64, 'base64')
  const written = readMessage(context, raw, addressOf(context, request.defaultFrom))
  const { problems } = written
  if (request.fromHeader && problems.length > 0)
    throw new OperationError(`The message is not sent: ${problems.join('; ')}`)
  const named = request.recipients.map((text) => addressOf(context, text))
  const from = request.from === undefined ? written.from : pathOf(context, request.from)
  const to = request.fromHeader ? [...named, ...written.to] : named
  const { at, undoMs } = request
  return sendOctets(context, written.content, { from, to, by: whoIs(context.actor), at, undoMs })
}

/** Made ready as RFC 6409 §8 lets a submission server do. */
export const readMessage = (context: Context, raw: Uint8Array, defaultFrom: Address) =>
  prepareSubmission(raw, { ...stamp(context), defaultFrom })

/** @throws StoreError when it cannot be kept. */
export async function sendOctets(context: Context, octets: Octets, envelope: Envelope & Timing): Promise<Sent> {
  const { store, settings, world, outgoing } = context
  const { messageBytesMax } = settings.now().mailServer
  const sizeBytes = octets instanceof Uint8Array ? octets.length : octets.sizeBytes
  if (sizeBytes > messageBytesMax)
    throw new OperationError(`The message is too large: ${sizeBytes} octets, ${messageBytesMax} are allowed`)
  if (envelope.to.length === 0) throw new OperationError('Nobody is named to send it to')
  if (store.canAccept() !== 'yes') throw new StoreError('full', 'No mail is taken now: the disk is full or failed')
  const intake = { ...context, settingsNow: settings.now }
  const mail = ownMail(octets, envelope, world.clock.now())
  const { acceptance, refused, head } = await prepareOwn(intake, mail)
  if (acceptance !== null) {
    const lease = mail.dueAt === undefined ? (outgoing?.claim(acceptance.remote.length) ?? null) : null
    const { written } = envelope
    const answer = head && context.answering?.(acceptance, head)
    const rows = await store.accept({ ...acceptance, lease, ...(written && { written }) })
    if (rows.length > 0) outgoing?.queued(rows)
    answer?.()
  }
  const { storedIn = [], queuedFor = [] } = (acceptance?.event.detail ?? {}) as Partial<Sent> // written by prepareOwn
  return {
    key: acceptance?.key ?? null,
    storedIn,
    queuedFor,
    laterAt: mail.dueAt ?? null,
    refused: refused.map(({ to, reply }) => ({ to: formatAddress(to), because: reply.lines.join(' ') })),
  }
}

function ownMail(octets: Octets, envelope: Envelope & Timing, now: number): OwnMail {
  const { from, to, by, at, undoMs = 0, key, memo } = envelope
  const laterAt = Math.max(at ?? 0, undoMs > 0 ? now + undoMs : 0)
  const isLater = laterAt > now
  const { eightBit, utf8Header } = octets instanceof Uint8Array ? bodyNeeds(octets) : { ...octets, eightBit: false } // composed: in 7 bits
  const smtputf8 = utf8Header || [from, ...to].some((address) => address !== null && /[^ -~]/.test(address.local))
  return {
    from,
    to: unique(to).map((address) => ({ address, parameters: { notify: null, orcpt: null } })),
    parameters: { ...noMailParameters, body: eightBit ? '8BITMIME' : null, smtputf8 },
    octets: octets instanceof Uint8Array ? octets : octets.chunks(),
    by,
    step: 'sent',
    allOrNone: true,
    ...(key !== undefined && { key }),
    ...(memo && { memo }),
    ...(isLater && { dueAt: laterAt, memo: { ...memo, laterAt }, detail: { laterAt } }),
  }
}

export const unique = (addresses: readonly Address[]): readonly Address[] => [
  ...new Map(addresses.map((address) => [addressKey(address), address])).values(),
]

export function stamp({ world, hostname }: Context): { at: number; messageId: string } {
  const at = world.clock.now()
  return { at, messageId: `<${messageKey(at, world.random.bytes(10))}@${hostname}>` }
}

/** `ann@example.org`, or a name without a domain: one of this server. */
export function addressOf({ hostname }: Context, text: string): Address {
  const domain = parseDomain(hostname)
  const parsed = parseAddress(text.includes('@') || !domain.ok ? text : `${text}@${domain.value}`)
  if (!parsed.ok) throw new OperationError(`${text}: ${parsed.problem}`)
  return parsed.value
}

export const pathOf = (context: Context, text: string): ReversePath =>
  text === '<>' || text === '' ? null : addressOf(context, text)
