// API tokens as administrators give them out and take them back. The token itself is in one answer and nowhere else.
import { z } from 'zod'
import { tokensMax } from '#/accounts/limits.ts'
import { scopes } from '#/accounts/types.ts'
import { StoreError } from '#/storage/store.ts'
import { whoIs } from './audit.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { checkedLabel, labelOf } from './labels.ts'
import { existing } from './mailboxes.ts'

export const addRequest = z.strictObject({
  label: z.string(),
  scopes: z.array(z.enum(scopes)).min(1, `Say what it may do: ${scopes.join(', ')}`),
  /** Confines it to what the owner of this mailbox may do. */
  mailbox: z.string().nullable().default(null),
  expiresAt: z.number().nullable().default(null),
})
const shown = z.object({
  label: z.string(),
  scopes: z.array(z.string()),
  mailbox: z.string().nullable(),
  createdAt: z.number(),
  createdBy: z.string(),
  expiresAt: z.number().nullable(),
  lastUsedAt: z.number().nullable(),
  lastUsedFrom: z.string().nullable(),
})
export const tokensAnswer = z.array(shown)
export const addedAnswer = z.object({ label: z.string(), token: z.string(), note: z.string() })

export function listTokens({ people, directory }: Context): Promise<z.infer<typeof tokensAnswer>> {
  const rows = people.tokens.all().map(({ selector: _selector, hash: _hash, ...row }) => ({
    ...row,
    scopes: [...row.scopes],
    mailbox: row.mailbox === null ? null : (directory.mailboxById(row.mailbox)?.name ?? 'a removed mailbox'),
  }))
  return Promise.resolve(rows)
}

export async function addToken(
  context: Context,
  request: z.infer<typeof addRequest>,
): Promise<z.infer<typeof addedAnswer>> {
  const { people, world, actor } = context
  const label = checkedLabel(request.label)
  const { expiresAt } = request
  if (expiresAt !== null && expiresAt <= world.clock.now()) throw new OperationError('It would have ended already')
  const mailbox = request.mailbox === null ? null : existing(context, request.mailbox).id
  try {
    const token = await people.tokens.add({
      label,
      scopes: [...new Set(request.scopes)],
      mailbox,
      createdBy: whoIs(actor),
      expiresAt,
    })
    return { label, token, note: 'It is not shown again' }
  } catch (error) {
    if (!(error instanceof StoreError && error.kind === 'conflict')) throw error
    throw new OperationError(`There is a token ${label} already, or ${tokensMax}, which is the most`)
  }
}

export async function removeToken({ people }: Context, { label }: { label: string }): Promise<{ removed: string }> {
  if (!(await people.tokens.remove(labelOf(label)))) throw new OperationError(`There is no token ${label}`)
  return { removed: label }
}
