// What may be said of a remote account, and the row that comes of it. What is left out stays, or gets its default in a new row;
// null takes away. Secrets come in the open and are sealed at once. Called by collect.ts and the world file.
import { z } from 'zod'
import type { Secrets } from '#/accounts/secrets.ts'
import { remoteAccountSchema, type RemoteAccount, type RemoteOauth } from '#/config/remote-accounts.ts'
import type { MailboxId } from '#/storage/store.ts'
import { remoteSecretOf, type SecretKind } from '#/pop3-client/credentials.ts'
import { OperationError } from './errors.ts'
import { openedSecret, sealedSecret, type GivenSecret } from './sealing.ts'

const { shape } = remoteAccountSchema
const said = <T extends z.ZodType>(field: z.ZodDefault<T>): z.ZodOptional<T> => field.unwrap().optional()

export const collectFields = {
  name: z.string(),
  host: z.string().optional(),
  port: z.int().optional(),
  tls: said(shape.tls),
  ca: said(shape.ca),
  pin: said(shape.pin),
  anyCertificate: said(shape.anyCertificate),
  plainAuthAllowed: said(shape.plainAuthAllowed),
  user: z.string().optional(),
  password: z.string().optional(),
  tokenEndpoint: z.string().optional(),
  authorizationEndpoint: z.string().nullable().optional(),
  deviceEndpoint: z.string().nullable().optional(),
  scopes: z.array(z.string()).readonly().optional(),
  clientId: z.string().optional(),
  clientSecret: z.string().optional(),
  refreshToken: z.string().optional(),
  intervalMs: said(shape.intervalMs),
  paused: said(shape.paused),
  first: z
    .union([z.literal('everything'), z.literal('new'), z.number()], 'say everything, new, or since when')
    .optional(),
  leave: said(shape.leave),
  deleteAfterDays: said(shape.deleteAfterDays),
  keepNewest: said(shape.keepNewest),
  keepBytes: said(shape.keepBytes),
  deleteWithLocal: said(shape.deleteWithLocal),
  sizeBytesMax: said(shape.sizeBytesMax),
  deleteLargerBytes: said(shape.deleteLargerBytes),
  messagesMax: said(shape.messagesMax),
  bytesMax: said(shape.bytesMax),
  minutesMax: said(shape.minutesMax),
  duplicates: said(shape.duplicates),
  dateFromHeader: said(shape.dateFromHeader),
  distribution: said(shape.distribution),
  privateAllowed: said(shape.privateAllowed),
  note: said(shape.note),
}
const fieldsRequest = z.strictObject(collectFields)
export type CollectFields = z.infer<typeof fieldsRequest>

type Around = {
  readonly before: RemoteAccount | undefined
  readonly mailbox: MailboxId
  readonly byOwner: boolean
  readonly secrets: Secrets
}

const standardPort = (tls: RemoteAccount['tls']): number => (tls === 'implicit' ? 995 : 110)

/** The row as it is kept. @throws OperationError saying what is wrong */
export function completeAccount(request: CollectFields, { before, mailbox, byOwner, secrets }: Around): RemoteAccount {
  const given = Object.entries(request).filter(([key, value]) => value !== undefined && key in shape)
  const host = (request.host ?? before?.host)?.toLowerCase()
  if (host === undefined) throw new OperationError('Say which server: --host pop.example.com')
  const tls = request.tls ?? before?.tls ?? 'implicit'
  const usual = before === undefined || before.port === standardPort(before.tls)
  const row = {
    ...before,
    port: usual ? standardPort(tls) : before.port,
    ...Object.fromEntries(given),
    host,
    mailbox,
    byOwner,
    auth: authOf({ ...request, host }, before, secrets),
  }
  const result = remoteAccountSchema.safeParse(row)
  if (result.success) return result.data
  throw new OperationError(result.error.issues.map((one) => `${one.path.join('.')}: ${one.message}`).join('; '))
}

type Asked = CollectFields & { readonly host: string }

const tokenFields = ['tokenEndpoint', 'clientId', 'clientSecret', 'refreshToken'] as const

