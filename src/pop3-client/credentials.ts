// The purposes under which the secrets of remote accounts are sealed.
export type SecretKind = 'password' | 'clientSecret' | 'refreshToken' | 'accessToken'
/** A secret is for one user of one host; a row that is renamed keeps it. */
export const secretOf = ({ host, user }: { host: string; user: string }, kind: SecretKind): string =>
  `${user} at ${host} (${kind})`
