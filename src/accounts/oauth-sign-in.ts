// What the two ways of signing in at a provider of tokens have in common: oauth-device.ts and oauth-browser.ts. Nothing is
// kept between two steps: all is in a sealed ticket, so that it works across processes. What a provider says is untrusted.
import type { z } from 'zod'
import { safeWebAddress } from '#/config/fields.ts'
import type { Instant, Random, Web } from '#/world/world.ts'
import { signInTextMax } from './limits.ts'
import type { OauthClient, TokenAnswer, Tokens } from './oauth.ts'
import { SecretError, type Secrets } from './secrets.ts'

export type SignInClient = OauthClient & {
  readonly user: string
  readonly authorizationEndpoint: string | null
  readonly deviceEndpoint: string | null
  /** With that for a refresh token, where a provider wants one: offline_access. */
  readonly scopes: readonly string[]
}
export type SignInParts = {
  readonly web: Web
  readonly secrets: Secrets
  readonly random: Random
  readonly now: Instant
}
export type NotBegun = { readonly is: 'refused' | 'later'; readonly why: string }
export type SignedIn =
  | { readonly is: 'tokens'; readonly tokens: Tokens & { readonly refreshToken: string } }
  /** Not yet: ask again after `waitMs`, with this ticket. `why` tells of a provider that does not answer. */
  | { readonly is: 'waiting'; readonly ticket: string; readonly waitMs: number; readonly why: string | null }
  /** This sign-in is over; another one may be begun. */
  | NotBegun

/** A ticket serves the client and the user that it was made for. */
const purposeOf = ({ user, tokenEndpoint, clientId }: SignInClient): string =>
  `sign-in of ${user} at ${tokenEndpoint} by ${clientId}`

export function opened<T extends { readonly expiresAt: number }>(
  schema: z.ZodType<T>,
  { ticket, client }: { ticket: string; client: SignInClient },
  { secrets, now }: SignInParts,
): T | NotBegun {
  try {
    const read = schema.safeParse(JSON.parse(secrets.open(ticket, purposeOf(client))))
    if (!read.success) return refused('This sign-in was begun in another way: begin anew')
    return read.data.expiresAt > now ? read.data : refused('The time to sign in is over: begin anew')
  } catch (error) {
    if (error instanceof SecretError) return refused('This sign-in was begun for another account: begin anew')
    throw error
  }
}

export const refused = (why: string): NotBegun => ({ is: 'refused', why })
export const sealed = (ticket: object, client: SignInClient, { secrets }: SignInParts): string =>
  secrets.seal(JSON.stringify(ticket), purposeOf(client))

export const scopeOf = (scopes: readonly string[]): Record<string, string> =>
  scopes.length === 0 ? {} : { scope: scopes.join(' ') }

export const shown = (text: string | null): string | null =>
  text !== null && text.length <= signInTextMax && /^[!-~](?:[ -~]*[!-~])?$/.test(text) ? text : null

/** Somebody will open it: no other scheme, and no plain http but to this machine. */
export const openable = (text: string | null): string | null =>
  shown(text) !== null && text !== null && safeWebAddress.test(text) && URL.canParse(text) ? text : null

export function complete(answer: Exclude<TokenAnswer, { is: 'later' }>): SignedIn {
  if (answer.is === 'refused') return { is: 'refused', why: answer.why }
  const { refreshToken } = answer.tokens
  if (refreshToken === null)
    return refused(
      'The provider let us in for an hour only: it gave no refresh token. Add the scope or parameter for one, often offline_access',
    )
  return { is: 'tokens', tokens: { ...answer.tokens, refreshToken } }
}
