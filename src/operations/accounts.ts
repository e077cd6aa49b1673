// Mailboxes, domains, addresses and the access list, as an operator changes them. Each change is known at the next RCPT.
import { setPassword } from '#/accounts/passwords.ts'
import { addressKey, parseAddress, parseDomain } from '#/message/address.ts'
import { checkEntry } from '#/intake/access.ts'
import { explainAccess, explainAddress } from '#/intake/explain.ts'
import { mailboxName } from '#/mailboxes/names.ts'
import { StoreError, type DomainRow, type MailboxChanges, type MailboxRow } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

type MailboxRequest = {
  readonly name: string
  readonly newName?: string | undefined
  readonly password?: string | undefined
  readonly pop3?: boolean | undefined
  readonly quotaBytes?: number | null | undefined
  readonly disabled?: MailboxRow['disabled'] | undefined
}

export async function listMailboxes({ directory, store }: Context): Promise<unknown> {
  await directory.reload() // counters move with each message
  const { addresses } = directory.all()
  const rows = await store.mailboxes()
  return rows.map(({ argon2, scram: _scram, ...row }) => ({
    ...row,
    hasPassword: argon2 !== null,
    addresses: addresses.filter(({ targets }) => targets.includes(row.name)).map(({ address }) => address),
  }))
}

function checkedName(text: string): string {
  const name = mailboxName(text)
  if (!name.ok) throw new OperationError(name.problem)
  return name.name
}

export async function addMailbox(context: Context, request: MailboxRequest): Promise<unknown> {
  const name = checkedName(request.name)
  try {
    await context.store.addMailbox(name, context.world.clock.now())
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'conflict')
      throw new OperationError(`There is a mailbox ${name} already`)
    throw error
  }
  await context.directory.reload()
  return setMailbox(context, { ...request, name })
}

export async function setMailbox(context: Context, request: MailboxRequest): Promise<unknown> {
  const { store, directory, world } = context
  const mailbox = existing(context, request.name)
  const changes: { -readonly [K in keyof MailboxChanges]: MailboxChanges[K] } = {}
  if (request.newName !== undefined) changes.name = checkedName(request.newName)
  if (request.pop3 !== undefined) changes.pop3 = request.pop3
  if (request.quotaBytes !== undefined) changes.quotaBytes = request.quotaBytes
  if (request.disabled !== undefined) changes.disabled = request.disabled
  if (Object.keys(changes).length > 0) await store.changeMailbox(mailbox.id, changes)
  if (request.password !== undefined)
    await setPassword(store, world.random, { id: mailbox.id, password: request.password }).catch(sayProblem)
  if (changes.name !== undefined && changes.name !== mailbox.name) await retarget(context, mailbox.name, changes.name)
  await directory.reload()
  return shown(existing(context, changes.name ?? mailbox.name))
}

function sayProblem(error: unknown): never {
  throw error instanceof StoreError ? error : new OperationError(error instanceof Error ? error.message : String(error))
}

const shown = ({ name, pop3, argon2, quotaBytes, disabled }: MailboxRow): object => ({
  name,
  pop3,
  hasPassword: argon2 !== null,
  quotaBytes,
  disabled,
})

/** A renamed mailbox keeps its mappings. MB-02 */
async function retarget({ store, directory }: Context, from: string, to: string): Promise<void> {
  const { addresses, domains } = directory.all()
  for (const row of addresses.filter(({ targets }) => targets.includes(from)))
    await store.putAddress({ ...row, targets: row.targets.map((target) => (target === from ? to : target)) })
  for (const row of domains.filter(({ target }) => target === from)) await store.putDomain({ ...row, target: to })
}

function existing({ directory }: Context, name: string): MailboxRow {
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
    ...domains.filter(({ target }) => target === mailbox.name).map((row) => `the rest of ${row.name}`),
  ]
  if (pointing.length > 0 && !request.force)
    throw new OperationError(
      `${pointing.length} addresses point here: ${pointing.join(', ')}. Change them first, or use --force.`,
    )
  const at = world.clock.now()
  await store.changeMailbox(mailbox.id, { deletedAt: at, name: `${mailbox.name} deleted ${at}` })
  await directory.reload()
  return { removed: mailbox.name, restoreAs: `${mailbox.name} deleted ${at}`, messages: mailbox.messages }
}

function softDeleted({ directory }: Context, name: string): MailboxRow {
  const found = directory
    .all()
    .mailboxes.findLast(
      (row) => row.deletedAt !== null && (row.name === name || row.name.startsWith(`${name} deleted `)),
    )
  if (!found) throw new OperationError(`There is no deleted mailbox ${name}`)
  return found
}

