// The purposes under which the secrets of remote accounts are sealed.
export type SecretKind = 'password' | 'clientSecret' | 'refreshToken' | 'accessToken'
type Signer = { readonly host: string; readonly auth: { readonly user: string } }
/** It names the server and the user, not the account, which may be renamed. */
export const remoteSecretOf = ({ host, auth }: Signer, kind: SecretKind): string =>
  `remote account ${auth.user} at ${host.toLowerCase()} (${kind})`
