// A new access token for an account at an alternate server. Called by credentials.ts. RFC 6749 §6
// Some servers give a new refresh token each time and let the old one die: it is saved before the access token is used.
import type { AlternateAuth } from '#/config/relay-tables.ts'
import type { Instant, Web, WebAnswer } from '#/world/world.ts'

export type OauthAuth = AlternateAuth & { readonly kind: 'oauth' }
/** Secrets in the open. */
export type Tokens = {
  readonly accessToken: string
  readonly expiresAt: Instant
  /** Null: the old one stays good. */
  readonly refreshToken: string | null
}
export type Refreshed =
  | { readonly is: 'tokens'; readonly tokens: Tokens }
  /** The operator must act: sign in again. */
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'later'; readonly why: string }

export type RefreshAsked = {
  readonly endpoint: string
  readonly clientId: string
  readonly clientSecret: string | null
  readonly refreshToken: string
  readonly now: Instant
}

export async function refreshTokens(web: Web, asked: RefreshAsked): Promise<Refreshed> {
  const form = {
    grant_type: 'refresh_token',
    refresh_token: asked.refreshToken,
    client_id: asked.clientId,
    ...(asked.clientSecret !== null && { client_secret: asked.clientSecret }), // RFC 6749 §2.3.1
  }
  return readTokens(await web.postForm(asked.endpoint, form), asked.now)
}

/** What the server means by "no, and not later either". RFC 6749 §5.2 */
const final = new Set([
  'invalid_grant',
  'invalid_client',
  'unauthorized_client',
  'invalid_scope',
  'unsupported_grant_type',
])
const lifetimeSeconds = 3600 // when it does not say: RFC 6749 §5.1 only recommends it
const lifetimeSecondsMax = 86_400

function readTokens(answer: WebAnswer, now: Instant): Refreshed {
  if (!answer.ok) return { is: 'later', why: answer.why }
  const said = parseObject(answer.body)
  const text = (name: string): string | null =>
    typeof said[name] === 'string' && said[name] !== '' ? said[name] : null
  const accessToken = text('access_token')
  if (answer.status === 200 && accessToken !== null && isToken(accessToken)) {
    const seconds = Math.min(Number(said['expires_in'] ?? lifetimeSeconds) || lifetimeSeconds, lifetimeSecondsMax)
    return {
      is: 'tokens',
      tokens: { accessToken, expiresAt: now + Math.max(0, seconds) * 1000, refreshToken: text('refresh_token') },
    }
  }
  const error = text('error') ?? `status ${answer.status}`
  const why = [error, text('error_description')]
    .filter((part) => part !== null)
    .join(': ')
    .slice(0, 500)
  return { is: final.has(error) ? 'refused' : 'later', why }
}

/** It goes into a line of SMTP. RFC 6750 §2.1 */
const isToken = (text: string): boolean => /^[!-~]{1,8192}$/.test(text)

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
