// What we show an alternate server to be let in: the password, or an access token that is renewed when it runs out.
// Called by the engine before it connects. Whatever is wrong here holds mail or delays it, and never sends it back. RO-27
import { refreshTokens, sealedTokens } from '#/accounts/oauth.ts'
import { SecretError, type Secrets } from '#/accounts/secrets.ts'
import type { AlternateRow } from '#/config/relay-tables.ts'
import { reply, type Reply } from '#/message/reply.ts'
import type { Credentials } from '#/wire/sasl-client.ts'
import type { Clock, Web } from '#/world/world.ts'
import { tokenSpareMs } from './limits.ts'
import type { RelayTables } from './tables.ts'

/** `hold`: the operator must act first; `later`: it may pass by itself. */
export type CredentialsNow =
  | { readonly is: 'ready'; readonly credentials: Credentials | null }
  | { readonly is: 'hold' | 'later'; readonly reply: Reply }

export type CredentialParts = {
  readonly tables: Pick<RelayTables, 'alternates' | 'putAlternate'>
  readonly secrets: Secrets
  readonly clock: Pick<Clock, 'now'>
  readonly web: Web
}
export interface AlternateCredentials {
  /** Those of the row as it is now; a token that was `refused` before its time is renewed, unless another one has done so.
   *  @throws StoreError when a renewed token could not be saved. */
  of(name: string, asked?: { readonly refused: string }): Promise<CredentialsNow>
}

export function openCredentials(parts: CredentialParts): AlternateCredentials {
  const renewing = new Map<string, Promise<CredentialsNow>>() // a refresh token is used once, however many ask
  return {
    async of(name, { refused } = { refused: '' }) {
      const row = parts.tables.alternates().get(name)
      if (!row) return held(`There is no alternate server ${name}`)
      try {
        const now = await known(row, parts)
        if (now !== null && (refused === '' || tokenOf(now) !== refused)) return now
        return await shared(renewing, name, () => renewed(row, parts))
      } catch (error) {
        if (error instanceof SecretError) return held(error.message)
        throw error
      }
    },
  }
}

/** Null: what is shown is no token. */
export const tokenOf = (now: CredentialsNow): string | null =>
  now.is === 'ready' && now.credentials !== null && 'accessToken' in now.credentials
    ? now.credentials.accessToken
    : null

async function shared<T>(running: Map<string, Promise<T>>, key: string, work: () => Promise<T>): Promise<T> {
  const started = running.get(key) ?? work().finally(() => running.delete(key))
  running.set(key, started)
  return started
}

const held = (why: string): CredentialsNow => ({ is: 'hold', reply: reply(454, '4.7.0', oneLine(why)) })

/** Null when a token must be fetched first. */
async function known(
  { name, auth }: AlternateRow,
  { secrets, clock }: CredentialParts,
): Promise<CredentialsNow | null> {
  if (auth === null) return { is: 'ready', credentials: null }
  const { user } = auth
  if (auth.kind === 'password') {
    const password = secrets.open(auth.secret, secretOf(name, 'password'))
    return { is: 'ready', credentials: { user, password } }
  }
  if (auth.accessToken === null || (auth.expiresAt ?? 0) - clock.now() < tokenSpareMs) return Promise.resolve(null)
  return {
    is: 'ready',
    credentials: { user, accessToken: secrets.open(auth.accessToken, secretOf(name, 'accessToken')) },
  }
}

export type SecretKind = 'password' | 'clientSecret' | 'refreshToken' | 'accessToken'
/** The purpose under which a secret of a row is sealed. */
export const secretOf = (name: string, kind: SecretKind): string => `alternate server ${name} (${kind})`

async function renewed(row: AlternateRow, parts: CredentialParts): Promise<CredentialsNow> {
  const { name, auth } = row
  if (auth?.kind !== 'oauth') return held(`${name} has no account with tokens`)
  const { secrets, clock, web, tables } = parts
  const client = {
    tokenEndpoint: auth.tokenEndpoint,
    clientId: auth.clientId,
    clientSecret: auth.clientSecret === null ? null : secrets.open(auth.clientSecret, secretOf(name, 'clientSecret')),
    privateAllowed: true, // only the operator writes alternate servers
  }
  const refreshToken = secrets.open(auth.refreshToken, secretOf(name, 'refreshToken'))
  const refreshed = await refreshTokens(client, refreshToken, { web, now: clock.now() })
  const why = `The account ${auth.user} at ${name} could not be renewed`
  if (refreshed.is === 'refused') return held(`${why}, sign in again: ${refreshed.why}`)
  if (refreshed.is === 'later') return { is: 'later', reply: reply(454, '4.7.0', oneLine(`${why}: ${refreshed.why}`)) }
  const seal = (secret: string, kind: SecretKind): string => secrets.seal(secret, secretOf(name, kind))
  const current = tables.alternates().get(name) // the operator may have changed it meanwhile
  if (current?.auth?.kind === 'oauth' && current.auth.refreshToken === auth.refreshToken)
    await tables.putAlternate({ ...current, auth: { ...auth, ...sealedTokens(refreshed.tokens, seal) } })
  return { is: 'ready', credentials: { user: auth.user, accessToken: refreshed.tokens.accessToken } }
}

const oneLine = (text: string): string => text.replace(/[\r\n]/g, ' ')
