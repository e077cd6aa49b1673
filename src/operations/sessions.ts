// Who is signed in to the console, and where: all for administrators, their own for owners.
import { z } from 'zod'
import type { SessionInfo } from '#/accounts/types.ts'
import { commandLine } from './audit.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'

const shown = z.object({
  id: z.string(),
  role: z.enum(['administrator', 'owner']),
  name: z.string(),
  createdAt: z.number(),
  seenAt: z.number(),
  from: z.string(),
  agent: z.string(),
  /** The one that asks. */
  current: z.boolean(),
})
export const sessionsAnswer = z.array(shown)
export const endedAnswer = z.object({ ended: z.int() })

export const listSessions = ({ people, actor = commandLine }: Context): Promise<z.infer<typeof sessionsAnswer>> =>
  Promise.resolve(people.sessionsOf(actor).map((one) => ({ ...one, current: one.id === actor.sessionId })))

export async function endSession(context: Context, { id }: { id: string }): Promise<z.infer<typeof endedAnswer>> {
  const { people, actor = commandLine } = context
  if (!people.sessionsOf(actor).some((one) => one.id === id))
    throw new OperationError('There is no such session any more')
  await people.endSession(id)
  return { ended: 1 }
}

export async function endMine(
  { people, actor = commandLine }: Context,
  { keepThis }: { keepThis: boolean },
): Promise<z.infer<typeof endedAnswer>> {
  const isMine = ({ role, name }: SessionInfo): boolean => role === actor.role && name === (actor.mailbox ?? actor.name)
  const mine = people.sessionsOf(actor).filter((one) => isMine(one) && !(keepThis && one.id === actor.sessionId))
  await people.sessions.end(mine.map(({ id }) => id))
  return { ended: mine.length }
}
