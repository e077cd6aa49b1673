// The messages of a mailbox as a person sees them: lists, a search, one message taken apart, marks, deleting and bringing back.
import type { z } from 'zod'
import { gather } from '#/mailboxes/reading/open.ts'
import { headBytes, searchedMax, searchMs, sourceBytesMax } from '#/mailboxes/reading/limits.ts'
import { mentions, summaryOf, type Summary } from '#/mailboxes/reading/summary.ts'
import type { View } from '#/mailboxes/reading/view-head.ts'
import type { DeletedMark, EntryHead, EntryRow, MailboxFigures } from '#/storage/entries.ts'
import { uidlOf } from '#/storage/uidl.ts'
import type { MailboxRow, TraceEvent } from '#/storage/store.ts'
import { whoIs } from './audit.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { existing } from './mailboxes.ts'
import type { ChosenMessages, MessageList, MessageSearch, OneMessage } from './message-requests.ts'

const dayMs = 86_400_000
const searchPage = 200

export type MessagePage = MailboxFigures & { readonly rows: Summary[]; readonly next: string | null }

export async function listMessages(
  context: Context,
  { mailbox, after, limit }: z.output<typeof MessageList>,
): Promise<MessagePage> {
  const { entries } = context.store
  const { id } = existing(context, mailbox)
  const [figures, heads] = await Promise.all([
    entries.figures(id),
    entries.heads(id, { before: uidAfter(after), limit: limit + 1, headBytes }),
  ])
  return { ...figures, ...pageOf(heads, limit, ({ uid }) => String(uid)) }
}

export async function listDeleted(
  context: Context,
  { mailbox, after, limit }: z.output<typeof MessageList>,
): Promise<MessagePage & { readonly graceDays: number }> {
  const { entries } = context.store
  const { id } = existing(context, mailbox)
  const figures = await entries.figures(id)
  const heads = await entries.deletedHeads(id, { behind: deletedAfter(after), limit: limit + 1, headBytes })
  const { messageGraceDays: graceDays } = context.settings.now().mailboxes
  return { ...figures, graceDays, ...pageOf(heads, limit, ({ uid, deletedAt }) => `${deletedAt}.${uid}`) }
}

/** One more than asked for tells that there are more. */
function pageOf(
  heads: readonly EntryHead[],
  limit: number,
  cursor: (last: EntryHead) => string,
): { rows: Summary[]; next: string | null } {
  const page = heads.slice(0, limit)
  return { rows: page.map(summaryOf), next: heads.length > limit ? cursor(page.at(-1)!) : null }
}

function uidAfter(after: string | undefined): number {
  if (after === undefined) return Number.MAX_SAFE_INTEGER
  if (!/^[0-9]{1,12}$/.test(after))
    throw new OperationError('This page mark is not of this list: begin with the first page')
  return Number(after)
}

function deletedAfter(after: string | undefined): DeletedMark | null {
  if (after === undefined) return null
  const [, at, uid] = /^([0-9]{1,15})\.([0-9]{1,12})$/.exec(after) ?? []
  if (uid === undefined) throw new OperationError('This page mark is not of this list: begin with the first page')
  return { deletedAt: Number(at), uid: Number(uid) }
}

export type MessageHits = {
  readonly rows: Summary[]
  readonly next: string | null
  /** How many messages were looked through for this answer, and when the oldest of them came. */
  readonly looked: number
  readonly lookedBackTo: number | null
}

/** Newest first through subject, sender and recipients, as far as a moment allows; `next` goes on from there. */
export async function searchMessages(
  context: Context,
  { mailbox, text, after, limit }: z.output<typeof MessageSearch>,
): Promise<MessageHits> {
  const { id } = existing(context, mailbox)
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const giveUpAt = context.world.clock.now() + searchMs
  const rows: Summary[] = []
  let [before, looked, lookedBackTo]: [number, number, number | null] = [uidAfter(after), 0, null]
  for (;;) {
    const heads = await context.store.entries.heads(id, { before, limit: searchPage, headBytes })
    for (const entry of heads) {
      looked++
      ;[before, lookedBackTo] = [entry.uid, entry.at]
      if (mentions(entry.head, words)) rows.push(summaryOf(entry))
      if (rows.length === limit) return { rows, next: String(before), looked, lookedBackTo }
    }
    if (heads.length < searchPage) return { rows, next: null, looked, lookedBackTo }
    if (looked >= searchedMax || context.world.clock.now() >= giveUpAt)
      return { rows, next: String(before), looked, lookedBackTo }
  }
}

