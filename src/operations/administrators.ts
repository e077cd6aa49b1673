// Administrators as they are added, changed and removed. Their passwords are in no answer.
import { z } from 'zod'
import { administratorName, administratorProblem } from '#/accounts/administrators.ts'
import type { AdministratorRow } from '#/storage/people.ts'
import { StoreError } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { NotAllowed, OperationError } from './errors.ts'

export const addRequest = z.strictObject({ name: z.string(), password: z.string() })
/** `current`: the own password of who asks, in a browser. */
export const passwordRequest = z.strictObject({
  name: z.string(),
  password: z.string(),
  current: z.string().optional(),
})
export const administratorAnswer = z.object({
  name: z.string(),
  totp: z.boolean(),
  recoveryCodesLeft: z.int(),
  createdAt: z.number(),
  lastLoginAt: z.number().nullable(),
  lastLoginFrom: z.string().nullable(),
})
export const administratorsAnswer = z.array(administratorAnswer)
export const linkAnswer = z.object({ link: z.string().nullable(), because: z.string() })
export type ShownAdministrator = z.infer<typeof administratorAnswer>

export const shownAdministrator = (row: AdministratorRow): ShownAdministrator => ({
  name: row.name,
  totp: row.totp !== null,
  recoveryCodesLeft: row.recovery.length,
  createdAt: row.createdAt,
  lastLoginAt: row.lastLoginAt,
  lastLoginFrom: row.lastLoginFrom,
})

/** @throws OperationError when there is none */
export function existingAdministrator({ people }: Context, name: string): AdministratorRow {
  const row = people.administrators.find(name)
  if (!row) throw new OperationError(`There is no administrator ${name}`)
  return row
}

export const listAdministrators = ({ people }: Context): Promise<ShownAdministrator[]> =>
  Promise.resolve(people.administrators.all().map(shownAdministrator))

export async function addAdministrator(
  context: Context,
  request: z.infer<typeof addRequest>,
): Promise<ShownAdministrator> {
  const { people } = context
  const problem = administratorProblem(request)
  if (problem !== null) throw new OperationError(problem)
  try {
    await people.administrators.add(request, 'more')
  } catch (error) {
    if (!(error instanceof StoreError && error.kind === 'conflict')) throw error
    throw new OperationError(`There is an administrator ${administratorName(request.name)} already`)
  }
  people.endSetup()
  return shownAdministrator(existingAdministrator(context, request.name))
}

export async function setAdministratorPassword(
  context: Context,
  { current, ...request }: z.infer<typeof passwordRequest>,
): Promise<ShownAdministrator> {
  const { actor, people } = context
  const { name } = existingAdministrator(context, request.name)
  await confirmPassword(context, current)
  const problem = administratorProblem(request)
  if (problem !== null) throw new OperationError(problem)
  await people.administrators.setPassword(request)
  if (actor?.role === 'administrator' && actor.name === name) await people.keepSession(actor)
  return shownAdministrator(existingAdministrator(context, name))
}

/** A browser that was left open must not be enough to take the account over. @throws NotAllowed */
export async function confirmPassword({ actor, people }: Context, current: string | undefined): Promise<void> {
  if (actor?.via !== 'session') return
  if (current === undefined || !(await people.knowsPassword(actor, current)))
    throw new NotAllowed('This is not your present password')
}

export async function removeAdministrator(context: Context, request: { name: string }): Promise<{ removed: string }> {
  const { people } = context
  const { name } = existingAdministrator(context, request.name)
  if (!(await people.removeAdministrator(name)))
    throw new OperationError(`${name} is the last administrator: add another one first`)
  return { removed: name }
}

type Listening = { readonly component: string; readonly address: string; readonly problem: string | null }

/** The one-time link, as far as it is known where the console listens; null for an empty token. */
export function setupLink(token: string, listening: readonly Listening[]): string | null {
  const at = (wanted: string): string | undefined =>
    listening.find(({ component, problem }) => component === wanted && problem === null)?.address
  const [plain, tls] = [at('console'), at('consoles')]
  const base = plain === undefined ? (tls === undefined ? '' : `https://${tls}`) : `http://${plain}`
  return token === '' ? null : `${base}/setup#${token}`
}

/** Nobody but who may read the data folder is told. */
export function tellSetupLink({ people, listening }: Context): Promise<z.infer<typeof linkAnswer>> {
  const link = setupLink(people.setupToken(), listening?.() ?? [])
  if (link === null) return Promise.resolve({ link, because: 'An administrator exists already' })
  const because = link.startsWith('http')
    ? 'It works once'
    : 'The console does not listen now: put its address before this'
  return Promise.resolve({ link, because })
}
