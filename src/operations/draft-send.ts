// A draft becomes a message: composed, checked, queued, the draft gone or kept as long as the message can be taken back. However
// often it is asked, after a lost answer or a crash, one message is queued and one copy kept. SE-01 to SE-07
import { z } from 'zod'
import type { Correspondent } from '#/message/address-list.ts'
import { composeStream, type AttachedFile, type Streamed } from '#/message/compose-stream.ts'
import type { Draft, DraftFile } from '#/storage/drafts.ts'
import { StoreError } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { fieldsOf, ownDraft, peopleOf, writerOf, type DraftFields, type Whose } from './draft-fields.ts'
import { quotaLeft } from './draft-files.ts'
import { draftAsked, whyStale } from './drafts.ts'
import { OperationError } from './errors.ts'
import { checkSender } from './send-addresses.ts'
import { limitOf, megabytes, tooLarge } from './send-sizes.ts'
import { sendOctets, stamp, type Sent } from './send.ts'

export const sendDraftRequest = z.strictObject({
  ...draftAsked.shape,
  version: z.int().min(1).describe('The one that was read; another one is not sent'),
  at: z.number().optional().describe('Not before this moment'),
})
type Request = z.infer<typeof sendDraftRequest>
export const queuedDraft = z.strictObject({
  message: z.string().nullable().describe('Its key in the queue and the trace; null: nobody gets it'),
  leavesAt: z.number().nullable().describe('It can be taken back until then'),
  refused: z.array(z.strictObject({ to: z.string(), because: z.string() })).describe('Then it is queued for nobody'),
})
type Queued = z.infer<typeof queuedDraft>

export async function sendDraft(context: Context, request: Request): Promise<Queued> {
  const queued = await queuedBefore(context, request)
  if (queued) return queued
  const draft = await ownDraft(context, request)
  if (draft.version !== request.version) throw new OperationError(whyStale(draft))
  const message = await composed(context, draft, request)
  try {
    return await queue(context, message, { draft, request })
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'conflict') throw error
    const again = await queuedBefore(context, request)
    if (again) return again
    if (isSame(draft, await ownDraft(context, request)))
      throw new OperationError('One of the mailboxes here takes no mail now: it may be full. Nothing was sent.')
    throw new OperationError(whyStale(draft))
  }
}

const isSame = (a: Draft, b: Draft): boolean => a.version === b.version && a.files === b.files

/** What was answered, or would have been, to the one who asked first. */
async function queuedBefore({ store, ...context }: Context, request: Request): Promise<Queued | null> {
  const message = await store.drafts.messageOf(writerOf({ store, ...context }, request), request.draft)
  if (message === undefined) return null
  const leavesAt = (await store.drafts.ofMessage(message))?.leavesAt ?? null
  return { message, leavesAt, refused: [] }
}

type Composed = {
  readonly octets: Streamed
  readonly from: Correspondent
  readonly to: readonly Correspondent[]
}

async function composed(context: Context, draft: Draft, asked: Whose): Promise<Composed> {
  const fields = fieldsOf(draft)
  const from = await senderOf(context, fields, asked)
  const [to, cc, bcc] = [fields.to, fields.cc, fields.bcc].map((texts) => peopleOf(context, texts))
  const everybody = [...to!, ...cc!, ...bcc!]
  if (everybody.length === 0) throw new OperationError('Nobody is named to send it to: fill in To, Cc or Bcc')
  const { subject, text, references } = fields
  const files = draft.attached.map((file) => fileOf(context, file))
  const stream = composeStream({ from, to: to!, cc: cc!, subject, text, references, ...stamp(context) }, files)
  if (!stream.ok) throw new OperationError(stream.problem)
  await checkSize(context, stream.value, asked)
  return { octets: stream.value, from, to: everybody }
}

async function senderOf(context: Context, { from }: DraftFields, asked: Whose): Promise<Correspondent> {
  if (from === '') throw new OperationError('Choose the address to send from')
  const [sender, ...more] = peopleOf(context, [from])
  if (sender === undefined || more.length > 0) throw new OperationError(`${from}: one sender is needed`)
  await checkSender(context, asked, sender.address)
  return sender
}

const fileOf = ({ store }: Context, { name, type, sizeBytes, content, file }: DraftFile): AttachedFile => ({
  name,
  type,
  sizeBytes,
  open: async () => {
    const octets = await store.queue.content({ content, file })
    return octets instanceof Uint8Array ? [octets] : octets
  },
})

async function checkSize(context: Context, { sizeBytes }: Streamed, { mailbox }: Whose): Promise<void> {
  const limit = limitOf(context)
  if (sizeBytes > limit.bytesMax)
    throw new OperationError(`The message has ${megabytes(sizeBytes)}, but ${tooLarge(limit)}`)
  const left = mailbox === undefined ? null : await quotaLeft(context, mailbox)
  if (left !== null && left < sizeBytes)
    throw new OperationError(
      `There is no room in your mailbox for the copy of what you send: ${megabytes(left)} are free`,
    )
}

type Queueing = { readonly draft: Draft; readonly request: Request }

async function queue(context: Context, { octets, from, to }: Composed, { draft, request }: Queueing): Promise<Queued> {
  const { server, undoMs } = context.settings.now().sendEMail
  const now = context.world.clock.now()
  const later = Math.max(request.at ?? 0, undoMs > 0 ? now + undoMs : 0)
  const leavesAt = later > now ? later : null
  const sent = await sendOctets(context, octets, {
    from: from.address,
    to: to.map(({ address }) => address),
    by: request.mailbox === undefined ? 'Send E-Mail' : `user ${request.mailbox}`,
    written: { owner: draft.owner, draft, leavesAt },
    ...(server !== '' && { memo: { byServer: `alternate:${server}` } }),
    ...(leavesAt !== null && { at: leavesAt }),
  })
  return shown(sent)
}

const shown = ({ key, laterAt, refused }: Sent): Queued => ({
  message: key,
  leavesAt: key === null ? null : laterAt,
  refused: [...refused],
})
