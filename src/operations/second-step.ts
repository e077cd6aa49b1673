// Codes of an authenticator as the second step of signing in: set up, confirmed, taken back. Whoever is signed in sets up their
// own; the command line may do it for everybody.
import { z } from 'zod'
import { pictureOf } from '#/accounts/picture.ts'
import { SecretError } from '#/accounts/secrets.ts'
import {
  confirmPassword,
  existingAdministrator,
  shownAdministrator,
  type ShownAdministrator,
} from './administrators.ts'
import type { Context } from './context.ts'
import { NotAllowed, OperationError } from './errors.ts'

export const begunAnswer = z.object({
  secret: z.string(),
  url: z.string(),
  ticket: z.string(),
  /** The url as a QR code: the path of an SVG whose view box is `size` squares wide. */
  picture: z.object({ size: z.int(), path: z.string() }),
})
export const confirmRequest = z.strictObject({
  name: z.string(),
  ticket: z.string().max(1_000),
  code: z.string().max(64),
})

/** `current`: the own password of who asks, in a browser. */
export const resetRequest = z.strictObject({ name: z.string(), current: z.string().optional() })

export function beginTotp(context: Context, request: { name: string }): Promise<z.infer<typeof begunAnswer>> {
  const begun = context.people.secondStep.begin(ownName(context, request.name))
  return Promise.resolve({ ...begun, picture: pictureOf(begun.url) })
}

export async function confirmTotp(
  context: Context,
  request: z.infer<typeof confirmRequest>,
): Promise<{ recoveryCodes: string[] }> {
  const { administrators, secondStep } = context.people
  const codes = await confirmed(() => secondStep.confirm(ownName(context, request.name), request))
  if (codes === null)
    throw new OperationError(
      'This is not the code of now: look at the clock of the authenticator, then take the next code',
    )
  await administrators.reload()
  return { recoveryCodes: codes }
}

async function confirmed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof SecretError ? new OperationError('Begin once more: this was not begun here') : error
  }
}

/** For who lost the authenticator and the recovery codes: another administrator, or the command line. */
export async function resetTotp(context: Context, request: z.infer<typeof resetRequest>): Promise<ShownAdministrator> {
  await confirmPassword(context, request.current)
  const { administrators, secondStep } = context.people
  const { name } = existingAdministrator(context, request.name)
  await secondStep.off(name)
  await administrators.reload()
  return shownAdministrator(existingAdministrator(context, name))
}

function ownName(context: Context, wanted: string): string {
  const { name } = existingAdministrator(context, wanted)
  if (context.actor?.via === 'session' && context.actor.name !== name)
    throw new NotAllowed('Codes are set up by whoever they are for')
  return name
}