function authOf(request: Asked, before: RemoteAccount | undefined, secrets: Secrets): object {
  const user = request.user ?? before?.auth.user
  if (user === undefined) throw new OperationError('Say who signs in there: --user ann@example.com')
  const withToken = tokenFields.some((key) => request[key] !== undefined)
  if (request.password === '') throw new OperationError('An empty password never works')
  if (request.password !== undefined && withToken)
    throw new OperationError('An account signs in with a password or with tokens, not both')
  const same = before?.host === request.host && before.auth.user === user
  const kind = request.password !== undefined ? 'password' : withToken ? 'oauth' : (before?.auth.kind ?? 'password')
  const asked = { ...request, user, before, same }
  return kind === 'oauth' ? oauthOf(asked, secrets) : passwordOf(asked, secrets)
}

type Known = Asked & { readonly user: string; readonly before: RemoteAccount | undefined; readonly same: boolean }

/** A secret is for the host and the user that it was given for, and told to no other. */
function passwordOf(request: Known, secrets: Secrets): object {
  const { user, host, password, before, same } = request
  const old = before?.auth.kind === 'password' ? before.auth.secret : null
  if (before && password === undefined && old !== null && old !== '' && !same)
    throw new OperationError(`The password was given for ${before.auth.user} at ${before.host}: give it again`)
  return {
    kind: 'password',
    user,
    secret: sealed({ host, user, kind: 'password' }, { given: password, old }, secrets) ?? '',
  }
}

function oauthOf(request: Known, secrets: Secrets): object {
  const { user, host, same, clientSecret, refreshToken } = request
  const before: RemoteOauth | null = request.before?.auth.kind === 'oauth' ? request.before.auth : null
  const tokenEndpoint = request.tokenEndpoint ?? before?.tokenEndpoint
  const clientId = request.clientId ?? before?.clientId
  if (tokenEndpoint === undefined || clientId === undefined)
    throw new OperationError(
      'Tokens need a client id and the address that gives them: --token-stdin takes JSON with clientId and tokenEndpoint',
    )
  const kept =
    before !== null && same && before.tokenEndpoint === tokenEndpoint && before.clientId === clientId ? before : null
  const renewed = sealed(
    { host, user, kind: 'refreshToken' },
    { given: refreshToken, old: kept?.refreshToken ?? null },
    secrets,
  )
  const current = renewed !== null && renewed === kept?.refreshToken // an access token belongs to its refresh token
  return {
    kind: 'oauth',
    user,
    tokenEndpoint,
    authorizationEndpoint: request.authorizationEndpoint ?? before?.authorizationEndpoint ?? null,
    deviceEndpoint: request.deviceEndpoint ?? before?.deviceEndpoint ?? null,
    scopes: request.scopes ?? before?.scopes ?? [],
    clientId,
    clientSecret: sealed(
      { host, user, kind: 'clientSecret' },
      { given: clientSecret, old: kept?.clientSecret ?? null },
      secrets,
    ),
    refreshToken: renewed,
    accessToken: current ? kept.accessToken : null,
    expiresAt: current ? kept.expiresAt : null,
    signedInAt: current ? kept.signedInAt : null,
  }
}

type Whose = { readonly host: string; readonly user: string; readonly kind: SecretKind }

const purposeOf = ({ host, user, kind }: Whose): string => remoteSecretOf({ host, auth: { user } }, kind)

const sealed = (whose: Whose, secret: Omit<GivenSecret, 'purpose'>, secrets: Secrets): string | null =>
  sealedSecret({ ...secret, purpose: purposeOf(whose) }, secrets)

export type ExportedAccount = CollectFields & { readonly mailbox: string; readonly byOwner: boolean }

/** As it stands in a file. Secrets only when asked for; those that cannot be opened are left out. PC-37 */
export function exportAccount(row: RemoteAccount, mailbox: string, secrets: Secrets | null): ExportedAccount {
  const { auth, mailbox: _id, deletesFrom: _deletesFrom, first, ...settings } = row
  const { user } = auth
  const open = (kind: SecretKind, text: string | null): string | undefined =>
    secrets === null || text === null
      ? undefined
      : (openedSecret(text, purposeOf({ host: row.host, user, kind }), secrets) ?? undefined)
  const shared = { ...settings, mailbox, ...(first !== null && { first }), user }
  if (auth.kind === 'password') return { ...shared, password: open('password', auth.secret) }
  const { tokenEndpoint, authorizationEndpoint, deviceEndpoint, scopes, clientId } = auth
  return {
    ...shared,
    tokenEndpoint,
    authorizationEndpoint,
    deviceEndpoint,
    scopes,
    clientId,
    clientSecret: open('clientSecret', auth.clientSecret),
    refreshToken: open('refreshToken', auth.refreshToken),
  }
}
