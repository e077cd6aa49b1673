// Looking at remote accounts: all of them, one, what they did, what stayed on their servers. Changes nothing, asks no server.
import { z } from 'zod'
import type { RemoteRow, RemoteState } from '#/storage/collected.ts'
import type { Progress, RunReport } from '#/pop3-client/types.ts'
import { risksOf, warningsOf } from './collect-checks.ts'
import { found, ownedBy, visibleTo, whose, type Named } from './collect-find.ts'
import { choicesOf, readReport, shownAccount, type Choices, type ShownAccount } from './collect-shown.ts'
import type { Context } from './context.ts'

export const listRequest = z.strictObject(whose)
export const statusRequest = z.strictObject({ name: z.string().optional(), ...whose })
export const logRequest = z.strictObject({
  name: z.string(),
  limit: z.int().min(1).max(10_000).default(100),
  ...whose,
})

export type ListedAccount = ShownAccount & { readonly warnings: readonly string[] }

export const listCollect = (context: Context, { owner }: z.infer<typeof listRequest>): Promise<ListedAccount[]> =>
  Promise.resolve(
    visibleTo(context, owner).map((row) => ({ ...shownAccount(context, row), warnings: risksOf(row.settings) })),
  )

export type DetailedAccount = ShownAccount &
  Choices & { readonly remembered: Readonly<Record<string, number>>; readonly warnings: readonly string[] }

export async function showCollect(context: Context, request: Named): Promise<DetailedAccount> {
  const row = found(context, request)
  const remembered = await context.store.collected.messages(row.id)
  const counts = Map.groupBy(remembered, ({ state }) => state)
  return {
    ...shownAccount(context, row),
    ...choicesOf(row),
    remembered: Object.fromEntries([...counts].map(([state, rows]) => [state, rows.length])),
    warnings: warningsOf(row, visibleTo(context, request.owner)),
  }
}

export type ShownStatus = ShownAccount & { readonly now: Progress | null; readonly last: RunReport | null }

/** PC-39 */
export function collectStatus(context: Context, request: z.infer<typeof statusRequest>): Promise<ShownStatus[]> {
  const { name, owner } = request
  const rows = name === undefined ? visibleTo(context, owner) : [found(context, { name, owner })]
  const progress = context.collector.progress()
  return Promise.all(
    rows.map(async (row) => {
      const [last] = await context.store.collected.runs(row.id, 1)
      const now = progress.find(({ account }) => account === row.settings.name) ?? null
      return { ...shownAccount(context, row), now, last: last ? readReport(last.report) : null }
    }),
  )
}

/** Newest first. */
export async function collectLog(context: Context, request: z.infer<typeof logRequest>): Promise<RunReport[]> {
  const { id } = found(context, request)
  return (await context.store.collected.runs(id, request.limit)).map(({ report }) => readReport(report))
}

export type Stayed = {
  readonly uid: string
  readonly state: RemoteState
  readonly sizeBytes: number
  readonly at: number
  readonly because: string
}

const stayedMax = 10_000

const staying: Partial<Record<RemoteState, string>> = {
  failed: 'it could not be collected yet',
  aside: 'it could not be collected: fetch-raw takes it as an attachment, again tries once more',
  ignored: 'it is never collected: again changes that',
  duplicate: 'a copy of it is here: again collects it all the same',
}

/** What stays on the server without a copy that came from there. PC-21 */
export async function listStayed(context: Context, request: Named): Promise<Stayed[]> {
  const { id } = ownedBy(context, request)
  const rows = (await context.store.collected.messages(id)).filter(({ goneAt }) => goneAt === null)
  const stayed = rows.flatMap(({ uid, state, sizeBytes, at, problem }) => {
    const words = staying[state]
    return words === undefined
      ? []
      : [{ uid, state, sizeBytes, at, because: problem === null ? words : `${problem}; ${words}` }]
  })
  return stayed.slice(0, stayedMax)
}

export type Copies = { readonly sameness: string; readonly copies: readonly Copy[] }
type Copy = Pick<RemoteRow, 'uid' | 'state' | 'sizeBytes' | 'at'> & { readonly account: string }
const groupsMax = 1000

/** Messages that came, or would come, more than once into the mailbox of an account. PC-27 */
export async function listDuplicates(context: Context, request: Named): Promise<Copies[]> {
  const { settings } = ownedBy(context, request)
  const rows = visibleTo(context, request.owner).filter((row) => row.settings.mailbox === settings.mailbox)
  const remembered = await Promise.all(
    rows.map(async (row) => ({ row, messages: await context.store.collected.messages(row.id) })),
  )
  const known = remembered.flatMap(({ row, messages }) =>
    messages.filter(({ sameness }) => sameness !== '').map((one) => ({ ...one, account: row.settings.name })),
  )
  // A message that has got a new UID is the same copy, under the name that it has now. PC-10
  const keyOf = ({ message, account, uid }: (typeof known)[number]): string => message ?? `${account} ${uid}`
  const [gone, there] = [known.filter(({ goneAt }) => goneAt !== null), known.filter(({ goneAt }) => goneAt === null)]
  const now = new Map([...gone, ...there].map((one) => [keyOf(one), one]))
  const all = known.filter((one) => now.get(keyOf(one)) === one)
  const groups = [...Map.groupBy(all, ({ sameness }) => sameness)].filter(([, copies]) => copies.length > 1)
  return groups.slice(0, groupsMax).map(([sameness, copies]) => ({ sameness, copies: copies.map(shownCopy) }))
}

const shownCopy = ({ account, uid, state, sizeBytes, at }: Copy): Copy => ({ account, uid, state, sizeBytes, at })
