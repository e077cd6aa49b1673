// Alternate mail servers with their accounts, as an operator changes them. Secrets come in the open and are sealed at once.
import { z } from 'zod'
import type { Secrets } from '#/accounts/secrets.ts'
import { alternateSchema, type AlternateAuth, type AlternateRow } from '#/config/relay-tables.ts'
import { secretOf, type SecretKind } from '#/mail-relay/credentials.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { openedSecret, sealedSecret, type GivenSecret } from './sealing.ts'

/** What is left out stays, or gets its default in a new row. Null takes away. */
export const alternateRequest = z.strictObject({
  name: z.string(),
  hosts: z.array(z.string()).optional(),
  useMx: z.boolean().optional(),
  tls: z.enum(['implicit', 'required', 'opportunistic', 'none']).optional(),
  ca: z.string().nullable().optional(),
  pin: z.string().nullable().optional(),
  plainAuthAllowed: z.boolean().optional(),
  user: z.string().nullable().optional(),
  password: z.string().optional(),
  tokenEndpoint: z.string().optional(),
  clientId: z.string().optional(),
  clientSecret: z.string().optional(),
  refreshToken: z.string().optional(),
})
export type AlternateRequest = z.infer<typeof alternateRequest>

/** Without secrets. */
export type ShownAlternate = Omit<AlternateRow, 'ca' | 'auth'> & {
  readonly ownAuthority: boolean
  readonly account: string | null
  readonly signsIn: 'password' | 'token' | null
}

export const listAlternates = ({ relay }: Context): Promise<readonly ShownAlternate[]> =>
  Promise.resolve([...relay.alternates().values()].map(shownAlternate))

function shownAlternate({ name, hosts, useMx, tls, ca, pin, auth, plainAuthAllowed }: AlternateRow): ShownAlternate {
  const account = auth === null ? null : auth.user
  const signsIn = auth === null ? null : auth.kind === 'password' ? 'password' : 'token'
  return { name, hosts, useMx, tls, ownAuthority: ca !== null, pin, account, signsIn, plainAuthAllowed }
}

export async function addAlternate(context: Context, request: AlternateRequest): Promise<PutAlternate> {
  if (context.relay.alternates().has(request.name))
    throw new OperationError(`There is an alternate server ${request.name} already: alternate set changes it`)
  return putAlternate(context, request)
}

export async function setAlternate(context: Context, request: AlternateRequest): Promise<PutAlternate> {
  if (!context.relay.alternates().has(request.name)) throw new OperationError(missing(request.name))
  return putAlternate(context, request)
}

const missing = (name: string): string => `There is no alternate server ${name}; alternate list shows them`

type PutAlternate = ShownAlternate & { readonly warning?: string }

async function putAlternate({ relay, secrets }: Context, request: AlternateRequest): Promise<PutAlternate> {
  const row = completeAlternate(request, relay.alternates().get(request.name), secrets)
  await relay.putAlternate(row)
  const warning = warningOf(row)
  return { ...shownAlternate(row), ...(warning !== null && { warning }) }
}

export async function removeAlternate(
  context: Context,
  request: { name: string; force: boolean },
): Promise<{ removed: string }> {
  const { relay, settings } = context
  const route = `alternate:${request.name}`
  const uses = relay.routes().flatMap(({ routes }, i) => (routes.includes(route) ? [`route ${i + 1}`] : []))
  if (settings.now().mailRelay.alternate === request.name) uses.unshift('the setting mailRelay.alternate')
  if (uses.length > 0 && !request.force)
    throw new OperationError(`${uses.join(', ')} leads there; with --force it goes anyway, and mail may be held`)
  if (!(await relay.removeAlternate(request.name))) throw new OperationError(missing(request.name))
  return { removed: request.name }
}

