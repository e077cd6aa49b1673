// Mailboxes as an operator changes them. Each change is known at the next RCPT.
import { z } from 'zod'
import { passwordProblem, setPassword } from '#/accounts/passwords.ts'
import { mailboxName } from '#/mailboxes/names.ts'
import { StoreError, type MailboxChanges, type MailboxRow } from '#/storage/store.ts'
import type { AccountRow } from '#/pop3-client/types.ts'
import { awayShown, checkedAway, type AwayRequest } from './away.ts'
import { dropAccount } from './collect-change.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { checkedForward, refuseReturning } from './forwarding.ts'

const dayMs = 86_400_000

export type MailboxRequest = {
  readonly name: string
  readonly newName?: string | undefined
  readonly password?: string | undefined
  readonly pop3?: boolean | undefined
  readonly quotaBytes?: number | null | undefined
  readonly disabled?: MailboxRow['disabled'] | undefined
  readonly forward?: MailboxRow['forward'] | undefined
  readonly away?: AwayRequest | null | undefined
}
export const changedAnswer = z.strictObject({
  name: z.string(),
  pop3: z.boolean(),
  hasPassword: z.boolean(),
  quotaBytes: z.int().nullable(),
  disabled: z.enum(['refuse', 'defer', 'no-login']).nullable(),
  forward: z.object({ to: z.array(z.string()).readonly(), keep: z.boolean() }).nullable(),
  away: awayShown.nullable(),
})
export type Changed = z.infer<typeof changedAnswer>

/** @throws OperationError */
export function checkedName(text: string): string {
  const name = mailboxName(text)
  if (!name.ok) throw new OperationError(name.problem)
  return name.name
}

/** @throws OperationError before anything is changed. */
function checkPassword(password: string | undefined): void {
  const problem = password === undefined ? null : passwordProblem(password)
  if (problem !== null) throw new OperationError(problem)
}

export async function addMailbox(context: Context, request: MailboxRequest): Promise<Changed> {
  const name = checkedName(request.name)
  checkPassword(request.password)
  if (request.forward) checkedForward(request.forward)
  if (request.away) checkedAway(null, request.away)
  try {
    await context.store.addMailbox(name, context.world.clock.now())
  } catch (error) {
    throw taken(error, name)
  }
  await context.directory.reload()
  return setMailbox(context, { ...request, name })
}

function taken(error: unknown, name: string): unknown {
  return error instanceof StoreError && error.kind === 'conflict'
    ? new OperationError(`There is a mailbox ${name} already`)
    : error
}

export async function setMailbox(context: Context, request: MailboxRequest): Promise<Changed> {
  const { store, directory, world } = context
  const mailbox = existing(context, request.name)
  checkPassword(request.password)
  const changes = changesOf(context, mailbox, request)
  const name = changes.name ?? mailbox.name
  if (name !== mailbox.name) refuseTaken(context, name)
  if (Object.keys(changes).length > 0) await store.changeMailbox(mailbox.id, changes)
  if (request.password !== undefined)
    await setPassword(store, world.random, { id: mailbox.id, password: request.password })
  if (name !== mailbox.name) await retarget(context, mailbox.name, name)
  await directory.reload()
  return shown(existing(context, name))
}

function changesOf(context: Context, mailbox: MailboxRow, request: MailboxRequest): MailboxChanges {
  const changes: { -readonly [K in keyof MailboxChanges]: MailboxChanges[K] } = {}
  if (request.newName !== undefined) changes.name = checkedName(request.newName)
  if (request.pop3 !== undefined) changes.pop3 = request.pop3
  if (request.quotaBytes !== undefined) changes.quotaBytes = request.quotaBytes
  if (request.disabled !== undefined) changes.disabled = request.disabled
  if (request.forward !== undefined) changes.forward = request.forward && checkedForward(request.forward)
  if (request.away !== undefined) changes.away = request.away && checkedAway(mailbox.away, request.away)
  if (changes.forward) refuseReturning(context, mailbox, changes.forward)
  return changes
}

