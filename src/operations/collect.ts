// Remote accounts, as an operator or the owner of a mailbox adds, changes and removes them. Reading and working with them is in
// collect-look.ts and collect-work.ts. Never shows a secret. PC-37
import { z } from 'zod'
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type { MailboxRow } from '#/storage/store.ts'
import { goesAtOnce } from '#/pop3-client/plan.ts'
import type { AccountRow } from '#/pop3-client/types.ts'
import { changeAccount, deletes, dropAccount, named, revive, storedThere } from './collect-change.ts'
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
  const row = await named(request.name, context.accounts.add(settings))
  await revive(context, row.id)
  context.collector.wake()
  return { ...answer(context, request.owner, row), advice: adviceFor(settings) }
}

export async function setCollect(context: Context, request: CollectRequest): Promise<unknown> {
  const before = ownedBy(context, request)
  const wanted = await checkedAccount(context, request, before)
  const kept = await changeAccount(context, before, wanted)
  context.collector.wake()
  const hints = [
    ...(kept === null ? [] : [keptWords(wanted, kept)]),
    ...(request.first !== undefined && before.status.begun ? [lateWords(wanted)] : []),
  ]
  return {
    ...answer(context, request.owner, before),
    ...(kept !== null && { keptUntilConfirmed: kept }),
    ...(hints.length > 0 && { hint: hints.join('. ') }),
  }
}

const lateWords = ({ name }: RemoteAccount): string =>
  `The first run is over, so --first changes nothing: collect browse ${name} and collect fetch take what it left out`

const keptWords = ({ name, host }: RemoteAccount, kept: number): string =>
  `${counted(kept)} of before stay on ${host} until you say so: netcruiser collect confirm-delete ${name} deletes them there`

export async function confirmDelete(context: Context, request: Named): Promise<unknown> {
  const { id, settings } = ownedBy(context, request)
  if (!deletes(settings))
    throw new OperationError(
      `${settings.name} leaves everything on the server; collect set ${settings.name} --no-leave changes that`,
    )
  const stored = await storedThere(context, id)
  await context.accounts.edit(id, (now) => ({ ...now, deletesFrom: 0 }))
  context.collector.wake()
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
  await dropAccount(context, id)
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

function answer(context: Context, owner: string | undefined, { id }: AccountRow): object {
  const row = context.accounts.byId(id)!
  const warnings = warningsOf(row, visibleTo(context, owner))
  return { ...shownAccount(context, row), ...(warnings.length > 0 && { warnings }) }
}