export async function restoreMailbox(context: Context, request: { name: string }): Promise<unknown> {
  const row = softDeleted(context, request.name)
  const name = row.name.replace(/ deleted \d+$/, '')
  await context.store.changeMailbox(row.id, { deletedAt: null, name })
  await context.directory.reload()
  return { restored: name }
}

export async function purgeMailbox(context: Context, request: { name: string }): Promise<unknown> {
  const row = softDeleted(context, request.name)
  await context.store.purgeMailbox(row.id)
  await context.directory.reload()
  return { purged: row.name, messages: row.messages }
}

export const listDomains = async ({ directory }: Context): Promise<unknown> => Promise.resolve(directory.all().domains)

export async function addDomain(context: Context, request: DomainRow): Promise<unknown> {
  const name = parseDomain(request.name)
  if (!name.ok) throw new OperationError(name.problem)
  const { mode, target } = request
  if (mode === 'alias') {
    const real = parseDomain(target ?? '')
    if (!real.ok) throw new OperationError('An alias needs the real domain: --alias-of example.org')
    await context.store.putDomain({ name: name.value, mode, target: real.value })
  } else {
    if (mode === 'one-mailbox' && target === null)
      throw new OperationError('Which mailbox gets it all? --all-to MAILBOX')
    if (target !== null) existing(context, target)
    await context.store.putDomain({ name: name.value, mode, target: target?.toLowerCase() ?? null })
  }
  await context.directory.reload()
  return { name: name.value, mode, target }
}

export async function removeDomain(context: Context, request: { name: string }): Promise<unknown> {
  if (!(await context.store.removeDomain(request.name.toLowerCase())))
    throw new OperationError(`There is no domain ${request.name}`)
  await context.directory.reload()
  return { removed: request.name }
}

export const listAddresses = async ({ directory }: Context): Promise<unknown> =>
  Promise.resolve(directory.all().addresses)

type AddressRequest = { address: string; targets: string[]; note: string; expiresAt: number | null }

export async function addAddress(context: Context, request: AddressRequest): Promise<unknown> {
  const address = parseAddress(request.address.replaceAll('*', 'x'))
  if (!address.ok) throw new OperationError(address.problem)
  const key = request.address.includes('*') ? request.address.toLowerCase() : addressKey(address.value)
  for (const target of request.targets) {
    if (!target.includes('@')) existing(context, target)
    else if (!parseAddress(target).ok) throw new OperationError(`${target} is no address`)
    else if (target.toLowerCase() === key) throw new OperationError(`${key} would point to itself`)
  }
  await context.store.putAddress({ ...request, address: key })
  await context.directory.reload()
  const hidden = context.directory
    .all()
    .mailboxes.find((row) => row.deletedAt === null && row.name === key.split('@')[0])
  const warning =
    hidden && !request.targets.includes(hidden.name) ? `This hides the mailbox ${hidden.name} at this address` : null // AD-03
  return { address: key, targets: request.targets, warning }
}

export async function removeAddress(context: Context, request: { address: string }): Promise<unknown> {
  if (!(await context.store.removeAddress(request.address.toLowerCase())))
    throw new OperationError(`There is no mapping of ${request.address}`)
  await context.directory.reload()
  return { removed: request.address }
}

export async function explain(context: Context, request: { address: string }): Promise<unknown> {
  return Promise.resolve(explainAddress(context.directory, request.address))
}

export const listAccess = async ({ directory }: Context): Promise<unknown> => Promise.resolve(directory.all().access)

type AccessRequest = {
  pattern: string
  action: 'allow' | 'deny'
  note: string
  senders: string[]
  expiresAt: number | null
  everyone: boolean
}

export async function addAccess(context: Context, { everyone, ...row }: AccessRequest): Promise<unknown> {
  const pattern = checkEntry({ pattern: row.pattern, action: row.action, confirmed: everyone })
  if (!pattern.ok) throw new OperationError(pattern.problem)
  const position = Math.max(0, ...context.directory.all().access.map((one) => one.position)) + 1
  const id = await context.store.putAccess({ ...row, position })
  await context.directory.reload()
  return { id, ...row }
}

export async function removeAccess(context: Context, request: { id: number }): Promise<unknown> {
  if (!(await context.store.removeAccess(request.id)))
    throw new OperationError(`There is no access entry ${request.id}`)
  await context.directory.reload()
  return { removed: request.id }
}

export function testAccess(
  { directory, resolver, world, settings }: Context,
  request: { address: string },
): Promise<unknown> {
  const { forwarding } = settings.now().mailServer
  return explainAccess({ directory, resolver, clock: world.clock, forwarding }, request.address)
}

export const listBans = async ({ logins }: Context): Promise<unknown> => Promise.resolve(logins?.bans() ?? [])
export const clearBan = async ({ logins }: Context, request: { client: string }): Promise<unknown> =>
  Promise.resolve({ cleared: logins?.unban(request.client) ?? false })