const shown = ({ name, pop3, argon2, quotaBytes, disabled, forward, away }: MailboxRow): Changed => ({
  name,
  pop3,
  hasPassword: argon2 !== null,
  quotaBytes,
  disabled,
  forward,
  away,
})

function refuseTaken({ directory }: Context, name: string): void {
  if (directory.all().mailboxes.some((row) => row.deletedAt === null && row.name === name))
    throw new OperationError(`There is a mailbox ${name} already`)
}

/** A renamed mailbox keeps its mappings. MB-02 */
async function retarget({ store, directory }: Context, from: string, to: string): Promise<void> {
  const { addresses, domains } = directory.all()
  for (const row of addresses.filter(({ targets }) => targets.includes(from)))
    await store.putAddress({ ...row, targets: row.targets.map((target) => (target === from ? to : target)) })
  for (const row of domains.filter(({ mode, target }) => mode !== 'alias' && target === from))
    await store.putDomain({ ...row, target: to })
}

/** @throws OperationError when there is none. */
export function existing({ directory }: Context, name: string): MailboxRow {
  const mailbox = directory.all().mailboxes.find((row) => row.name === name.toLowerCase() && row.deletedAt === null)
  if (!mailbox) throw new OperationError(`There is no mailbox ${name}`)
  return mailbox
}

function softDeleted({ directory }: Context, name: string): MailboxRow & { readonly deletedAt: number } {
  const wanted = name.toLowerCase()
  for (const row of directory.all().mailboxes.toReversed()) {
    const { deletedAt } = row
    if (deletedAt !== null && (row.name === wanted || row.name.startsWith(`${wanted} deleted `)))
      return { ...row, deletedAt }
  }
  throw new OperationError(`There is no deleted mailbox ${name}`)
}

export async function restoreMailbox(
  context: Context,
  request: { name: string; as?: string | undefined },
): Promise<{ restored: string }> {
  const row = softDeleted(context, request.name)
  const name = request.as === undefined ? row.name.replace(/ deleted \d+$/, '') : checkedName(request.as)
  if (context.directory.all().mailboxes.some((one) => one.deletedAt === null && one.name === name))
    throw new OperationError(`There is a mailbox ${name} again: bring this one back under another name with --as NAME`)
  await context.store.changeMailbox(row.id, { deletedAt: null, name })
  await context.directory.reload()
  return { restored: name }
}

/** For good; refused while the mailbox may still be missed. */
export async function purgeMailbox(
  context: Context,
  request: { name: string; now: boolean },
): Promise<{ purged: string; messages: number; accountsRemoved?: string[] }> {
  const row = softDeleted(context, request.name)
  const { graceDays } = context.settings.now().mailboxes
  const daysLeft = Math.ceil((row.deletedAt + graceDays * dayMs - context.world.clock.now()) / dayMs)
  if (daysLeft > 0 && !request.now)
    throw new OperationError(
      `${row.name} was removed less than ${graceDays} days ago; it can be purged in ${daysLeft} days, or at once with --now`,
    )
  const accountsRemoved = await removeAccountsOf(context, row.id)
  await context.store.purgeMailbox(row.id)
  await context.directory.reload()
  return { purged: row.name, messages: row.messages, ...(accountsRemoved.length > 0 && { accountsRemoved }) }
}

export const accountsInto = ({ accounts }: Context, mailbox: number): AccountRow[] =>
  accounts.all().filter(({ settings }) => settings.mailbox === mailbox)

/** Their mail has no place any more, and another mailbox of this number must never get it. What is on the servers stays. */
async function removeAccountsOf(context: Context, mailbox: number): Promise<string[]> {
  const rows = accountsInto(context, mailbox)
  for (const { id } of rows) await dropAccount(context, id)
  return rows.map(({ settings }) => settings.name)
}
