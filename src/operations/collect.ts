// Remote accounts, as an operator or the owner of a mailbox adds, changes and removes them. Reading and working with them is in
// collect-look.ts and collect-work.ts. Never shows a secret. PC-37
import { z } from 'zod'
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type { AccountId, RemoteRow } from '#/storage/collected.ts'
import { StoreError, type MailboxRow } from '#/storage/store.ts'
import { goesAtOnce } from '#/pop3-client/plan.ts'
import type { AccountRow } from '#/pop3-client/types.ts'
import { ownersProblem, refuseLeaving, refuseOwnersLimits, refuseOwnMailbox, warningsOf } from './collect-checks.ts'
import { ownedBy, ownerOf, visibleTo, whose, type Named } from './collect-find.ts'
import { adviceFor, withPreset } from './collect-presets.ts'
import { collectFields, completeAccount } from './collect-request.ts'
import { counted, shownAccount } from './collect-shown.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { existing } from './mailboxes.ts'

const fields = { ...collectFields, newName: z.string().optional(), mailbox: z.string().optional(), ...whose }
export const collectRequest = z.strictObject(fields)
export type CollectRequest = z.infer<typeof collectRequest>
export const removeRequest = z.strictObject({ name: z.string(), force: z.boolean().default(false), ...whose })

export async function addCollect(context: Context, request: CollectRequest): Promise<unknown> {
  if (context.accounts.byName(request.name))
    throw new OperationError(`There is an account ${request.name} already: collect set changes it`)
  const settings = await checkedAccount(context, request, undefined)
  const row = await saved(request.name, context.accounts.add(settings))
  await revive(context, row.id)
  context.collector.wake()
  return { ...answer(context, request.owner, row), advice: adviceFor(settings) }
}

const firstWords = ({ settings: { name } }: AccountRow): string =>
  `Nothing is collected before you say what: netcruiser collect set ${name} --first everything, or new, or a date`

export async function setCollect(context: Context, request: CollectRequest): Promise<unknown> {
  const before = ownedBy(context, request)
  const checked = await checkedAccount(context, request, before)
  const kept = await keptUntilConfirmed(context, before, checked)
  const settings = kept === null ? checked : { ...checked, deletesFrom: context.world.clock.now() }
  const signIn = JSON.stringify(settings.auth) === JSON.stringify(before.settings.auth) ? null : settings.auth // a token may be renewed meanwhile
  const write = context.accounts.edit(before.id, (now) => ({ ...settings, auth: signIn ?? now.auth }))
  if (!(await saved(settings.name, write))) throw new OperationError(`${request.name} is gone`)
  const row = context.accounts.byId(before.id)!
  context.collector.cancel(row.id) // a run that is under way goes by what was said before
  await revive(context, row.id)
  context.collector.wake()
  return {
    ...answer(context, request.owner, row),
    ...(kept !== null && { keptUntilConfirmed: kept, note: keptWords(settings, kept) }),
  }
}

const keptWords = ({ name, host }: RemoteAccount, kept: number): string =>
  `${counted(kept)} of before stay on ${host} until you say so: netcruiser collect confirm-delete ${name} deletes them there`

/** What was collected before stays on the server when deleting there is switched on later. How many; null: nothing to ask.
 *  PC-29 */
async function keptUntilConfirmed(context: Context, before: AccountRow, after: RemoteAccount): Promise<number | null> {
  const switchedOn = (before.settings.leave && !after.leave) || (!deletes(before.settings) && deletes(after))
  if (!switchedOn) return null
  const stored = (await context.store.collected.messages(before.id)).filter(isOnServer)
  return stored.length === 0 ? null : stored.length
}

const isOnServer = ({ state, goneAt }: RemoteRow): boolean => state === 'stored' && goneAt === null

const deletes = ({ leave, deleteAfterDays, keepNewest, keepBytes, deleteWithLocal }: RemoteAccount): boolean =>
  !leave || deleteAfterDays !== null || keepNewest !== null || keepBytes !== null || deleteWithLocal

export async function confirmDelete(context: Context, request: Named): Promise<unknown> {
  const { id, settings } = ownedBy(context, request)
  if (!deletes(settings))
    throw new OperationError(
      `${settings.name} leaves everything on the server; collect set ${settings.name} --no-leave changes that`,
    )
  await context.accounts.edit(id, (now) => ({ ...now, deletesFrom: 0 }))
  context.collector.wake()
  const stored = (await context.store.collected.messages(id)).filter(isOnServer).length
  return { account: settings.name, deletedAtNextRun: goesAtOnce(settings) ? stored : null }
}

