// What talks to the servers of remote accounts: a run now, a try-out, looking through a box and acting on single messages there.
import { z } from 'zod'
import type { ActionReport, AccountRow, BrowsePage, Progress, RunReport, TestReport } from '#/pop3-client/types.ts'
import { checkedAccount, collectRequest, type CollectRequest } from './collect.ts'
import { found, ownedBy, told, visibleTo, whose, type Named } from './collect-find.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

export const testRequest = collectRequest
export const browseRequest = z.strictObject({
  name: z.string(),
  before: z.int().min(1).nullable().default(null),
  limit: z.int().min(1).max(200).default(20),
  ...whose,
})
const uids = z.array(z.string().min(1).max(1024)).min(1).max(1000)
export const copiesRequest = z.strictObject({ name: z.string(), uids, ...whose })
export const actRequest = z.strictObject({
  name: z.string(),
  uids,
  action: z.enum(['fetch', 'fetch-delete', 'fetch-raw', 'delete', 'ignore', 'again']),
  yes: z.boolean().default(false),
  ...whose,
})

export function runCollect(context: Context, request: Named): Promise<RunReport> {
  const { id } = found(context, request)
  const { onShare, world } = context
  return told(context.collector.run(id, onShare ? { onProgress: telling(onShare, () => world.clock.now()) } : {}))
}

const tellEveryMs = 200

/** Passes on five times a second how far a run is, in words. */
function telling(onShare: NonNullable<Context['onShare']>, now: () => number): (progress: Progress) => void {
  let toldAt = 0
  let begun: { at: number; messages: number } | null = null
  return (progress) => {
    const { phase, messages, messagesOf, bytes, bytesOf } = progress
    const at = now()
    if (at - toldAt < tellEveryMs) return
    toldAt = at
    begun ??= { at, messages }
    const share = bytesOf > 0 ? bytes / bytesOf : messagesOf > 0 ? messages / messagesOf : 0
    const rate = at === begun.at ? '' : `, ${Math.round(((messages - begun.messages) * 1000) / (at - begun.at))} a second`
    onShare(Math.min(1, share), phase === 'fetching' ? `${messages} of ${messagesOf} messages, ${megabytes(bytes)} of ${megabytes(bytesOf)} MB${rate}` : phase)
  }
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1)

/** Nothing is lost: what is here stays here, what was not collected stays there. */
export const cancelCollect = (context: Context, request: Named): Promise<unknown> =>
  Promise.resolve({ cancelled: context.collector.cancel(found(context, request).id) })

/** An account as it is saved, with what is said instead; or one that is not saved. PC-11 */
export async function testCollect(context: Context, request: CollectRequest): Promise<TestReport> {
  const known = visibleTo(context, request.owner).find(({ settings }) => settings.name === request.name)
  const row = known && ownedBy(context, request)
  const draft = { ...request, mailbox: request.mailbox ?? (row ? undefined : anyMailbox(context, request)) }
  return told(context.collector.test(await checkedAccount(context, draft, row)))
}

/** A try-out of an account that is not saved stores nothing, so any mailbox does. */
function anyMailbox({ directory }: Context, { owner }: CollectRequest): string | undefined {
  return owner ?? directory.all().mailboxes.find(({ deletedAt }) => deletedAt === null)?.name
}

export async function browseCollect(context: Context, request: z.infer<typeof browseRequest>): Promise<BrowsePage> {
  const { before, limit } = request
  return told(context.collector.browse(ownedBy(context, request).id, { before, limit }))
}

export type CopyHere = { readonly uid: string; readonly here: boolean }

/** Whether the messages that came from there are still in a mailbox here, as far as is remembered. PC-34 */
export async function copiesHere(context: Context, request: z.infer<typeof copiesRequest>): Promise<CopyHere[]> {
  const here = await uidsHere(context, ownedBy(context, request))
  return request.uids.map((uid) => ({ uid, here: here.has(uid) }))
}

/** A UID that several messages had counts only when all of them are here. PC-08 */
async function uidsHere({ store }: Context, { id }: AccountRow): Promise<Set<string>> {
  const gone = new Set((await store.collected.deletedHere(id)).map(({ uid }) => uid))
  const rows = await store.collected.messages(id)
  const missing = new Set(rows.filter(({ message }) => message === null).map(({ uid }) => uid))
  return new Set(rows.map(({ uid }) => uid).filter((uid) => !gone.has(uid) && !missing.has(uid)))
}

export async function actCollect(context: Context, request: z.infer<typeof actRequest>): Promise<ActionReport[]> {
  const row = ownedBy(context, request)
  const { uids: wanted, action, yes } = request
  if (action === 'delete' && !yes) {
    const here = await uidsHere(context, row)
    throw new OperationError(deleteWords(row, wanted.map((uid) => ({ uid, here: here.has(uid) }))))
  }
  return told(context.collector.act(row.id, wanted, action))
}

const deleteWords = ({ settings: { host } }: AccountRow, copies: readonly CopyHere[]): string => {
  const without = copies.filter(({ here }) => !here).length
  return (
    `${copies.length} messages would be deleted on ${host} for good, ` +
    `${without === 0 ? 'all of which have a copy here' : `${without} of them without a copy here`}: say --yes`
  )
}

export const markAllCollect = async (context: Context, request: Named): Promise<unknown> => ({
  marked: await told(context.collector.markAll(ownedBy(context, request).id)),
})

export const adoptCollect = (context: Context, request: Named): Promise<unknown> =>
  told(context.collector.adopt(ownedBy(context, request).id, 'recognise'))
