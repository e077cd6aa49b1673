// Files that go with a draft: they come chunk by chunk and are never in memory. What would not fit into the message is refused
// before it has all come. SE-06
import { z } from 'zod'
import { StoreError } from '#/storage/store.ts'
import type { Content } from '#/message/content.ts'
import type { Draft } from '#/storage/drafts.ts'
import type { Context } from './context.ts'
import { fieldsOf, ownDraft, type Whose } from './draft-fields.ts'
import { draftAsked, newId, whyStale, type Attached } from './drafts.ts'
import { OperationError } from './errors.ts'
import { existing } from './mailboxes.ts'
import { limitOf, megabytes, roomFor, tooLarge } from './send-sizes.ts'

const filesMax = 100
const mediaType = /^[A-Za-z0-9!#$&^_.+-]{1,60}\/[A-Za-z0-9!#$&^_.+-]{1,60}$/

export const attachRequest = z.strictObject({
  ...draftAsked.shape,
  name: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029/\\]+$/, 'a file name has no control characters and no slashes'),
  type: z.string().max(121).optional(),
  size: z.coerce.number().int().min(0).optional().describe('Told before, so that nothing comes in vain'),
})
export type AttachRequest = z.infer<typeof attachRequest>

export async function attachFile(
  context: Context,
  request: AttachRequest,
  chunks: AsyncIterable<Uint8Array>,
): Promise<Attached> {
  const draft = await ownDraft(context, request)
  if (draft.message !== null) throw new OperationError(whyStale(draft))
  if (draft.attached.length >= filesMax) throw new OperationError(`A message has at most ${filesMax} attachments`)
  const { store } = context
  if (store.canAccept() !== 'yes') throw new StoreError('full', 'No mail is taken now: the disk is full or failed')
  const room = await roomOf(context, request, draft)
  if ((request.size ?? 0) > room.bytes) throw new OperationError(room.why)
  const content = await spooled(context, chunks, room)
  const file = { id: newId(context), name: request.name, type: typeOf(request) }
  if (!(await store.drafts.attach(draft.id, file, content))) throw new OperationError(whyStale(draft))
  return { ...file, sizeBytes: content.sizeBytes }
}

const typeOf = ({ type = '' }: AttachRequest): string => (mediaType.test(type) ? type : 'application/octet-stream')

type Room = { readonly bytes: number; readonly why: string }

/** What the message may still grow by, and the mailbox. */
async function roomOf(context: Context, { mailbox, name }: Whose & { name: string }, draft: Draft): Promise<Room> {
  const limit = limitOf(context)
  const bytes = roomFor(fieldsOf(draft), draft.attached, limit)
  const left = mailbox === undefined ? null : await quotaLeft(context, mailbox)
  if (left !== null && left < bytes)
    return { bytes: left, why: `${name} does not fit into your mailbox: ${megabytes(left)} are free` }
  return { bytes, why: `${name} does not fit: ${tooLarge(limit)}, and a file grows by a third` }
}

/** Drafts and copies of what was sent count like received mail. Null: no quota. */
export async function quotaLeft(context: Context, mailbox: string): Promise<number | null> {
  const { id, quotaBytes } = existing(context, mailbox)
  if (quotaBytes === null) return null
  const { bytes } = await context.store.mailboxState(id)
  return Math.max(0, quotaBytes - bytes - (await context.store.drafts.bytes(id)))
}

async function spooled({ store }: Context, chunks: AsyncIterable<Uint8Array>, room: Room): Promise<Content> {
  const spool = store.spool()
  let size = 0
  try {
    for await (const chunk of chunks) {
      size += chunk.length
      if (size > room.bytes) throw new OperationError(room.why)
      await spool.write(chunk)
    }
    return await spool.finish()
  } catch (error) {
    spool.discard()
    throw error
  }
}
