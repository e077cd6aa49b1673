// Every administrative act, once: the command line, the control socket and the console call these by name.
import { z } from 'zod'
import { audited } from './audit.ts'
import { authorized } from './authority.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import type { AnyOperation } from './operation.ts'
import { accessOperations } from './tables/access.ts'
import { addressOperations } from './tables/address.ts'
import { backupOperations } from './tables/backup.ts'
import { careOperations } from './tables/care.ts'
import { collectOperations } from './tables/collect.ts'
import { connectionOperations } from './tables/connections.ts'
import { machineOperations } from './tables/machine.ts'
import { draftOperations } from './tables/draft.ts'
import { mailboxOperations } from './tables/mailbox.ts'
import { peopleOperations } from './tables/people.ts'
import { messageOperations } from './tables/message.ts'
import { queueOperations } from './tables/queue.ts'
import { relayOperations } from './tables/relay.ts'
import { sendOperations } from './tables/send.ts'
import { settingsOperations } from './tables/settings.ts'
import { statusOperations } from './tables/status.ts'
import { traceOperations } from './tables/trace.ts'
import { tutorialOperations } from './tables/tutorial.ts'
import { followWays } from './ways.ts'

const table = {
  ...mailboxOperations,
  ...messageOperations,
  ...addressOperations,
  ...accessOperations,
  ...relayOperations,
  ...settingsOperations,
  ...sendOperations,
  ...draftOperations,
  ...queueOperations,
  ...collectOperations,
  ...careOperations,
  ...backupOperations,
  ...statusOperations,
  ...connectionOperations,
  ...machineOperations,
  ...traceOperations,
  ...peopleOperations,
  ...tutorialOperations,
}

/** What may be asked and what is answered, by name: the types for callers of their own, such as the page. */
export type Table = typeof table

export const operations: ReadonlyMap<string, AnyOperation> = new Map(Object.entries<AnyOperation>(table))

/** Asked every second while somebody types: the audit tells what becomes of the draft. */
const tooOften = 'draft.save'

/** The one gate: checks the parameters and who asks, runs, and writes changes down. @throws OperationError for what the operator
 *  did wrong */
export async function perform(context: Context, call: { name: string; parameters: unknown }): Promise<unknown> {
  const found = operations.get(call.name)
  if (!found) throw new OperationError(`There is no operation ${call.name}`)
  const parsed = found.parameters.safeParse(call.parameters)
  if (!parsed.success) throw new OperationError(z.prettifyError(parsed.error))
  const asked = { name: call.name, parameters: parsed.data }
  const { mailRelay } = context.settings.now()
  const run = async (): Promise<unknown> => found.run(context, authorized(context.actor, found, asked) as never) // the schema of this very operation has passed it
  const value = await (found.kind === 'change' && call.name !== tooOften ? audited(context, asked, run) : run())
  await followWays(context, call.name, mailRelay)
  return value
}