export type ShownMessage = View & {
  readonly uid: number
  readonly key: string
  readonly at: number
  readonly sizeBytes: number
  readonly seen: boolean
  readonly deletedAt: number | null
}

export async function showMessage(context: Context, request: z.output<typeof OneMessage>): Promise<ShownMessage> {
  const { mailbox, entry } = await found(context, request)
  const { view } = await context.reading.view(mailbox.id, entry)
  const { uid, message: key, at, sizeBytes, seen, deletedAt } = entry
  return { ...view, uid, key, at, sizeBytes, seen, deletedAt }
}

/** The beginning of the source as it would be saved; every octet is one that a reader can see. */
export async function messageSource(
  context: Context,
  request: z.output<typeof OneMessage>,
): Promise<{ text: string; cut: boolean }> {
  const { mailbox, entry } = await found(context, request)
  const { octets, cut } = await gather(context.store.openMessage(mailbox.id, entry.uid), sourceBytesMax)
  return { text: new TextDecoder('utf-8').decode(octets), cut }
}

/** @throws OperationError when it is gone. */
export async function found(
  context: Context,
  { mailbox: name, uid }: z.output<typeof OneMessage>,
): Promise<{ mailbox: MailboxRow; entry: EntryRow }> {
  const mailbox = existing(context, name)
  const entry = (await context.store.entries.find(mailbox.id, [uid])).at(-1)
  if (!entry) throw new OperationError(`There is no message ${uid} in the mailbox ${mailbox.name} any more`)
  return { mailbox, entry }
}

export async function flagMessages(
  context: Context,
  { mailbox, uids, seen }: z.output<typeof ChosenMessages> & { seen: boolean },
): Promise<{ unseen: number }> {
  const { entries } = context.store
  const { id } = existing(context, mailbox)
  await entries.mark(id, uids, seen)
  return { unseen: (await entries.figures(id)).unseen }
}

/** Into Deleted for the days of grace; at once for good when there are none. */
export async function deleteMessages(
  context: Context,
  { mailbox: name, uids }: z.output<typeof ChosenMessages>,
): Promise<{ deleted: number; restorableUntil: number | null }> {
  const { store, settings, world } = context
  const mailbox = existing(context, name)
  const there = (await store.entries.find(mailbox.id, uids)).filter(({ deletedAt }) => deletedAt === null)
  const at = world.clock.now()
  const { messageGraceDays } = settings.now().mailboxes
  const chosen = there.map(({ uid }) => uid)
  const kept = messageGraceDays > 0
  const events = there.map((entry) =>
    told(context, mailbox, { entry, step: kept ? 'message-deleted' : 'message-purged' }),
  )
  if (chosen.length > 0) await store.entries.delete(mailbox.id, chosen, { at, events })
  if (!kept) await store.entries.purge(mailbox.id, chosen, [])
  return { deleted: chosen.length, restorableUntil: kept ? at + messageGraceDays * dayMs : null }
}

export async function restoreMessages(
  context: Context,
  { mailbox: name, uids }: z.output<typeof ChosenMessages>,
): Promise<{ restored: number }> {
  const mailbox = existing(context, name)
  const { entries } = context.store
  let restored = 0
  for (const entry of await deletedOnes(context, mailbox, uids)) {
    const { uid } = entry
    const event = told(context, mailbox, { entry, step: 'message-restored' })
    if (await entries.restore(mailbox.id, { uid, uidl: uidlOf(mailbox.uidValidity, uid) }, event)) restored++
  }
  return { restored }
}

/** Deleted ones, for good. */
export async function purgeMessages(
  context: Context,
  { mailbox: name, uids }: z.output<typeof ChosenMessages>,
): Promise<{ purged: number }> {
  const mailbox = existing(context, name)
  const there = await deletedOnes(context, mailbox, uids)
  const chosen = there.map(({ uid }) => uid)
  const events = there.map((entry) => told(context, mailbox, { entry, step: 'message-purged' }))
  if (chosen.length > 0) await context.store.entries.purge(mailbox.id, chosen, events)
  return { purged: chosen.length }
}

const deletedOnes = async ({ store }: Context, { id }: MailboxRow, uids: readonly number[]): Promise<EntryRow[]> =>
  (await store.entries.find(id, uids)).filter(({ deletedAt }) => deletedAt !== null)

function told(
  { world, actor }: Context,
  { name }: MailboxRow,
  { entry, step }: { entry: EntryRow; step: string },
): TraceEvent {
  const nobody = { client: null, from: null, to: [], subject: null, messageId: null }
  const by = whoIs(actor)
  return { ...nobody, ref: entry.message, at: world.clock.now(), step, detail: { mailbox: name, by } }
}
