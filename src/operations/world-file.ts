// world.toml: a whole world (settings, domains, mailboxes, addresses, access list) in one file, read and written.
// A field that is left out stays as it is, or gets its default in a new row.
import { parse, stringify, TomlDate, TomlError } from 'smol-toml'
import { z } from 'zod'
import type { Directory } from '#/accounts/types.ts'
import { alternateRequest, type AlternateRequest } from './alternates.ts'
import { collectFields, type ExportedAccount } from './collect-request.ts'
import { appLabelCharsMax, appPasswordsMax, appSelectorChars, forwardsMax } from '#/accounts/limits.ts'
import type { Away } from '#/storage/away.ts'
import type { AppPasswordRow, MailboxId, MailboxRow } from '#/storage/store.ts'
import { OperationError } from './errors.ts'
import { routeRequest, type RouteRequest } from './routes.ts'

const one = z.strictObject
const instant = z.date().transform((date) => date.getTime()) // a TOML date-time
const argon2 = z.string().regex(/^\$argon2id\$v=19\$[\w=,+/$.-]+$/, 'this is no argon2id hash')
const scram = z.string().regex(/^\d+(?:\$[A-Za-z0-9+/=]+){3}$/, 'these are no SCRAM keys')
const appPassword = one({
  label: z.string().min(1).max(appLabelCharsMax),
  selector: z.string().length(appSelectorChars),
  argon2,
  scram,
})
const schema = one({
  settings: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  domain: z
    .array(
      one({
        name: z.string(),
        mode: z.enum(['by-name', 'one-mailbox', 'alias', 'addresses-only']).optional(),
        target: z.string().optional(),
      }),
    )
    .default([]),
  mailbox: z
    .array(
      one({
        name: z.string(),
        password: z.string().optional(),
        argon2: argon2.optional(),
        scram: scram.optional(),
        pop3: z.boolean().optional(),
        quotaBytes: z.int().min(0).optional(),
        disabled: z.enum(['refuse', 'defer', 'no-login']).optional(),
        forward: one({
          to: z.array(z.string()).min(1).max(forwardsMax).readonly(),
          keep: z.boolean().default(true),
        }).optional(),
        away: one({
          on: z.boolean().default(true),
          text: z.string(),
          subject: z.string().optional(),
          from: instant.optional(),
          until: instant.optional(),
        }).optional(),
        appPassword: z.array(appPassword).max(appPasswordsMax).optional(),
      }),
    )
    .default([]),
  address: z
    .array(
      one({
        address: z.string(),
        targets: z.array(z.string()).min(1),
        note: z.string().optional(),
        expiresAt: instant.optional(),
      }),
    )
    .default([]),
  access: z
    .array(
      one({
        pattern: z.string(),
        action: z.enum(['allow', 'deny']).optional(),
        note: z.string().optional(),
        senders: z.array(z.string()).optional(),
        expiresAt: instant.optional(),
        confirmed: z.boolean().optional(),
      }),
    )
    .default([]),
  alternate: z.array(alternateRequest).default([]),
  collect: z
    .array(
      one({
        ...collectFields,
        mailbox: z.string().optional(),
        first: z.union([z.literal('everything'), z.literal('new'), instant]).optional(),
        byOwner: z.boolean().optional(),
      }),
    )
    .default([]),
  route: z.array(routeRequest).default([]),
})
export type WorldFile = z.infer<typeof schema>

/** @throws OperationError naming line and column, or the key that is wrong. */
export function readWorld(text: string): WorldFile {
  const result = schema.safeParse(readToml(text))
  if (result.success) return result.data
  const words = result.error.issues.map(({ path, message }) => `${keyOf(path)}: ${message}`)
  throw new OperationError(unusable(words))
}

export const unusable = (words: readonly string[]): string =>
  `The file cannot be used, nothing was changed:\n${words.map((line) => `  ${line}`).join('\n')}`

function readToml(text: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [sentence = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n')
    throw new OperationError(unusable([`line ${error.line}, column ${error.column}: ${sentence}`]))
  }
}

/** `mailbox[2].quotaBytes`, counted from 1 as people do. */
const keyOf = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? 'the file'
    : path
        .map((part, i) => (typeof part === 'number' ? `[${part + 1}]` : `${i > 0 ? '.' : ''}${String(part)}`))
        .join('')

export type AppPasswords = ReadonlyMap<MailboxId, readonly AppPasswordRow[]>
type Export = {
  readonly changed: ReadonlyMap<string, unknown>
  readonly dangerous: (pattern: string) => boolean
  readonly alternates: readonly AlternateRequest[]
  readonly routes: readonly RouteRequest[]
  readonly accounts: readonly ExportedAccount[]
}

/** Passwords are kept as hashes only, and written only when asked for: whoever has them can try to guess. */
export function writeWorld(
  tables: ReturnType<Directory['all']>,
  { changed, dangerous, alternates, routes, accounts, hashes }: Export & { hashes: AppPasswords | null },
): string {
  const settings: Record<string, Record<string, unknown>> = {}
  for (const [name, value] of changed) {
    const [section = '', key = ''] = name.split('.')
    ;(settings[section] ??= {})[key] = value
  }
  return stringify({
    settings,
    domain: tables.domains.map(({ name, mode, target }) => present({ name, mode, target })),
    mailbox: tables.mailboxes
      .filter((row) => row.deletedAt === null)
      .map(({ id, name, pop3, quotaBytes, disabled, forward, away, ...secret }) =>
        present({
          name,
          pop3,
          quotaBytes,
          disabled,
          forward,
          away: away && awayOf(away),
          ...(hashes && secretsOf(secret, hashes.get(id) ?? [])),
        }),
      ),
    address: tables.addresses.map(({ address, targets, note, expiresAt }) =>
      present({ address, targets, note, expiresAt: timeOf(expiresAt) }),
    ),
    access: tables.access.map(({ pattern, action, note, senders, expiresAt }) => {
      const confirmed = action === 'allow' && dangerous(pattern) ? true : null
      return present({ pattern, action, note, senders, expiresAt: timeOf(expiresAt), confirmed })
    }),
    alternate: alternates.map(present),
    route: routes.map(present),
    collect: accounts.map(({ first, ...row }) =>
      present({ ...row, first: typeof first === 'number' ? timeOf(first) : first }),
    ),
  })
}

const awayOf = ({ on, text, subject, from, until }: Away): object =>
  present({ on, text, subject, from: timeOf(from), until: timeOf(until) })

const secretsOf = (
  { argon2, scram }: Pick<MailboxRow, 'argon2' | 'scram'>,
  apps: readonly AppPasswordRow[],
): object => ({
  argon2,
  scram,
  appPassword:
    apps.length === 0
      ? null
      : apps.map(({ label, selector, ...app }) => ({ label, selector, argon2: app.argon2, scram: app.scram })),
})

const present = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined))

function timeOf(at: number | null): TomlDate | null {
  if (at === null) return null
  const date = new TomlDate('1970-01-01T00:00:00Z')
  date.setTime(at)
  return date
}
