// Tokens of OAuth: asking an endpoint for them, and reading what it answers. Called by the credentials of mail-relay and
// pop3-client, and by oauth-sign-in.ts. RFC 6749 §5. Some providers give a new refresh token each time and let the old one
// die: it is saved before the access token is used. What a provider says is untrusted: bounded, readable, without our secrets.
import { lettersOf, readableText } from '#/message/printable.ts'
import type { Instant, Web } from '#/world/world.ts'
import { oauthWordsMax, tokenCharsMax, tokenLifeDefaultMs, tokenLifeMaxMs } from './limits.ts'

/** Secrets in the open. */
export type Tokens = {
  readonly accessToken: string
  readonly expiresAt: Instant
  /** Null: there is no new one. */
  readonly refreshToken: string | null
}
/** As a row keeps them; a refresh token stays when there is no new one. */
export const sealedTokens = (
  { accessToken, expiresAt, refreshToken }: Tokens,
  seal: (secret: string, kind: 'accessToken' | 'refreshToken') => string,
): { accessToken: string; expiresAt: Instant; refreshToken?: string } => ({
  accessToken: seal(accessToken, 'accessToken'),
  expiresAt,
  ...(refreshToken !== null && { refreshToken: seal(refreshToken, 'refreshToken') }),
})

/** How the provider knows the program that asks; `clientSecret` is in the open. */
export type OauthClient = {
  readonly tokenEndpoint: string
  readonly clientId: string
  readonly clientSecret: string | null
  /** The endpoint may be in this network. SX-06 */
  readonly privateAllowed: boolean
}
export type TokenAnswer =
  | { readonly is: 'tokens'; readonly tokens: Tokens }
  /** `error` is the provider's code: RFC 6749 §5.2 */
  | { readonly is: 'refused'; readonly error: string; readonly why: string }
  | { readonly is: 'later'; readonly error: string | null; readonly why: string }

export type Form = Readonly<Record<string, string>>
export type Asking = { readonly web: Web; readonly now: Instant }

/** RFC 6749 §6 */
export const refreshTokens = (client: OauthClient, refreshToken: string, asking: Asking): Promise<TokenAnswer> =>
  askTokens(client, { grant_type: 'refresh_token', refresh_token: refreshToken }, asking)

/** A grant for tokens. RFC 6749 §4.1.3, §6; RFC 8628 §3.4 */
export async function askTokens(client: OauthClient, grant: Form, { web, now }: Asking): Promise<TokenAnswer> {
  const answer = await postAs(client, { url: client.tokenEndpoint, form: grant }, web)
  return answer.ok ? readTokens(answer.said, now) : { is: 'later', error: null, why: answer.why }
}

/** What an endpoint said: `text` gives a member of the object that is a text and not empty. */
export type Said = {
  readonly status: number
  readonly text: (name: string) => string | null
  readonly seconds: (name: string) => number | null
  /** The provider's words for an error: readable, bounded, our secrets masked. */
  readonly why: string
}

export async function postAs(
  client: OauthClient,
  { url, form }: { url: string; form: Form },
  web: Web,
): Promise<{ readonly ok: true; readonly said: Said } | { readonly ok: false; readonly why: string }> {
  const { clientId, clientSecret, privateAllowed } = client
  const secret = clientSecret === null ? {} : { client_secret: clientSecret } // RFC 6749 §2.3.1
  const answer = await web.postForm(url, { ...form, client_id: clientId, ...secret }, { privateAllowed })
  if (!answer.ok) return { ok: false, why: wordsOf(answer.why) }
  return { ok: true, said: read(answer, secretsIn({ ...form, ...secret })) }
}

/** It goes into a line of SMTP or POP3. RFC 6750 §2.1 */
const isToken = (text: string): boolean => text.length <= tokenCharsMax && /^[!-~]+$/.test(text)

/** What a provider means by "no, and not later either": RFC 6749 §5.2, RFC 8628 §3.5, OpenID Connect Core 3.1.2.6, and words
 *  of Microsoft's own. */
const final: ReadonlySet<string> = new Set([
  'invalid_grant',
  'invalid_client',
  'unauthorized_client',
  'invalid_scope',
  'unsupported_grant_type',
  'access_denied',
  'expired_token',
  'interaction_required',
  'login_required',
  'consent_required',
  'authorization_declined',
  'bad_verification_code',
])

function readTokens({ status, text, seconds, why }: Said, now: Instant): TokenAnswer {
  const accessToken = text('access_token')
  const refreshToken = text('refresh_token')
  if (status === 200 && accessToken !== null && isToken(accessToken) && (refreshToken?.length ?? 0) <= tokenCharsMax) {
    const said = seconds('expires_in')
    const lifeMs = said ? said * 1000 : tokenLifeDefaultMs // RFC 6749 §5.1 only recommends to tell it
    return {
      is: 'tokens',
      tokens: { accessToken, expiresAt: now + Math.max(0, Math.min(lifeMs, tokenLifeMaxMs)), refreshToken },
    }
  }
  const error = text('error')
  return error !== null && final.has(error) ? { is: 'refused', error, why } : { is: 'later', error, why }
}

function read({ status, body }: { status: number; body: string }, secrets: readonly string[]): Said {
  const members = new Map<string, unknown>(Object.entries(parseObject(lettersOf(body))))
  const text = (name: string): string | null => {
    const value = members.get(name)
    return typeof value === 'string' && value !== '' ? value : null
  }
  const seconds = (name: string): number | null => {
    const value = Number(members.get(name) ?? NaN)
    return Number.isFinite(value) ? value : null
  }
  const parts = [text('error') ?? `status ${status}`, text('error_description')].filter((part) => part !== null)
  return { status, text, seconds, why: wordsOf(masked(parts.join(': '), secrets)) }
}

/** A provider may repeat in its error what we sent. */
const masked = (words: string, secrets: readonly string[]): string =>
  secrets.reduce((text, secret) => text.replaceAll(secret, '***'), words)

const open: ReadonlySet<string> = new Set(['grant_type', 'redirect_uri', 'scope'])
const secretsIn = (form: Form): string[] =>
  Object.entries(form).flatMap(([name, value]) => (open.has(name) || value === '' ? [] : [value]))

/** For people, on one line. */
export const wordsOf = (text: string): string => readableText(text, oauthWordsMax)

function parseObject(json: string): object {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
