// Which remote account is meant, and whether who asks may. An owner of a mailbox sees the accounts of that mailbox, and changes
// those that an owner made. Called by the collect operations.
import { z } from 'zod'
import type { MailboxRow } from '#/storage/store.ts'
import { CollectError, type AccountRow } from '#/pop3-client/types.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { existing } from './mailboxes.ts'

/** Whose view it is; left out: that of who runs the server. */
export const whose = { owner: z.string().optional() }
export const named = z.strictObject({ name: z.string(), ...whose })
export type Named = { readonly name: string; readonly owner?: string | undefined }

export const ownerOf = (context: Context, owner: string | undefined): MailboxRow | null =>
  owner === undefined ? null : existing(context, owner)

export function visibleTo(context: Context, owner: string | undefined): AccountRow[] {
  const mailbox = ownerOf(context, owner)
  return context.accounts.all().filter(({ settings }) => mailbox === null || settings.mailbox === mailbox.id)
}

/** @throws OperationError when there is none, as far as who asks may know. */
export function found(context: Context, { name, owner }: Named): AccountRow {
  const row = visibleTo(context, owner).find(({ settings }) => settings.name === name)
  if (!row) throw new OperationError(`There is no account ${name}; netcruiser collect list shows them`)
  return row
}

/** One that who asks may change, or look into: a box may hold the mail of others. @throws OperationError */
export function ownedBy(context: Context, request: Named): AccountRow {
  const row = found(context, request)
  if (request.owner !== undefined && !row.settings.byOwner)
    throw new OperationError(`${request.name} belongs to whoever runs this server: ask there`)
  return row
}

/** What the collector says is for the operator. */
export async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof CollectError ? new OperationError(error.message) : error
  }
}
