// Who may ask for what: denied unless an operation says otherwise. WEB-12
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import type { AnyOperation } from './operation.ts'

/** The parameters as this actor may ask them. @throws OperationError when it is not theirs to ask */
export function authorized(context: Context, { owner }: Pick<AnyOperation, 'owner'>, parameters: unknown): unknown {
  const { actor } = context
  if (!actor || actor.role === 'administrator') return parameters
  if (!owner || actor.mailbox === null) throw new OperationError('Only an administrator may do this')
  return owner(parameters as never, actor.mailbox) // the schema of this very operation has passed them
}
