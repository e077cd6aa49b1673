// The access list as an operator changes it. What opens the server to strangers must be confirmed, and after each change the
// rules themselves are asked whether a stranger could forward. AC-02, AC-18
import { z } from 'zod'
import { checkEntry } from '#/intake/access.ts'
import { parseAddress, parseDomain } from '#/message/address.ts'
import type { AccessRow } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { relaySelfTest } from './self-test.ts'

export type AccessRequest = {
  readonly pattern: string
  readonly action: 'allow' | 'deny'
  readonly note: string
  readonly senders: readonly string[]
  readonly expiresAt: number | null
}
type Confirmed = { readonly everyone: boolean }
export const changed = z.strictObject({
  id: z.int(),
  pattern: z.string(),
  action: z.enum(['allow', 'deny']),
  note: z.string(),
  senders: z.array(z.string()).readonly(),
  expiresAt: z.number().nullable(),
  selfTest: z.string(),
})
type Changed = z.infer<typeof changed>

/** @throws OperationError; a pattern that lets strangers send must be confirmed in the given way. AC-02 */
export function checkAccess(
  { pattern, action }: Pick<AccessRequest, 'pattern' | 'action'>,
  confirmed: boolean,
  how: string,
): void {
  const checked = checkEntry({ pattern, action, confirmed })
  if (checked.ok) return
  const dangerous = !confirmed && checkEntry({ pattern, action, confirmed: true }).ok
  throw new OperationError(dangerous ? checked.problem.replace('Confirm it if you are certain.', how) : checked.problem)
}

const sayEveryone = 'If you are certain, say so with --yes-everyone.'

/** `place` counts from 1; absent: at the end. */
export async function addAccess(
  context: Context,
  { everyone, place, ...row }: AccessRequest & Confirmed & { place?: number | undefined },
): Promise<Changed> {
  checkAccess(row, everyone, sayEveryone)
  const kept = { ...row, senders: row.senders.map(checkedSender) }
  const position = Math.max(0, ...context.directory.all().access.map((one) => one.position)) + 1
  const id = await context.store.putAccess({ ...kept, position })
  if (place !== undefined) await order(context, id, place)
  await context.directory.reload()
  return { id, ...kept, selfTest: await tested(context) }
}

type Given = { readonly [K in keyof AccessRequest]?: AccessRequest[K] | undefined }

/** Only what is given changes. */
export async function setAccess(
  context: Context,
  { id, everyone, ...given }: Given & Confirmed & { readonly id: number },
): Promise<Changed> {
  const { position, pattern, action, note, expiresAt, senders } = { ...existingRow(context, id), ...defined(given) }
  if (action === 'allow' && (given.pattern !== undefined || given.action !== undefined))
    checkAccess({ pattern, action }, everyone, sayEveryone)
  const row = { position, pattern, action, note, expiresAt, senders: senders.map(checkedSender) }
  checkAccess(row, true, '')
  await context.store.changeAccess(id, row)
  await context.directory.reload()
  return { id, pattern, action, note, senders: row.senders, expiresAt, selfTest: await tested(context) }
}

const defined = <T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never // what is left of it

/** To the place counted from 1. The whole list changes at once for mail: the directory reads it when all is written. */
export async function moveAccess(
  context: Context,
  { id, place }: { id: number; place: number },
): Promise<{ id: number; place: number; selfTest: string }> {
  existingRow(context, id)
  const at = await order(context, id, place)
  await context.directory.reload()
  return { id, place: at, selfTest: await tested(context) }
}

/** Writes the positions that change; the place that the row has then. */
async function order({ store }: Context, id: number, place: number): Promise<number> {
  const rows = await store.access()
  const others = rows.filter((row) => row.id !== id)
  const at = Math.min(place, rows.length)
  const next = others.toSpliced(
    at - 1,
    0,
    rows.find((row) => row.id === id)!,
  )
  for (const [i, { id: one, lastUsedAt: _at, uses: _uses, ...row }] of next.entries())
    if (row.position !== i + 1) await store.changeAccess(one, { ...row, position: i + 1 })
  return at
}

export async function removeAccess(
  context: Context,
  request: { id: number },
): Promise<{ removed: number; selfTest: string }> {
  if (!(await context.store.removeAccess(request.id)))
    throw new OperationError(`There is no access entry ${request.id}`)
  await context.directory.reload()
  return { removed: request.id, selfTest: await tested(context) }
}

const tested = async (context: Context): Promise<string> => (await relaySelfTest(context)) ?? 'strangers are refused'

function existingRow({ directory }: Context, id: number): AccessRow {
  const row = directory.all().access.find((one) => one.id === id)
  if (!row) throw new OperationError(`There is no access entry ${id}`)
  return row
}

/** An address or `@domain`: something else would allow nobody, and nobody would know why. AC-12 */
function checkedSender(typed: string): string {
  const text = typed.trim().toLowerCase()
  const ok = text.startsWith('@') ? parseDomain(text.slice(1)).ok : parseAddress(text).ok
  if (!ok) throw new OperationError(`${typed} is neither a sender address nor a domain such as @example.org`)
  return text
}
