// What waits for its time before it leaves: listed, and taken back as long as no delivery has begun. SE-07
import { z } from 'zod'
import { dropped } from '#/mail-relay/by-hand.ts'
import { about } from '#/mail-relay/events.ts'
import type { MessageKey } from '#/message/key.ts'
import type { DeliveryRow } from '#/storage/queue.ts'
import { StoreError } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { fieldsOf, whose, writerOf, type Whose } from './draft-fields.ts'
import { OperationError } from './errors.ts'

export const cancelRequest = z.strictObject({ ...whose, message: z.string().max(100) })
export const cancelled = z.strictObject({
  draft: z.string().nullable().describe('It is there again as it was; null: the message was no draft'),
  recipients: z.int(),
})
type Asked = z.infer<typeof cancelRequest>

export async function cancelSend(context: Context, asked: Asked): Promise<z.infer<typeof cancelled>> {
  const { store, world } = context
  const rows = await ownRows(context, asked)
  const at = world.clock.now()
  const moves = rows.map((row) => ({ row, to: { ...dropped(row), lease: null } }))
  const events = rows.map((row) => ({ ...about(row, at), step: 'taken-back', detail: { by: nameOf(asked) } }))
  const draft = await store.drafts.ofMessage(asked.message)
  try {
    await store.queue.move({ at, moves, events, takenBack: asked.message as MessageKey }) // it has rows of that name
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'conflict') throw error
    throw new OperationError(begun)
  }
  return { draft: draft?.id ?? null, recipients: rows.length }
}

const nameOf = ({ mailbox }: Whose): string => (mailbox === undefined ? 'administrator' : `user ${mailbox}`)
const begun = 'Its delivery has begun, so it cannot be taken back any more'
const hasNotBegun = ({ state, attempts }: DeliveryRow): boolean =>
  (state === 'waiting' || state === 'held') && attempts === 0

async function ownRows(context: Context, asked: Asked): Promise<readonly DeliveryRow[]> {
  const { store } = context
  const rows = await store.queue.ofMessage(asked.message)
  const isTheirs = (await store.drafts.sentMessage(writerOf(context, asked), asked.message)) !== undefined
  if (rows.length === 0 || (asked.mailbox !== undefined && !isTheirs))
    throw new OperationError('No such message waits to be sent: it has left, or was taken back already')
  if (rows.every(({ state }) => state === 'dropped')) throw new OperationError('It was taken back already')
  if (!rows.every(hasNotBegun)) throw new OperationError(begun)
  return rows
}

export const waitingAsked = z.strictObject({ ...whose, limit: z.int().min(1).max(200).default(50) })
export const waitingRow = z.strictObject({
  message: z.string(),
  leavesAt: z.number(),
  subject: z.string(),
  to: z.array(z.string()),
})
export const waitingPage = z.strictObject({ rows: z.array(waitingRow) })

/** Soonest first. */
export async function listWaiting(
  context: Context,
  asked: z.infer<typeof waitingAsked>,
): Promise<z.infer<typeof waitingPage>> {
  const found = await context.store.drafts.leaving(writerOf(context, asked), asked.limit)
  const rows = found.map((draft) => {
    const { subject, to, cc, bcc } = fieldsOf(draft)
    return { message: draft.message!, leavesAt: draft.leavesAt!, subject, to: [...to, ...cc, ...bcc] } // it is leaving
  })
  return { rows }
}