/** The row as it is kept. @throws OperationError saying what is wrong */
export function completeAlternate(
  request: AlternateRequest,
  before: AlternateRow | undefined,
  secrets: Secrets,
): AlternateRow {
  const { name, hosts, useMx, tls, ca, pin, plainAuthAllowed } = request
  const given = Object.entries({ name, hosts, useMx, tls, ca, pin, plainAuthAllowed }).filter(
    ([, value]) => value !== undefined,
  )
  const auth = accountOf(request, before?.auth ?? null, secrets)
  const result = alternateSchema.safeParse({ ...before, ...Object.fromEntries(given), auth })
  if (!result.success)
    throw new OperationError(result.error.issues.map((one) => `${one.path.join('.')}: ${one.message}`).join('; '))
  const row = result.data
  if (row.tls === 'none' && row.auth !== null && !row.plainAuthAllowed)
    throw new OperationError(
      `${name} would get the password in clear: choose TLS, or say that a plain login is allowed`,
    )
  return row
}

function accountOf(request: AlternateRequest, before: AlternateAuth | null, secrets: Secrets): object | null {
  const user = request.user === undefined ? (before?.user ?? null) : request.user
  const { name, password, tokenEndpoint, refreshToken } = request
  if (user === null) {
    if ((password ?? refreshToken) !== undefined) throw new OperationError('A secret needs the user name it belongs to')
    return null
  }
  if (password === '') throw new OperationError('An empty password never works')
  const kind =
    password !== undefined ? 'password' : (tokenEndpoint ?? refreshToken) !== undefined ? 'oauth' : before?.kind
  if (kind === 'oauth') return oauthOf({ ...request, user }, before?.kind === 'oauth' ? before : null, secrets)
  const old = before?.kind === 'password' ? before.secret : null
  return { kind: 'password', user, secret: sealed({ name, kind: 'password', given: password, old }, secrets) ?? '' }
}

function oauthOf(
  request: AlternateRequest,
  before: (AlternateAuth & { kind: 'oauth' }) | null,
  secrets: Secrets,
): object {
  const { name, user, clientSecret, refreshToken } = request
  const secret = { name, kind: 'clientSecret', given: clientSecret, old: before?.clientSecret ?? null } as const
  const token = { name, kind: 'refreshToken', given: refreshToken, old: before?.refreshToken ?? null } as const
  const renewed = sealed(token, secrets) ?? ''
  const same = renewed === before?.refreshToken // an access token belongs to its refresh token
  return {
    kind: 'oauth',
    user,
    tokenEndpoint: request.tokenEndpoint ?? before?.tokenEndpoint,
    clientId: request.clientId ?? before?.clientId ?? '',
    clientSecret: sealed(secret, secrets),
    refreshToken: renewed,
    accessToken: same ? before.accessToken : null,
    expiresAt: same ? before.expiresAt : null,
  }
}

type Secret = Omit<GivenSecret, 'purpose'> & { readonly name: string; readonly kind: SecretKind }

const sealed = ({ name, kind, ...secret }: Secret, secrets: Secrets): string | null =>
  sealedSecret({ ...secret, purpose: secretOf(name, kind) }, secrets)

/** RO-25. The secret of a row that was imported without it is an empty text. */
export function warningOf({ name, tls, pin, auth }: AlternateRow): string | null {
  const secret = auth === null ? null : auth.kind === 'password' ? auth.secret : auth.refreshToken
  if (secret === '')
    return `The account at ${name} has no password or token, so mail for it is held: alternate set gives it`
  if (tls === 'none') return `Mail to ${name} goes in clear: everybody on the way can read it`
  if (tls === 'opportunistic' && pin === null) return `Mail to ${name} goes in clear when TLS is not offered`
  return null
}

/** As it stands in a file. Secrets only when asked for; those that cannot be opened are left out. */
export function exportAlternate(row: AlternateRow, secrets: Secrets | null): AlternateRequest {
  const { auth, name, ...server } = row
  const open = (kind: SecretKind, text: string | null): string | undefined =>
    secrets === null || text === null ? undefined : (openedSecret(text, secretOf(name, kind), secrets) ?? undefined)
  if (auth === null) return { name, ...server }
  if (auth.kind === 'password') return { name, ...server, user: auth.user, password: open('password', auth.secret) }
  const { user, tokenEndpoint, clientId } = auth
  const clientSecret = open('clientSecret', auth.clientSecret)
  return {
    name,
    ...server,
    user,
    tokenEndpoint,
    clientId,
    clientSecret,
    refreshToken: open('refreshToken', auth.refreshToken),
  }
}
