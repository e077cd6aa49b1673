// What is known of the providers of mailboxes, for whoever adds an account: filled in where nothing was said, and advice. PC-31
import { providerFor, providers, userAt, type Provider } from '#/config/mail-providers.ts'
import { remoteAccountSchema, type RemoteAccount } from '#/config/remote-accounts.ts'
import type { CollectFields } from './collect-request.ts'
import { OperationError } from './errors.ts'

export const listProviders = (): Promise<unknown> =>
  Promise.resolve(providers.map(({ name, host, ways, domains, advice }) => ({ name, host, ways, domains, advice })))

/** A new account without a host is one of a provider that the address names. @throws OperationError where there is no POP3 */
export function withPreset(request: CollectFields): CollectFields {
  const provider = request.host === undefined && request.user !== undefined ? providerFor(request.user) : null
  if (provider === null || request.user === undefined) return request
  if (provider.host === null) throw new OperationError(`${provider.name}: ${provider.advice.join(' ')}`)
  return {
    host: provider.host,
    ...(provider.intervalMs !== null && { intervalMs: Math.max(provider.intervalMs, usualMs) }),
    ...(request.clientId !== undefined && provider.oauth),
    ...request,
    user: userAt(provider, request.user),
  }
}

const usualMs = remoteAccountSchema.shape.intervalMs.unwrap().parse(600_000)

/** By the host: a customer may have a domain of their own. */
export function adviceFor({ host }: Pick<RemoteAccount, 'host'>): readonly string[] {
  const known: Provider | undefined = providers.find((one) => one.host === host)
  return known?.advice ?? []
}
