// Signing in with a browser and a code that comes back by redirect: RFC 6749 §4.1 with PKCE (RFC 7636), as programs without
// web pages of their own do it (RFC 8252). Called by services whose accounts have tokens.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Instant } from '#/world/world.ts'
import { codeLifeMs } from './limits.ts'
import {
  complete,
  openable,
  opened,
  refused,
  scopeOf,
  sealed,
  type NotBegun,
  type SignedIn,
  type SignInClient,
  type SignInParts,
} from './oauth-sign-in.ts'
import { askTokens, wordsOf } from './oauth.ts'

export type BrowserBegun = {
  readonly is: 'browser'
  readonly ticket: string
  readonly address: string
  readonly expiresAt: Instant
}
const browserTicket = z.strictObject({
  kind: z.literal('browser'),
  verifier: z.string(),
  state: z.string(),
  redirectUri: z.string(),
  expiresAt: z.number(),
})

/** The address to open in a browser. It comes back to `redirectUri`, which may lead to nobody: then the address that the
 *  browser shows in the end is pasted. RFC 6749 §4.1.1, RFC 7636 §4.3 */
export function beginBrowser(client: SignInClient, redirectUri: string, parts: SignInParts): BrowserBegun | NotBegun {
  const { authorizationEndpoint, clientId, scopes, user } = client
  if (authorizationEndpoint === null) return refused('This provider has no page to sign in: use a code for devices')
  if (openable(redirectUri) === null)
    return refused('The address to come back to starts with http://127.0.0.1 or https://')
  const verifier = Buffer.from(parts.random.bytes(32)).toString('base64url') // 43 letters: RFC 7636 §4.1
  const state = Buffer.from(parts.random.bytes(16)).toString('base64url') // RFC 6749 §10.12
  const address = new URL(authorizationEndpoint) // its own query stays: RFC 6749 §3.1
  const query = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    ...scopeOf(scopes),
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), // RFC 7636 §4.2
    code_challenge_method: 'S256',
    login_hint: user,
  }
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
  const expiresAt = parts.now + codeLifeMs
  const ticket = sealed({ kind: 'browser', verifier, state, redirectUri, expiresAt }, client, parts)
  return { is: 'browser', ticket, address: address.href, expiresAt }
}

/** `cameBack`: the address that the browser was sent to. RFC 6749 §4.1.2, §4.1.3, RFC 7636 §4.5 */
export async function finishBrowser(
  client: SignInClient,
  { ticket, cameBack }: { readonly ticket: string; readonly cameBack: string },
  parts: SignInParts,
): Promise<SignedIn> {
  const begun = opened(browserTicket, { ticket, client }, parts)
  if ('is' in begun) return begun
  const query = URL.canParse(cameBack.trim()) ? new URL(cameBack.trim()).searchParams : null
  const [code, state, error] = ['code', 'state', 'error'].map((name) => query?.get(name) ?? null)
  if (!query || (!code && !error)) return refused('Paste the whole address that the browser shows in the end')
  if (state !== begun.state) return refused('This answer belongs to another sign-in: begin anew')
  if (!code) return refused(wordsOf([error, query.get('error_description')].filter(Boolean).join(': ')))
  const { redirectUri, verifier } = begun
  const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
  const answer = await askTokens(client, grant, parts)
  return answer.is === 'later' ? { is: 'later', why: answer.why } : complete(answer)
}
