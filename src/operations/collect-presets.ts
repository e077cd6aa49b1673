// What is known of the providers of mailboxes, for whoever adds an account: filled in where nothing was said, and advice. PC-31
import { providerFor, providers, userAt, type Provider } from '#/config/mail-providers.ts'
import { remoteAccountSchema, type RemoteAccount } from '#/config/remote-accounts.ts'
import type { CollectFields } from './collect-request.ts'
import { OperationError } from './errors.ts'

export type ShownProvider = Pick<Provider, 'name' | 'host' | 'ways' | 'domains' | 'advice'>

export const listProviders = (): Promise<readonly ShownProvider[]> =>
  Promise.resolve(providers.map(({ name, host, ways, domains, advice }) => ({ name, host, ways, domains, advice })))

/** A new account without a host is one of a provider that the address names; a client id without endpoints is for those of the
 *  provider. @throws OperationError where there is no POP3 */
export function withPreset(request: CollectFields, before: RemoteAccount | undefined): CollectFields {
  const host = request.host ?? before?.host
  const user = request.user ?? before?.auth.user ?? ''
  const provider = host === undefined ? providerFor(user) : providerAt(host, user)
  const asked = request.clientId !== undefined && request.tokenEndpoint === undefined && before?.auth.kind !== 'oauth'
  const signIn = asked ? provider?.oauth : null
  return { ...request, ...signIn, ...(host === undefined && provider !== null && placeOf(provider, request, user)) }
}

function placeOf(provider: Provider, request: CollectFields, address: string): Partial<CollectFields> {
  const { name, host, intervalMs, advice } = provider
  if (host === null) throw new OperationError(`${name}: ${advice.join(' ')}`)
  const usualMs = remoteAccountSchema.shape.intervalMs.parse(undefined)
  const often = request.intervalMs ?? Math.max(intervalMs ?? 0, usualMs)
  return { host, intervalMs: often, user: userAt(provider, address) }
}

/** A customer may have a domain of their own. Of those that share a host the last one is for everybody. */
function providerAt(host: string, user: string): Provider | null {
  const named = providerFor(user)
  return named?.host === host.toLowerCase()
    ? named
    : (providers.findLast((one) => one.host === host.toLowerCase()) ?? null)
}

export const adviceFor = ({ host, auth }: RemoteAccount): readonly string[] => providerAt(host, auth.user)?.advice ?? []
