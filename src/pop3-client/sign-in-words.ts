// Why tokens of an account cannot be renewed, and what to do, in words for its owner. Called by credentials.ts. Pure. PC-03
import type { TokenAnswer } from '#/accounts/oauth.ts'
import type { RemoteAccount, RemoteOauth } from '#/config/remote-accounts.ts'
import type { Instant } from '#/world/world.ts'
import { testAppEarlyMs, testAppLateMs, testAppLifeMs } from './limits.ts'

type Refusal = TokenAnswer & { readonly is: 'refused' }
type Signed = { readonly account: RemoteAccount; readonly auth: RemoteOauth; readonly now: Instant }

export function whyRefused({ error, why }: Refusal, { account, auth, now }: Signed): string {
  const who = `${auth.user} at ${account.host}`
  if (error === 'invalid_client' || error === 'unauthorized_client')
    return `The provider does not know our client for ${who}: check its client id and client secret. It says: ${why}`
  if (error === 'invalid_grant' && isTestApp(auth.signedInAt, now))
    return (
      `The sign-in of ${who} ended seven days after it was made. Providers do so while an app is in testing: publish it ` +
      `(Google: "Publishing status" must be "In production"), then sign in again. It says: ${why}`
    )
  return `The provider has ended the sign-in of ${who}: sign in again (see FAQ: sign-in-expired). It says: ${why}`
}

/** Google lets tokens of an app "in testing" die after seven days. We notice when the access token of then has run out. */
function isTestApp(signedInAt: Instant | null, now: Instant): boolean {
  const late = now - (signedInAt ?? 0) - testAppLifeMs
  return signedInAt !== null && late >= -testAppEarlyMs && late <= testAppLateMs
}
