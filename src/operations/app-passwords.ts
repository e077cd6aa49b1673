// Passwords for single programs of a mailbox, as an operator gives them out and takes them back. PS-19
import { z } from 'zod'
import { newAppPassword } from '#/accounts/app-passwords.ts'
import { appPasswordsMax } from '#/accounts/limits.ts'
import { hashPassword, sharedSalt } from '#/accounts/passwords.ts'
import { StoreError } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { checkedLabel, labelOf } from './labels.ts'
import { existing } from './mailboxes.ts'

export const made = z.strictObject({ mailbox: z.string(), label: z.string(), password: z.string(), note: z.string() })
export const shown = z.strictObject({
  label: z.string(),
  createdAt: z.number(),
  lastUsedAt: z.number().nullable(),
  lastUsedFrom: z.string().nullable(),
})
type Named = { readonly name: string; readonly label: string }

/** The password itself is in the answer and nowhere else. */
export async function addAppPassword(context: Context, request: Named): Promise<z.infer<typeof made>> {
  const { store, world } = context
  const mailbox = existing(context, request.name)
  const label = checkedLabel(request.label)
  const password = newAppPassword(world.random)
  const hashes = await hashPassword(password.text, world.random, await sharedSalt(store, mailbox))
  const row = { selector: password.selector, mailbox: mailbox.id, label, createdAt: world.clock.now(), ...hashes }
  try {
    await store.addAppPassword(row, appPasswordsMax)
  } catch (error) {
    throw refused(error, mailbox.name, label)
  }
  return { mailbox: mailbox.name, label, password: password.text, note: 'It is not shown again' }
}

const refused = (error: unknown, name: string, label: string): unknown =>
  error instanceof StoreError && error.kind === 'conflict'
    ? new OperationError(`${name} has an app password ${label} already, or ${appPasswordsMax}, which is the most`)
    : error

export async function listAppPasswords(context: Context, request: { name: string }): Promise<z.infer<typeof shown>[]> {
  const rows = await context.store.appPasswords(existing(context, request.name).id)
  return rows.map(({ label, createdAt, lastUsedAt, lastUsedFrom }) => ({ label, createdAt, lastUsedAt, lastUsedFrom }))
}

/** Whoever is signed in with it is signed out. AUT-14 */
export async function removeAppPassword(context: Context, { name, label }: Named): Promise<{ removed: string }> {
  const mailbox = existing(context, name)
  const row = (await context.store.appPasswords(mailbox.id)).find((one) => one.label === labelOf(label))
  if (!(await context.store.removeAppPassword(mailbox.id, labelOf(label))))
    throw new OperationError(`${mailbox.name} has no app password ${label}`)
  if (row) for (const service of ['smtp', 'pop3'] as const) context.running?.[service].endApp(row.selector)
  return { removed: label }
}
