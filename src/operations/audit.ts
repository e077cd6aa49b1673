// The audit: every change, whoever asked and however it ended. Written by `perform` and by uploads; read by administrators.
// Nothing here changes or removes a row but age. WEB-17
import { z } from 'zod'
import type { Actor } from '#/accounts/types.ts'
import type { AuditRow } from '#/storage/people.ts'
import { auditWords } from './audit-words.ts'
import type { Asked } from './authority.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

/** Who asks over the control socket: whoever may read the data folder. */
export const commandLine: Actor = {
  role: 'administrator',
  name: 'command line',
  mailbox: null,
  scopes: null,
  via: 'socket',
  from: '',
  sessionId: null,
}

/** For histories: an owner or a token may bear the name of an administrator. */
export function whoIs({ name, mailbox, via }: Actor = commandLine): string {
  if (via === 'token') return `token ${name}`
  return mailbox === null ? name : `mailbox ${mailbox}`
}

/** Runs a change and writes down how it ended. */
export async function audited<T>(context: Context, asked: Asked, work: () => Promise<T>): Promise<T> {
  try {
    const value = await work()
    await note(context, asked, 'done')
    return value
  } catch (error) {
    await note(context, asked, error instanceof OperationError ? error.message : 'failed: see the log of the server')
    throw error
  }
}

async function note({ store, world, actor = commandLine }: Context, asked: Asked, outcome: string): Promise<void> {
  const { via, from } = actor
  const said = { operation: asked.name, parameters: auditWords(asked.parameters), outcome: outcome.slice(0, 500) }
  const row = { at: world.clock.now(), actor: whoIs(actor), via, from, ...said }
  await store.people.addAudit(row).catch((error: unknown) => world.log.error('audit', { error, operation: asked.name }))
}

export const auditRequest = z.strictObject({
  after: z
    .string()
    .regex(/^[0-9]{1,15}$/)
    .nullable()
    .default(null),
  actor: z.string().nullable().default(null),
  limit: z.int().min(1).max(500).default(100),
})
const line = z.object({
  n: z.int(),
  at: z.number(),
  actor: z.string(),
  via: z.string(),
  from: z.string(),
  operation: z.string(),
  parameters: z.string(),
  outcome: z.string(),
})
export const auditAnswer = z.object({ rows: z.array(line), next: z.string().nullable() })

export async function listAudit(
  { store }: Context,
  { after, actor, limit }: z.infer<typeof auditRequest>,
): Promise<{ rows: AuditRow[]; next: string | null }> {
  const rows = await store.people.audit({ before: after === null ? null : Number(after), actor, limit })
  return { rows, next: rows.length < limit ? null : String(rows.at(-1)!.n) }
}
