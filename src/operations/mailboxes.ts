// Mailboxes as an operator changes them. Each change is known at the next RCPT.
import { passwordProblem, setPassword } from '#/accounts/passwords.ts'
import { mailboxName } from '#/mailboxes/names.ts'
import { StoreError, type MailboxChanges, type MailboxRow } from '#/storage/store.ts'
import type { AccountRow } from '#/pop3-client/types.ts'
import { dropAccount } from './collect-change.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { reachedBy } from './reach.ts'

const dayMs = 86_400_000

export type MailboxRequest = {
  readonly name: string
  readonly newName?: string | undefined
  readonly password?: string | undefined
  readonly pop3?: boolean | undefined
  readonly quotaBytes?: number | null | undefined
  readonly disabled?: MailboxRow['disabled'] | undefined
}

export async function listMailboxes(context: Context): Promise<unknown> {
  await context.directory.reload() // counters move with each message
  const { mailboxes } = context.directory.all()
  return mailboxes.map(({ argon2, scram: _scram, ...row }) => ({
    ...row,
    hasPassword: argon2 !== null,
    addresses: row.deletedAt === null ? reachedBy(context, row.name).map(({ address }) => address) : [],
  }))
}

/** One mailbox, and each address that reaches it with the reason. MB-01 */
export async function showMailbox(context: Context, request: { name: string }): Promise<unknown> {
  await context.directory.reload()
  const { argon2, scram: _scram, id, ...row } = existing(context, request.name)
  const appPasswords = (await context.store.appPasswords(id)).map(({ label }) => label)
  return { ...row, hasPassword: argon2 !== null, appPasswords, addresses: reachedBy(context, row.name) }
}

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

export async function addMailbox(context: Context, request: MailboxRequest): Promise<unknown> {
  const name = checkedName(request.name)
  checkPassword(request.password)
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

export async function setMailbox(context: Context, request: MailboxRequest): Promise<unknown> {
  const { store, directory, world } = context
  const mailbox = existing(context, request.name)
  checkPassword(request.password)
  const changes: { -readonly [K in keyof MailboxChanges]: MailboxChanges[K] } = {}
  if (request.newName !== undefined) changes.name = checkedName(request.newName)
  if (request.pop3 !== undefined) changes.pop3 = request.pop3
  if (request.quotaBytes !== undefined) changes.quotaBytes = request.quotaBytes
  if (request.disabled !== undefined) changes.disabled = request.disabled
  const name = changes.name ?? mailbox.name
  if (name !== mailbox.name) refuseTaken(context, name)
  if (Object.keys(changes).length > 0) await store.changeMailbox(mailbox.id, changes)
  if (request.password !== undefined)
    await setPassword(store, world.random, { id: mailbox.id, password: request.password })
  if (name !== mailbox.name) await retarget(context, mailbox.name, name)
  await directory.reload()
  return shown(existing(context, name))
}

const shown = ({ name, pop3, argon2, quotaBytes, disabled }: MailboxRow): object => ({
  name,
  pop3,
  hasPassword: argon2 !== null,
  quotaBytes,
  disabled,
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

/** Soft: mail stays until it is purged. What points here is named first. AD-11 */
export async function removeMailbox(context: Context, request: { name: string; force: boolean }): Promise<unknown> {
  const { store, directory, world } = context
  const mailbox = existing(context, request.name)
  const { addresses, domains } = directory.all()
  const pointing = [
    ...addresses.filter(({ targets }) => targets.includes(mailbox.name)).map(({ address }) => address),
    ...domains
      .filter(({ mode, target }) => mode !== 'alias' && target === mailbox.name)
      .map((row) => `the rest of ${row.name}`),
  ]
  if (pointing.length > 0 && !request.force)
    throw new OperationError(
      `${pointing.length} addresses point here: ${pointing.join(', ')}. Change them first, or use --force.`,
    )
  const collecting = accountsInto(context, mailbox.id)
  if (collecting.length > 0 && !request.force)
    throw new OperationError(
      `Mail is collected into it by ${collecting.map(({ settings }) => settings.name).join(', ')}. Say another one with collect set NAME --into, or use --force.`,
    )
  const at = world.clock.now()
  await store.changeMailbox(mailbox.id, { deletedAt: at, name: `${mailbox.name} deleted ${at}` })
  await directory.reload()
  return { removed: mailbox.name, restoreAs: `${mailbox.name} deleted ${at}`, messages: mailbox.messages }
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
): Promise<unknown> {
  const row = softDeleted(context, request.name)
  const name = request.as === undefined ? row.name.replace(/ deleted \d+$/, '') : checkedName(request.as)
  if (context.directory.all().mailboxes.some((one) => one.deletedAt === null && one.name === name))
    throw new OperationError(`There is a mailbox ${name} again: bring this one back under another name with --as NAME`)
  await context.store.changeMailbox(row.id, { deletedAt: null, name })
  await context.directory.reload()
  return { restored: name }
}

/** For good; refused while the mailbox may still be missed. */
export async function purgeMailbox(context: Context, request: { name: string; now: boolean }): Promise<unknown> {
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

const accountsInto = ({ accounts }: Context, mailbox: number): AccountRow[] =>
  accounts.all().filter(({ settings }) => settings.mailbox === mailbox)

/** Their mail has no place any more, and another mailbox of this number must never get it. What is on the servers stays. */
async function removeAccountsOf(context: Context, mailbox: number): Promise<string[]> {
  const rows = accountsInto(context, mailbox)
  for (const { id } of rows) await dropAccount(context, id)
  return rows.map(({ settings }) => settings.name)
}
