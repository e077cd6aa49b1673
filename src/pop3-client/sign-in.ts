// Signs in for a remote account at its provider of tokens, and keeps what comes of it in the row. Called by operations. PC-03
import { beginBrowser, finishBrowser, type BrowserBegun } from '#/accounts/oauth-browser.ts'
import { beginDevice, finishDevice, type DeviceBegun } from '#/accounts/oauth-device.ts'
import type { NotBegun, SignedIn, SignInClient, SignInParts } from '#/accounts/oauth-sign-in.ts'
import { SecretError } from '#/accounts/secrets.ts'
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type { AccountId } from '#/storage/collected.ts'
import type { Random } from '#/world/world.ts'
import { clientOf, withTokens, type RemoteCredentialParts } from './credentials.ts'

export type SignInDone = { readonly is: 'signed-in' } | Exclude<SignedIn, { is: 'tokens' }>

export interface RemoteSignIn {
  /** With a code for another device. */
  device(settings: RemoteAccount): Promise<DeviceBegun | NotBegun>
  /** With a browser that comes back to `redirectUri`. */
  browser(settings: RemoteAccount, redirectUri: string): BrowserBegun | NotBegun
  /** `cameBack`: the address that the browser was sent to; null for a device. 'signed-in': the tokens are durable.
   *  @throws StoreError when they could not be saved */
  finish(id: AccountId, answer: { readonly ticket: string; readonly cameBack: string | null }): Promise<SignInDone>
}

export type RemoteSignInParts = RemoteCredentialParts & { readonly random: Random }

export function openRemoteSignIn(parts: RemoteSignInParts): RemoteSignIn {
  const now = (): SignInParts => ({ ...parts, now: parts.clock.now() })
  return {
    async device(settings) {
      const client = clientFor(settings, parts)
      return 'is' in client ? client : beginDevice(client, now())
    },
    browser(settings, redirectUri) {
      const client = clientFor(settings, parts)
      return 'is' in client ? client : beginBrowser(client, redirectUri, now())
    },
    async finish(id, { ticket, cameBack }) {
      const row = parts.accounts.byId(id)
      if (!row) return refused('There is no such account any more')
      const client = clientFor(row.settings, parts)
      if ('is' in client) return client
      const answer =
        cameBack === null
          ? await finishDevice(client, ticket, now())
          : await finishBrowser(client, { ticket, cameBack }, now())
      return answer.is === 'tokens' ? keep(answer, { id, client }, parts) : answer
    },
  }
}

const refused = (why: string): NotBegun => ({ is: 'refused', why })

function clientFor(settings: RemoteAccount, { secrets }: RemoteSignInParts): SignInClient | NotBegun {
  const { auth } = settings
  if (auth.kind !== 'oauth') return refused(`${settings.name} signs in with a password`)
  try {
    const { user, authorizationEndpoint, deviceEndpoint, scopes } = auth
    return { ...clientOf(settings, auth, secrets), user, authorizationEndpoint, deviceEndpoint, scopes }
  } catch (error) {
    if (error instanceof SecretError) return refused(error.message)
    throw error
  }
}

async function keep(
  { tokens }: SignedIn & { is: 'tokens' },
  { id, client }: { id: AccountId; client: SignInClient },
  { accounts, secrets, clock }: RemoteSignInParts,
): Promise<SignInDone> {
  const same = ({ auth }: RemoteAccount): boolean =>
    auth.kind === 'oauth' &&
    auth.user === client.user &&
    auth.clientId === client.clientId &&
    auth.tokenEndpoint === client.tokenEndpoint
  const kept = await accounts.edit(id, (row) =>
    same(row) ? { ...row, auth: { ...withTokens(row, tokens, secrets), signedInAt: clock.now() } } : null,
  )
  return kept ? { is: 'signed-in' } : refused('The account was changed meanwhile: sign in anew')
}
