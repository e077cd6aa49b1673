// The access list and the bans, as an operator changes them.
import { checkEntry } from '#/intake/access.ts'
import { explainAccess } from '#/intake/explain.ts'
import { parseDomain } from '#/message/address.ts'
import type { Resolver } from '#/dns/resolver.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { relaySelfTest } from './self-test.ts'

export const listAccess = async ({ directory }: Context): Promise<unknown> => Promise.resolve(directory.all().access)

export type AccessRequest = {
  readonly pattern: string
  readonly action: 'allow' | 'deny'
  readonly note: string
  readonly senders: readonly string[]
  readonly expiresAt: number | null
}

/** @throws OperationError; a pattern that lets strangers send must be confirmed in the given way. AC-02 */
export function checkAccess(
  { pattern, action }: Pick<AccessRequest, 'pattern' | 'action'>,
  confirmed: boolean,
  how: string,
): void {
  const checked = checkEntry({ pattern, action, confirmed })
  if (checked.ok) return
  const dangerous = !confirmed && checkEntry({ pattern, action, confirmed: true }).ok
  throw new OperationError(dangerous ? checked.problem.replace('Confirm it if you are certain.', how) : checked.problem)
}

export async function addAccess(
  context: Context,
  { everyone, ...row }: AccessRequest & { everyone: boolean },
): Promise<unknown> {
  checkAccess(row, everyone, 'If you are certain, say so with --yes-everyone.')
  const position = Math.max(0, ...context.directory.all().access.map((one) => one.position)) + 1
  const id = await context.store.putAccess({ ...row, position })
  await context.directory.reload()
  return { id, ...row, selfTest: (await relaySelfTest(context)) ?? 'strangers are refused' }
}

export async function removeAccess(context: Context, request: { id: number }): Promise<unknown> {
  if (!(await context.store.removeAccess(request.id)))
    throw new OperationError(`There is no access entry ${request.id}`)
  await context.directory.reload()
  return { removed: request.id }
}

/** With a name: as if the client's reverse name were that one and led back to it. */
export function testAccess(
  context: Context,
  request: { address: string; name?: string | undefined },
): Promise<unknown> {
  const { directory, world, settings } = context
  const { forwarding } = settings.now().mailServer
  const resolver =
    request.name === undefined ? context.resolver : supposing(context.resolver, request.address, request.name)
  return explainAccess({ directory, resolver, clock: world.clock, forwarding }, request.address)
}

function supposing(resolver: Resolver, address: string, typed: string): Resolver {
  const name = parseDomain(typed)
  if (!name.ok) throw new OperationError(`${typed} is no host name: ${name.problem}`)
  return {
    ptr: () => Promise.resolve({ is: 'found', records: [name.value], ttlMs: 0 }),
    addresses: (asked, family) =>
      asked === name.value
        ? Promise.resolve({ is: 'found', records: [address], ttlMs: 0 })
        : resolver.addresses(asked, family),
    confirmedName: (asked) => resolver.confirmedName(asked),
  }
}

export const listBans = async ({ logins }: Context): Promise<unknown> => Promise.resolve(logins?.bans() ?? [])
export const clearBan = async ({ logins }: Context, request: { client: string }): Promise<unknown> =>
  Promise.resolve({ cleared: logins?.unban(request.client) ?? false })
