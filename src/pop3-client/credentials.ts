// What we show a remote server to be let in: the password, or an access token that is renewed when it runs out. Called by the
// collector before it connects. A new refresh token is durable before the access token is used, and nothing is thrown away
// because a provider does not answer. PC-03, PC-37
import { refreshTokens, sealedTokens, type OauthClient, type Tokens } from '#/accounts/oauth.ts'
import { SecretError, type Secrets } from '#/accounts/secrets.ts'
import type { RemoteAccount, RemoteOauth } from '#/config/remote-accounts.ts'
import type { AccountId } from '#/storage/collected.ts'
import type { Credentials } from '#/wire/sasl-client.ts'
import type { Clock, Web } from '#/world/world.ts'
import type { RemoteAccounts } from './accounts.ts'
import { tokenSpareMs } from './limits.ts'
import { whyRefused } from './sign-in-words.ts'

/** `sign-in`: nothing helps but that somebody acts, `words` say how. `later`: it may pass by itself. */
export type RemoteCredentialsNow =
  | { readonly is: 'ready'; readonly credentials: Credentials }
  | { readonly is: 'sign-in' | 'later'; readonly words: string }

export type RemoteCredentialParts = {
  readonly accounts: Pick<RemoteAccounts, 'all' | 'byId' | 'edit'>
  readonly secrets: Secrets
  readonly clock: Pick<Clock, 'now'>
  readonly web: Web
}
export interface RemoteCredentials {
  /** Of a row, as it is now; or of a draft, whose `id` is null: tokens of a draft are renewed only when a row holds the same,
   *  since a new refresh token must have a place. `refused`: the server did not take this access token, so it is renewed
   *  whatever its time. @throws StoreError when a renewed token could not be saved. */
  of(
    account: { readonly id: AccountId | null; readonly settings: RemoteAccount },
    options?: { readonly refused: string },
  ): Promise<RemoteCredentialsNow>
}

export function openRemoteCredentials(parts: RemoteCredentialParts): RemoteCredentials {
  const renewing = new Map<string, Promise<RemoteCredentialsNow>>() // a refresh token is used once, however many ask
  return {
    async of({ id, settings }, options) {
      const account = (id === null ? undefined : parts.accounts.byId(id)?.settings) ?? settings
      try {
        return known(account, parts, options?.refused) ?? (await renewed(account, { ...parts, renewing }))
      } catch (error) {
        if (error instanceof SecretError) return { is: 'sign-in', words: error.message }
        throw error
      }
    },
  }
}

export type SecretKind = 'password' | 'clientSecret' | 'refreshToken' | 'accessToken'

type SignsIn = { readonly host: string; readonly auth: { readonly user: string } }

/** The purpose under which a secret of an account is sealed. It names the server and the user, not the account: an account
 *  may be renamed, but a password must never go to another server because somebody changes the host of a row. Whoever changes
 *  host or user asks for the secret again. */
export const remoteSecretOf = ({ host, auth }: SignsIn, kind: SecretKind): string =>
  `remote account ${auth.user} at ${host.toLowerCase()} (${kind})`

/** Null when a token must be fetched first. */
function known(
  account: RemoteAccount,
  { secrets, clock }: RemoteCredentialParts,
  refused: string | undefined,
): RemoteCredentialsNow | null {
  const { auth } = account
  const { user } = auth
  if (auth.kind === 'password' && auth.secret === '')
    return { is: 'sign-in', words: `No password for ${user} at ${account.host} was given: --password asks for it` }
  const open = (sealed: string, kind: SecretKind): string => secrets.open(sealed, remoteSecretOf(account, kind))
  if (auth.kind === 'password') return { is: 'ready', credentials: { user, password: open(auth.secret, 'password') } }
  if (auth.accessToken === null || (auth.expiresAt ?? 0) - clock.now() < tokenSpareMs) return null
  const accessToken = open(auth.accessToken, 'accessToken')
  return accessToken === refused ? null : { is: 'ready', credentials: { user, accessToken } }
}

type Renewing = RemoteCredentialParts & { readonly renewing: Map<string, Promise<RemoteCredentialsNow>> }

async function renewed(account: RemoteAccount, parts: Renewing): Promise<RemoteCredentialsNow> {
  const { auth } = account
  if (auth.kind !== 'oauth' || auth.refreshToken === null)
    return { is: 'sign-in', words: `Nobody has signed in for ${auth.user} at ${account.host} yet` }
  const { refreshToken } = auth
  const home = homeOf(refreshToken, parts)
  if (home === undefined)
    return {
      is: 'later',
      words: 'The token of this account must be renewed first, and the new one needs a place: save it',
    }
  const { renewing } = parts
  const started = renewing.get(refreshToken)
  if (started) return started
  const work = renew({ account, auth, home }, parts).finally(() => renewing.delete(refreshToken))
  renewing.set(refreshToken, work)
  return work
}

/** The row whose token it is. A sealed text tells: no two are equal. */
const homeOf = (refreshToken: string, { accounts }: RemoteCredentialParts): AccountId | undefined =>
  accounts.all().find(({ settings }) => holds(settings, refreshToken))?.id

const holds = ({ auth }: RemoteAccount, refreshToken: string): boolean =>
  auth.kind === 'oauth' && auth.refreshToken === refreshToken

type Signed = { readonly account: RemoteAccount; readonly auth: RemoteOauth; readonly home: AccountId }

async function renew({ account, auth, home }: Signed, parts: RemoteCredentialParts): Promise<RemoteCredentialsNow> {
  const { secrets, clock, web, accounts } = parts
  const before = auth.refreshToken ?? ''
  const token = secrets.open(before, remoteSecretOf(account, 'refreshToken'))
  const now = clock.now()
  const answer = await refreshTokens(clientOf(account, auth, secrets), token, { web, now })
  if (answer.is === 'refused') return { is: 'sign-in', words: whyRefused(answer, { account, auth, now }) }
  if (answer.is === 'later')
    return { is: 'later', words: `The token of ${auth.user} could not be renewed: ${answer.why}` }
  const saved = await accounts.edit(home, (row) =>
    holds(row, before) ? { ...row, auth: withTokens(row, answer.tokens, secrets) } : null,
  )
  if (!saved) return { is: 'later', words: 'The account was changed while its token was being renewed' }
  return { is: 'ready', credentials: { user: auth.user, accessToken: answer.tokens.accessToken } }
}

/** How the provider knows us for this account. @throws SecretError */
export function clientOf(account: RemoteAccount, auth: RemoteOauth, secrets: Secrets): OauthClient {
  const { tokenEndpoint, clientId, clientSecret } = auth
  return {
    tokenEndpoint,
    clientId,
    clientSecret: clientSecret === null ? null : secrets.open(clientSecret, remoteSecretOf(account, 'clientSecret')),
    privateAllowed: account.privateAllowed,
  }
}

/** The auth of an account with new tokens, sealed; a refresh token stays when there is no new one. */
export function withTokens(account: RemoteAccount, tokens: Tokens, secrets: Secrets): RemoteOauth {
  const { auth } = account
  if (auth.kind !== 'oauth') throw new SecretError(`${account.name} signs in with a password`)
  return { ...auth, ...sealedTokens(tokens, (secret, kind) => secrets.seal(secret, remoteSecretOf(account, kind))) }
}
