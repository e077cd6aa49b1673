// A remote account that signs in with tokens, for tests: a real provider on loopback, a real store in a folder of its own.
import assert from 'node:assert/strict'
import { openSecrets } from '#/accounts/secrets.ts'
import { remoteAccountSchema, type RemoteAccount } from '#/config/remote-accounts.ts'
import { targetProblem } from '#/dns/targets.ts'
import { openRemoteAccounts } from '#/pop3-client/accounts.ts'
import {
  openRemoteCredentials,
  remoteSecretOf,
  type RemoteCredentialsNow,
  type SecretKind,
} from '#/pop3-client/credentials.ts'
import { openRemoteSignIn } from '#/pop3-client/sign-in.ts'
import { openStore } from '#/storage/open.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { nodeWeb } from '#/world/node/web.ts'
import { OauthProvider, type ProviderOptions } from './oauth-provider.ts'
import { dataFolder } from './serve.ts'

const random = randomPool()
export const secrets = openSecrets(random.bytes(32), random)

export const sealedFor = (account: RemoteAccount, kind: SecretKind, secret: string): string =>
  secrets.seal(secret, remoteSecretOf(account, kind))

/** An account that signed in just now, and has no access token. */
export async function accountRig(options: ProviderOptions = {}, change: Partial<RemoteAccount> = {}) {
  let now = 1_700_000_000_000
  const provider = await OauthProvider.open({ clientSecret: 'hush', ...options, now: () => now })
  const folder = dataFolder()
  const open = () => openStore({ folder: folder.path, world: { clock, random, log: silentLog }, reserveBytes: () => 0 })
  const store = await open()
  const accounts = await openRemoteAccounts(store)
  const { clientId } = provider
  const auth = {
    kind: 'oauth',
    user: 'ann@far.example',
    ...provider.endpoints,
    clientId,
    signedInAt: now,
    scopes: ['mail'],
  }
  const fields = { name: 'old', mailbox: 1, host: 'pop.far.example', port: 995, auth, privateAllowed: true, ...change }
  const draft = remoteAccountSchema.parse(fields)
  const settings = remoteAccountSchema.parse({
    ...fields,
    auth: {
      ...auth,
      clientSecret: sealedFor(draft, 'clientSecret', 'hush'),
      refreshToken: sealedFor(draft, 'refreshToken', provider.signedIn()),
    },
  })
  const row = await accounts.add(settings)
  const parts = { accounts, secrets, clock: { now: () => now }, web: nodeWeb(targetProblem), random }
  const credentials = openRemoteCredentials(parts)
  /** The refresh token as it stands on the disk. */
  const kept = async (): Promise<string> => {
    const [json] = await store.collected.accounts()
    const { auth } = remoteAccountSchema.parse(JSON.parse(json!.settings))
    return auth.kind === 'oauth' && auth.refreshToken !== null
      ? secrets.open(auth.refreshToken, remoteSecretOf(settings, 'refreshToken'))
      : ''
  }
  return {
    provider,
    store,
    accounts,
    row,
    kept,
    credentials,
    signIn: openRemoteSignIn(parts),
    ask: () => credentials.of(row),
    later: (ms: number) => void (now += ms),
    async [Symbol.asyncDispose]() {
      await store.close()
      await provider[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}
export const shown = (now: RemoteCredentialsNow): string =>
  now.is === 'ready' ? JSON.stringify(now.credentials) : `${now.is}: ${now.words}`
export const tokenOf = (now: RemoteCredentialsNow): string => {
  assert.ok(now.is === 'ready' && 'accessToken' in now.credentials, shown(now))
  return now.credentials.accessToken
}