/** What is remembered of its messages tells the next account what was collected, so it is not dropped by the way. PC-12 */
export async function removeCollect(context: Context, request: z.infer<typeof removeRequest>): Promise<unknown> {
  const { id, settings } = ownedBy(context, request)
  const remembered = (await context.store.collected.messages(id)).length
  if (remembered > 0 && !request.force)
    throw new OperationError(
      `It is remembered what became of ${counted(remembered)} of ${settings.name}. With --force that is forgotten, and an account made anew collects ` +
        `what is left there once more; collect pause ${settings.name} keeps it`,
    )
  context.collector.cancel(id)
  await context.accounts.remove(id)
  return { removed: settings.name, forgotten: remembered }
}

/** What is under way ends where it is. */
export async function pauseCollect(context: Context, request: Named): Promise<unknown> {
  const { id, settings } = ownedBy(context, request)
  await context.accounts.edit(id, (now) => ({ ...now, paused: true }))
  context.collector.cancel(id)
  return { account: settings.name, paused: true }
}

/** Also after it was stopped: it is tried again at once. */
export async function resumeCollect(context: Context, request: Named): Promise<unknown> {
  const { id, settings } = ownedBy(context, request)
  await context.accounts.edit(id, (now) => ({ ...now, paused: false }))
  await revive(context, id)
  context.collector.wake()
  return { account: settings.name, paused: false }
}

/** Whoever changes a stopped account has mended it, as far as anybody knows. What to collect first must be said. PC-11 */
export async function revive({ accounts, world }: Context, id: AccountId): Promise<void> {
  const row = accounts.byId(id)
  if (!row) return
  const { settings, status } = row
  const now = world.clock.now() // one that waits for the word what to collect first counts what is there meanwhile
  if (settings.first === null)
    return accounts.setStatus(id, { is: 'stopped', reason: 'first-run', words: firstWords(row), nextRunAt: now })
  if (status.is !== 'stopped' && status.is !== 'failing') return
  const well = { is: 'idle', reason: 'none', words: '', failures: 0, loginFailures: 0 } as const
  await accounts.setStatus(id, { ...well, troubledAt: null, alertedAt: null, nextRunAt: now })
}

/** The row as it would be kept. @throws OperationError saying what is wrong and what to do */
export async function checkedAccount(
  context: Context,
  request: CollectRequest,
  before: AccountRow | undefined,
): Promise<RemoteAccount> {
  const { newName, mailbox: _mailbox, owner, ...said } = request
  const given = withPreset(said, before?.settings)
  const mailbox = targetOf(context, request, before)
  const byOwner = before?.settings.byOwner ?? owner !== undefined
  const around = { before: before?.settings, mailbox: mailbox.id, byOwner, secrets: context.secrets }
  const account = completeAccount({ ...given, name: newName ?? request.name }, around)
  if (owner !== undefined) refuseOwnersLimits(context, account)
  await refuseOwnMailbox(context, account)
  refuseLeaving(account, before)
  const { ports } = context.settings.now().pop3Client
  return { ...account, byOwner: byOwner && ownersProblem(ports, account) === null } // what they may not have is not theirs
}

function targetOf(context: Context, { mailbox, owner }: CollectRequest, before: AccountRow | undefined): MailboxRow {
  const own = ownerOf(context, owner)
  if (own !== null) {
    if (mailbox !== undefined && existing(context, mailbox).id !== own.id)
      throw new OperationError('Mail is collected into your own mailbox only')
    return own
  }
  if (mailbox !== undefined) return existing(context, mailbox)
  const known = before && context.directory.mailboxById(before.settings.mailbox)
  if (!known) throw new OperationError('Say which mailbox the mail is for: --into ann')
  return known
}

async function saved<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof StoreError && error.kind === 'conflict')) throw error
    throw new OperationError(`There is an account ${name} already`)
  }
}

function answer(context: Context, owner: string | undefined, { id }: AccountRow): object {
  const row = context.accounts.byId(id)!
  const warnings = warningsOf(row, visibleTo(context, owner))
  return { ...shownAccount(context, row), ...(warnings.length > 0 && { warnings }) }
}
