// A remote account of the POP3 Client: what a row may hold, checked when it is written and when it is read. Called by
// pop3-client and operations. Secrets in it are sealed (accounts/secrets.ts).
import { z } from 'zod'
import { safeWebAddress } from './fields.ts'

const one = z.strictObject
const endpoint = z.url().regex(safeWebAddress, 'an address of a provider starts with https://')
const sealed = z.string().max(16_384)
const hostName = z
  .string()
  .regex(
    /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\.?|[0-9A-Fa-f:.]{2,45})$/,
    'write a host name or an IP address',
  )
const wrongPort = 'a port is a number from 1 to 65535'
const days = z.int().min(0).max(36_500, 'write no more than 36500 days')
const size = z.int().min(1024, 'a size is at least 1 kB: write 50M')
const atLeastOne = z.int().min(1, 'write at least 1')

const auth = z.discriminatedUnion('kind', [
  one({ kind: z.literal('password'), user: z.string().min(1).max(255), secret: sealed }),
  one({
    kind: z.literal('oauth'),
    user: z.string().min(1).max(255),
    tokenEndpoint: endpoint,
    authorizationEndpoint: endpoint.nullable().default(null), // code with PKCE: RFC 7636
    deviceEndpoint: endpoint.nullable().default(null), // RFC 8628
    scopes: z
      .array(z.string().regex(/^[!#-[\]-~]+$/))
      .max(20)
      .default([]), // RFC 6749 §3.3
    clientId: z.string().min(1).max(1024),
    clientSecret: sealed.nullable().default(null),
    refreshToken: sealed.nullable().default(null), // null: nobody has signed in yet
    accessToken: sealed.nullable().default(null),
    expiresAt: z.number().nullable().default(null), // Instant
    signedInAt: z.number().nullable().default(null), // Instant: tells the weekly expiry of test apps
  }),
])

/** One box for a domain. PC-26 */
const distribution = one({
  header: z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'write the name of a header field'),
  /** Which of these fields counts, from the top: the provider writes on top, and what is below may be forged. */
  position: z.int().min(1, 'the one on top is 1').max(100, 'write no more than 100').default(1),
  /** Without the field, To and Cc are looked at: a guess. */
  guess: z.boolean().default(false),
})

export const remoteAccountSchema = one({
  name: z.string().regex(/^[a-z0-9][a-z0-9_.@+-]{0,62}$/, 'a name has small letters, digits, dots, hyphens, + and @'),
  mailbox: z.int(), // MailboxId: where messages go, and the unmatched ones of a distribution
  host: hostName,
  port: z.int().min(1, wrongPort).max(65_535, wrongPort),
  tls: z.enum(['implicit', 'required', 'opportunistic', 'none']).default('implicit'), // PC-01
  ca: z.string().max(65_536).nullable().default(null), // PEM of a private authority
  pin: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a pin is the SHA-256 of the certificate in hex')
    .nullable()
    .default(null),
  anyCertificate: z.boolean().default(false), // P3C-09: the opt-out, shown wherever the account is
  plainAuthAllowed: z.boolean().default(false), // the password may be read by everybody on the way
  auth,
  intervalMs: z
    .int()
    .min(60_000, 'the shortest interval is a minute')
    .max(2_000_000_000, 'the longest interval is 23 days')
    .default(600_000),
  paused: z.boolean().default(false),
  /** What the first run takes; null: somebody must say it first. PC-11 */
  first: z
    .union([z.literal('everything'), z.literal('new'), z.number()])
    .nullable()
    .default(null), // Instant: since then
  leave: z.boolean().default(true), // "Leave messages on server"
  deleteAfterDays: days.nullable().default(null), // counted from our own store
  keepNewest: z.int().min(0).nullable().default(null),
  keepBytes: z.int().min(0).nullable().default(null),
  deleteWithLocal: z.boolean().default(false),
  /** What was stored before then stays until somebody confirms. PC-29 */
  deletesFrom: z.number().default(0), // Instant
  sizeBytesMax: size.default(52_428_800), // bigger ones stay on the server. PC-21
  deleteLargerBytes: size.nullable().default(null), // only by explicit choice
  messagesMax: atLeastOne.default(20_000), // caps of one run. PC-22
  bytesMax: size.default(2_147_483_648),
  minutesMax: atLeastOne.default(60),
  duplicates: z.enum(['keep', 'leave']).default('keep'), // leave: copies of what is here stay on the server. PC-27
  dateFromHeader: z.boolean().default(true), // PC-24
  distribution: distribution.nullable().default(null),
  privateAllowed: z.boolean().default(false), // an administrator lets it reach this network. PC-38
  byOwner: z.boolean().default(false), // made by the owner of the mailbox, who may change it
  note: z.string().max(1000).default(''),
})
export type RemoteAccount = z.infer<typeof remoteAccountSchema>
export type RemoteAuth = RemoteAccount['auth']
export type RemoteOauth = RemoteAuth & { readonly kind: 'oauth' }

/** What is known of an account beside what somebody said. */
export const accountStatusSchema = one({
  /** idle: at its next time. busy: the server asked to come later. stopped: somebody must act, `words` says how. */
  is: z.enum(['idle', 'busy', 'failing', 'stopped']).default('idle'),
  /** Why it is stopped or failing; a console shows the matching remedy. */
  reason: z
    .enum(['none', 'sign-in', 'refused', 'first-run', 'uids-changed', 'mailbox', 'store', 'settings', 'loop', 'remote'])
    .default('none'),
  words: z.string().default(''),
  begun: z.boolean().default(false), // the first run has taken what it should: what is new counts from now on
  lastRunAt: z.number().nullable().default(null),
  lastGoodAt: z.number().nullable().default(null),
  nextRunAt: z.number().default(0),
  failures: z.int().default(0), // in a row
  loginFailures: z.int().default(0), // in a row
  troubledAt: z.number().nullable().default(null), // the first run since the last good one that ended before its time
  alertedAt: z.number().nullable().default(null), // in this time of trouble
  left: z.int().default(0), // on the server after the last run
  leftBytes: z.int().default(0),
  isSlow: z.boolean().default(false), // the last run took long
  loginDelaySeconds: z.int().default(0), // what CAPA said
  expireDays: z.int().nullable().default(null), // 0: the server deletes what was read. Null: it said nothing
  identities: z.enum(['uidl', 'headers', 'none']).default('uidl'),
  unproven: z.boolean().default(false), // its server is another one by name: no UID is believed before it was looked at. PC-10
})
export type AccountStatus = z.infer<typeof accountStatusSchema>
