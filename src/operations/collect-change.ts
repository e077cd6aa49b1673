// Writes a changed account, whoever changes it: what was collected before is not deleted on its server by the way, a token that
// is renewed meanwhile stays, and an account that had stopped goes on. Called by collect.ts, the import and the sign-in.
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type { AccountId } from '#/storage/collected.ts'
import { StoreError } from '#/storage/store.ts'
import { goesAtOnce } from '#/pop3-client/plan.ts'
import type { AccountRow } from '#/pop3-client/types.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

/** How many messages stay on the server until somebody confirms that they may go, or null. A run that is under way ends first:
 *  what it keeps goes by what was said before. PC-29 @throws OperationError */
export async function changeAccount(
  context: Context,
  before: AccountRow,
  wanted: RemoteAccount,
): Promise<number | null> {
  const { accounts, collector } = context
  if ((accounts.byName(wanted.name)?.id ?? before.id) !== before.id) throw isTaken(wanted.name)
  const isUnderWay = await collector.end(before.id)
  await doubt(context, before, wanted) // before and behind the change: in between a run may have begun, and the program ended
  let kept = 0
  try {
    kept = await written(context, before, wanted)
    await doubt(context, before, wanted)
  } finally {
    if (isUnderWay) await goOn(context, before.id)
  }
  await sooner(context, before.id)
  await revive(context, before.id)
  return kept === 0 ? null : kept
}

/** Another name may be that of the same server, or of another one with UIDs like those: each is looked at once. PC-08, PC-10 */
async function doubt(
  { accounts }: Context,
  { id, settings: before }: AccountRow,
  wanted: RemoteAccount,
): Promise<void> {
  const isSame = wanted.host.toLowerCase() === before.host.toLowerCase() && wanted.auth.user === before.auth.user
  if (!isSame) await accounts.setStatus(id, { unproven: true })
}

async function written(context: Context, before: AccountRow, wanted: RemoteAccount): Promise<number> {
  const { accounts, collector, world } = context
  const kept = startsDeleting(before.settings, wanted) ? await storedThere(context, before.id) : 0
  const settings = kept === 0 ? wanted : { ...wanted, deletesFrom: world.clock.now() }
  const signsInAsBefore = JSON.stringify(wanted.auth) === JSON.stringify(before.settings.auth)
  const write = accounts.edit(before.id, (now) => (signsInAsBefore ? { ...settings, auth: now.auth } : settings))
  if (!(await named(settings.name, write))) throw new OperationError(`${before.settings.name} is gone`)
  await collector.end(before.id) // one that somebody has begun meanwhile
  return kept
}

/** The next run does what the one that was ended had left to do, as soon as the server allows. PC-05 */
async function goOn({ accounts, world }: Context, id: AccountId): Promise<void> {
  const { is, loginDelaySeconds } = accounts.byId(id)?.status ?? {}
  if (is === 'idle') await accounts.setStatus(id, { nextRunAt: world.clock.now() + (loginDelaySeconds ?? 0) * 1000 })
}

/** Its next run comes within a shorter interval; what the server asks for stays. PC-05 */
async function sooner({ accounts, world }: Context, id: AccountId): Promise<void> {
  const row = accounts.byId(id)
  if (row?.status.is !== 'idle') return
  const { intervalMs } = row.settings
  const { nextRunAt, loginDelaySeconds } = row.status
  const latest = world.clock.now() + Math.max(intervalMs, loginDelaySeconds * 1000)
  if (nextRunAt > latest) await accounts.setStatus(id, { nextRunAt: latest })
}

/** With all that is remembered of its messages. A run that is under way ends first, and so writes nothing later. */
export async function dropAccount({ accounts, collector }: Context, id: AccountId): Promise<void> {
  await collector.end(id)
  await accounts.remove(id)
}

/** Another reason to delete counts as well, since with `--delete-with-local`, say, nothing that is here had to go; so does
 *  when nothing is left that kept some. */
const startsDeleting = (before: RemoteAccount, after: RemoteAccount): boolean =>
  !goesAtOnce(before) && (goesAtOnce(after) || reasonsOf(after).some((does, i) => does && !reasonsOf(before)[i]))

const reasonsOf = ({ leave, deleteAfterDays, keepNewest, keepBytes, deleteWithLocal }: RemoteAccount): boolean[] => [
  !leave,
  deleteAfterDays !== null,
  keepNewest !== null,
  keepBytes !== null,
  deleteWithLocal,
]

export const deletes = (account: RemoteAccount): boolean => reasonsOf(account).includes(true)

/** How many messages were collected and are still on the server. */
export async function storedThere({ store }: Context, id: AccountId): Promise<number> {
  const rows = await store.collected.messages(id)
  return rows.filter(({ state, goneAt }) => state === 'stored' && goneAt === null).length
}

/** @throws OperationError when another account has the name. */
export async function named<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof StoreError && error.kind === 'conflict')) throw error
    throw isTaken(name)
  }
}

const isTaken = (name: string): OperationError => new OperationError(`There is an account ${name} already`)

/** Whoever changes a stopped account has mended it, as far as anybody knows. What to collect first must be said: until then it
 *  is only counted what is there. PC-11 */
export async function revive({ accounts, world }: Context, id: AccountId): Promise<void> {
  const row = accounts.byId(id)
  if (!row) return
  const { settings, status } = row
  const nextRunAt = world.clock.now()
  if (settings.first === null)
    return accounts.setStatus(id, { is: 'stopped', reason: 'first-run', words: firstWords(settings), nextRunAt })
  if (status.is !== 'stopped' && status.is !== 'failing')
    return status.nextRunAt === 0 ? accounts.setStatus(id, { nextRunAt }) : undefined // a new one
  const well = { is: 'idle', reason: 'none', words: '', failures: 0, loginFailures: 0 } as const
  await accounts.setStatus(id, { ...well, troubledAt: null, alertedAt: null, nextRunAt })
}

const firstWords = ({ name }: RemoteAccount): string =>
  `Nothing is collected before you say what: netcruiser collect set ${name} --first everything, or new, or a date`
