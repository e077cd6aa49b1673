// What is asked of a backup while the server works: what is in it, mail brought back from it; and the end of the hold after all
// of it was restored. Called by the table. MB-08
import { z } from 'zod'
import { about } from '#/mail-relay/events.ts'
import { released } from '#/mail-relay/by-hand.ts'
import { withUnpacked } from '#/storage/backup/arriving.ts'
import { readBackup } from '#/storage/backup/read.ts'
import type { DeliveryRow, MovesUnit } from '#/storage/queue.ts'
import { placeOf } from './backup-place.ts'
import { waitAnswer, waitedFor } from './backups.ts'
import { revive } from './collect-change.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { changeSelected } from './queue-change.ts'
import { bringBack, mailboxIn, type BroughtBack, type Wanted } from './restore-mailbox.ts'

const mailboxIn_ = z.strictObject({ name: z.string(), messages: z.number(), bytes: z.number(), here: z.boolean() })
export const contentsRequest = z.strictObject({ backup: z.string() })
export const contentsAnswer = z.strictObject({ rows: z.array(mailboxIn_) })

export const messagesRequest = z.strictObject({
  backup: z.string(),
  mailbox: z.string(),
  limit: z.int().min(1).max(1000).default(100),
  after: z
    .string()
    .regex(/^\d{1,10}$/, 'say what next said')
    .optional(),
})
const messageIn = z.strictObject({
  uid: z.number(),
  message: z.string(),
  at: z.number(),
  sizeBytes: z.number(),
  from: z.string().nullable(),
  subject: z.string().nullable(),
})
export const messagesAnswer = z.strictObject({ rows: z.array(messageIn), next: z.string().nullable() })

const what = {
  mailbox: z.string(),
  as: z.string().optional(),
  uid: z.int().min(1).optional(),
  wait: z.boolean().default(true),
}
export const mailboxRequest = z.strictObject({ backup: z.string(), ...what })
/** `path`: a folder or an archive anywhere. */
export const fileRequest = z.strictObject({ path: z.string(), ...what })
const broughtBack = z.strictObject({
  mailbox: z.string(),
  made: z.boolean(),
  restored: z.number(),
  alreadyThere: z.number(),
})
export const mailboxAnswer = z.union([broughtBack, waitAnswer])
export const releaseAnswer = z.strictObject({ released: z.number(), busy: z.number() })

/** The mailboxes of a backup, and whether one of this name is here. */
export async function contents(
  context: Context,
  { backup }: z.infer<typeof contentsRequest>,
): Promise<z.infer<typeof contentsAnswer>> {
  await using reader = readBackup(placeOf(context, backup))
  const here = new Set(
    context.directory.all().mailboxes.flatMap(({ name, deletedAt }) => (deletedAt === null ? [name] : [])),
  )
  const rows = await reader.mailboxes()
  return { rows: rows.map(({ name, messages, bytes }) => ({ name, messages, bytes, here: here.has(name) })) }
}

export async function messages(
  context: Context,
  { backup, mailbox, limit, after }: z.infer<typeof messagesRequest>,
): Promise<z.infer<typeof messagesAnswer>> {
  await using reader = readBackup(placeOf(context, backup))
  const source = await mailboxIn(reader, mailbox)
  const entries = await reader.entries(source, Number(after ?? 0), limit)
  return {
    rows: entries.map(({ uid, message, at, sizeBytes, from, subject }) => ({
      uid,
      message,
      at,
      sizeBytes,
      from,
      subject,
    })),
    next: entries.length < limit ? null : String(entries.at(-1)!.uid),
  }
}

export function mailbox(
  context: Context,
  { backup, wait, ...wanted }: z.infer<typeof mailboxRequest>,
): Promise<z.infer<typeof mailboxAnswer>> {
  return waitedFor(context, brought(context, { from: placeOf(context, backup), ...wanted }, backup), wait)
}

export function fromFile(
  context: Context,
  { path, wait, ...wanted }: z.infer<typeof fileRequest>,
): Promise<z.infer<typeof mailboxAnswer>> {
  return waitedFor(
    context,
    withUnpacked(path, (from) => brought(context, { from, ...wanted }, null)),
    wait,
  )
}

const brought = (context: Context, wanted: Wanted, backup: string | null): Promise<BroughtBack> =>
  context.backups.run(
    { what: 'restore', backup },
    async (hand) => {
      const value = await bringBack(context, wanted, hand)
      const { mailbox: name, restored, alreadyThere } = value
      return { value, backup, words: `${restored} messages are back in ${name}, ${alreadyThere} were there already` }
    },
    context.onShare,
  )

/** Lets go what the restore holds, and lets accounts delete again. What somebody held stays held. */
export async function release(context: Context): Promise<z.infer<typeof releaseAnswer>> {
  const { restored } = context
  if (restored.now() === null)
    throw new OperationError('This server was not restored from a backup, or was released already')
  const unit = (rows: readonly DeliveryRow[], at: number): MovesUnit => {
    const ours = rows.filter(({ memo }) => memo.hold?.by === 'restore')
    const events = ours.map((row) => ({ ...about(row, at), step: 'released', detail: { by: 'restore release' } }))
    return { at, moves: ours.map((row) => ({ row, to: { ...released(row, at), lease: null } })), events }
  }
  const selection = { state: 'held' as const, reason: 'restored from the backup of', finished: false }
  const done = await changeSelected(context, selection, { from: ['held'], unit, freshHosts: true }).catch(
    (error: unknown) => {
      if (error instanceof OperationError) return { changed: 0, busy: 0 } // nothing was held
      throw error
    },
  )
  await restored.forget()
  // Some servers allow no leaving there: their accounts stopped at it.
  for (const { id, status } of context.accounts.all()) if (status.reason === 'settings') await revive(context, id)
  context.collector.wake()
  return { released: done.changed, busy: done.busy }
}
