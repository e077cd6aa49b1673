// Messages that are being written: saved as one types, listed, shown, removed. SE-04
import { z } from 'zod'
import { messageKey } from '#/message/key.ts'
import type { Draft } from '#/storage/drafts.ts'
import type { Context } from './context.ts'
import { draftFields, fieldsOf, ownDraft, whose, writerOf, type Whose } from './draft-fields.ts'
import { OperationError } from './errors.ts'

const draftsMax = 500

export const draftAsked = z.strictObject({ ...whose, draft: z.string().max(100) })
type Asked = z.infer<typeof draftAsked>
export const saveRequest = z.strictObject({
  ...whose,
  draft: z.string().max(100).optional().describe('Left out: a new one'),
  version: z.int().min(1).optional().describe('The one that was read; another one is refused'),
  fields: draftFields,
})
export const savedDraft = z.strictObject({ draft: z.string(), version: z.int(), at: z.number() })

export async function saveDraft(
  context: Context,
  request: z.infer<typeof saveRequest>,
): Promise<z.infer<typeof savedDraft>> {
  const { store, world } = context
  const { draft: id = newId(context), version, fields: given } = request
  const [at, fields] = [world.clock.now(), JSON.stringify(given)]
  if (request.draft === undefined) {
    if (!(await store.drafts.add({ id, owner: writerOf(context, request), at, fields }, draftsMax)))
      throw new OperationError(`There are ${draftsMax} drafts already: send or remove some`)
    return { draft: id, version: 1, at }
  }
  const before = await ownDraft(context, { ...request, draft: id })
  if (version === undefined) throw new OperationError('Say which version of the draft you have read')
  if (!(await store.drafts.put({ id, version, at, fields }))) throw new OperationError(whyStale(before))
  return { draft: id, version: version + 1, at }
}

export const newId = ({ world }: Context): string => messageKey(world.clock.now(), world.random.bytes(10))

export const whyStale = ({ message }: Draft): string =>
  message === null
    ? 'This draft was changed in another window since you opened it: open it again to see what it says now'
    : 'This message is queued already: take it back to change it'

export const attachedFile = z.strictObject({ id: z.string(), name: z.string(), type: z.string(), sizeBytes: z.int() })
export type Attached = z.infer<typeof attachedFile>
export const shownDraft = z.strictObject({
  draft: z.string(),
  version: z.int(),
  at: z.number(),
  fields: draftFields,
  attached: z.array(attachedFile),
  message: z.string().nullable().describe('Its message, while that can be taken back'),
})

export async function showDraft(context: Context, asked: Asked): Promise<z.infer<typeof shownDraft>> {
  const draft = await ownDraft(context, asked)
  const { id, version, at, attached, message } = draft
  const files = attached.map(({ id: file, name, type, sizeBytes }) => ({ id: file, name, type, sizeBytes }))
  return { draft: id, version, at, fields: fieldsOf(draft), attached: files, message }
}

export const pageAsked = z.strictObject({
  ...whose,
  limit: z.int().min(1).max(200).default(50),
  after: z.string().max(100).nullable().default(null),
})
export const draftRow = z.strictObject({
  draft: z.string(),
  at: z.number(),
  subject: z.string(),
  to: z.array(z.string()),
  attached: z.int(),
})
export const draftPage = z.strictObject({ rows: z.array(draftRow), next: z.string().nullable() })

/** Newest first. */
export async function listDrafts(
  context: Context,
  asked: z.infer<typeof pageAsked>,
): Promise<z.infer<typeof draftPage>> {
  const found = await context.store.drafts.list(writerOf(context, asked), asked)
  const rows = found.map((draft) => {
    const { subject, to, cc, bcc } = fieldsOf(draft)
    return { draft: draft.id, at: draft.at, subject, to: [...to, ...cc, ...bcc], attached: draft.attached.length }
  })
  return { rows, next: found.length < asked.limit ? null : found.at(-1)!.id }
}

export const removed = z.strictObject({ removed: z.string() })

export async function removeDraft(context: Context, asked: Asked): Promise<z.infer<typeof removed>> {
  const draft = await ownDraft(context, asked)
  if (!(await context.store.drafts.remove(draft.id))) throw new OperationError(whyStale(draft))
  return { removed: draft.id }
}

export const detachRequest = z.strictObject({ ...draftAsked.shape, file: z.string().max(100) })

export async function detachFile(
  context: Context,
  request: Whose & { draft: string; file: string },
): Promise<z.infer<typeof removed>> {
  const draft = await ownDraft(context, request)
  if (draft.message !== null) throw new OperationError(whyStale(draft))
  if (!(await context.store.drafts.detach(draft.id, request.file)))
    throw new OperationError('This attachment is gone already')
  return { removed: request.file }
}
