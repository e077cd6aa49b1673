// The two tables of the relay, alternate mail servers and exceptions to the default routes: what a row may hold, checked when
// it is written and when it is read. Called by mail-relay and operations. Secrets in rows are sealed (accounts/secrets.ts).
import { z } from 'zod'
import { safeWebAddress } from './fields.ts'
import { parseHost } from './host-name.ts'

const one = z.strictObject
const sealed = z.string().max(16_384)
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/, 'a name has small letters, digits, dots and hyphens')
  .describe('How routes name this server.')

const host = z.string().refine((text) => parseHost(text) !== null, 'write host, host:port, [host]:port or [IPv6]:port')

const auth = z.discriminatedUnion('kind', [
  one({ kind: z.literal('password'), user: z.string().min(1).max(255), secret: sealed }),
  one({
    kind: z.literal('oauth'),
    user: z.string().min(1).max(255),
    tokenEndpoint: z.url().regex(safeWebAddress, 'a token endpoint starts with https://'),
    clientId: z.string().max(1024),
    clientSecret: sealed.nullable(),
    refreshToken: sealed,
    accessToken: sealed.nullable(),
    expiresAt: z.number().nullable(), // Instant
  }),
])

export const alternateSchema = one({
  name,
  hosts: z.array(host).min(1).max(20), // the first is tried first
  useMx: z.boolean().default(false), // names without port and brackets are domains whose MX is asked
  tls: z.enum(['implicit', 'required', 'opportunistic', 'none']).default('required'),
  ca: z.string().max(65_536).nullable().default(null), // PEM of a private authority
  pin: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a pin is the SHA-256 of the certificate in hex')
    .nullable()
    .default(null),
  auth: auth.nullable().default(null),
  plainAuthAllowed: z.boolean().default(false), // RO-28: a password in clear only when the operator says so
})
export type AlternateRow = z.infer<typeof alternateSchema>
export type AlternateAuth = NonNullable<AlternateRow['auth']>

const party = z
  .string()
  .regex(/^(?:<>|(?:[^@ ]+@)?[a-z0-9_*](?:[a-z0-9_.-]*[a-z0-9_])?)$/, 'write an address, a domain or *.domain')
  .refine((text) => !text.includes('*') || /^\*\.[^*]+$/.test(text), 'the only pattern is *.domain')

export const routeSchema = one({
  match: one({
    recipient: party.optional(),
    sender: party.optional(),
    client: z.string().min(1).max(255).optional(),
  }).refine((match) => Object.keys(match).length > 0, 'an exception names a recipient, a sender or a client'),
  routes: z
    .array(
      z
        .string()
        .regex(/^(?:mx|address|alternate:[a-z0-9_.-]+|hold|fail)$/, 'mx, address, alternate:NAME, hold or fail'),
    )
    .min(1)
    .max(10)
    .refine(
      (routes) => routes.length === 1 || !routes.some((route) => route === 'hold' || route === 'fail'),
      'hold and fail stand alone',
    ),
})
export type RouteRow = z.infer<typeof routeSchema>
