// What talks to the servers of remote accounts: a run now, a try-out, looking through a box and acting on single messages there.
import { z } from 'zod'
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type {
  ActionReport,
  AccountRow,
  BrowsePage,
  Progress,
  RemoteItem,
  RunReport,
  TestReport,
} from '#/pop3-client/types.ts'
import { checkedAccount, type CollectRequest } from './collect.ts'
import { revive } from './collect-change.ts'
import { found, ownedBy, told, visibleTo, whose, type Named } from './collect-find.ts'
import { counted } from './collect-shown.ts'
import { adviceFor } from './collect-presets.ts'
import type { Context, OnShare } from './context.ts'
import { OperationError } from './errors.ts'

export const browseRequest = z.strictObject({
  name: z.string(),
  before: z.int().min(1).nullable().default(null),
  limit: z.int().min(1).max(200).default(20),
  ...whose,
})
const uids = z.array(z.string().min(1).max(1024)).min(1).max(1000)
export const copiesRequest = z.strictObject({ name: z.string(), uids, ...whose })
export const adoptRequest = z.strictObject({ name: z.string(), none: z.boolean().default(false), ...whose })
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

/** How far a run is, in words. */
function telling(onShare: OnShare, now: () => number): (progress: Progress) => void {
  let begun: { at: number; messages: number } | null = null
  return ({ phase, messages, messagesOf, bytes, bytesOf }) => {
    if (phase !== 'fetching') return onShare(phase === 'ending' ? 1 : 0, phase)
    const at = now()
    begun ??= { at, messages }
    const ms = at - begun.at
    const rate = ms <= 0 ? '' : `, ${Math.round(((messages - begun.messages) * 1000) / ms)} a second`
    const share = bytesOf > 0 ? Math.min(1, bytes / bytesOf) : 0
    onShare(share, `${messages} of ${messagesOf} messages, ${megabytes(bytes)} of ${megabytes(bytesOf)} MB${rate}`)
  }
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1)

/** Nothing is lost: what is here stays here, what was not collected stays there. */
export const cancelCollect = (context: Context, request: Named): Promise<{ cancelled: boolean }> =>
  Promise.resolve({ cancelled: context.collector.interrupt(found(context, request).id) })

/** An account as it is saved, with what is said instead; or one that is not saved. PC-11 */
export async function testCollect(context: Context, request: CollectRequest): Promise<TestReport> {
  const known = visibleTo(context, request.owner).find(({ settings }) => settings.name === request.name)
  const row = known && ownedBy(context, request)
  const draft = { ...request, mailbox: request.mailbox ?? (row ? undefined : anyMailbox(context, request)) }
  const account = await checkedAccount(context, draft, row)
  const report = await told(context.collector.test(account))
  return { ...report, advice: [...report.advice, ...adviceFor(account)] }
}

/** A try-out of an account that is not saved stores nothing, so any mailbox does. */
function anyMailbox({ directory }: Context, { owner }: CollectRequest): string | undefined {
  return owner ?? directory.all().mailboxes.find(({ deletedAt }) => deletedAt === null)?.name
}

export async function browseCollect(context: Context, request: z.infer<typeof browseRequest>): Promise<BrowsePage> {
  const { before, limit } = request
  const { id, settings } = ownedBy(context, request)
  const page = await told(context.collector.browse(id, { before, limit }))
  return { ...page, items: page.items.map((item) => withReason(item, settings)) }
}

/** Nothing is remembered of what is too large, so the size itself is the reason. PC-21 */
function withReason(item: RemoteItem, { name, sizeBytesMax }: RemoteAccount): RemoteItem {
  const tooLarge = item.problem === null && item.state === 'new' && item.sizeBytes > sizeBytesMax
  return tooLarge ? { ...item, problem: `larger than you allow: collect fetch ${name} UID takes it anyway` } : item
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
    throw new OperationError(
      deleteWords(
        row,
        wanted.map((uid) => ({ uid, here: here.has(uid) })),
      ),
    )
  }
  return told(context.collector.act(row.id, wanted, action))
}

const deleteWords = ({ settings: { host } }: AccountRow, copies: readonly CopyHere[]): string => {
  const without = copies.filter(({ here }) => !here).length
  return (
    `${counted(copies.length)} would be deleted on ${host} for good, ` +
    `${without === 0 ? 'each with a copy here' : `${without} without a copy here`}: say --yes`
  )
}

/** It is an answer to a change of all UIDs, too. PC-10 */
export async function markAllCollect(context: Context, request: Named): Promise<{ marked: number }> {
  const { id } = ownedBy(context, request)
  const marked = await told(context.collector.markAll(id))
  if (context.accounts.byId(id)?.status.reason === 'uids-changed') await revive(context, id)
  context.collector.wake()
  return { marked }
}

/** The answer to a change of all UIDs, so the account goes on. PC-10 */
export async function adoptCollect(context: Context, request: z.infer<typeof adoptRequest>): Promise<unknown> {
  const { id } = ownedBy(context, request)
  const adopted = await told(context.collector.adopt(id, request.none ? 'none' : 'recognise'))
  await revive(context, id)
  context.collector.wake()
  return adopted
}
