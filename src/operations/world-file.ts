// world.toml: a whole world (settings, domains, mailboxes, addresses, access list) in one file, read and written.
import { parse, stringify } from 'smol-toml'
import { z } from 'zod'
import type { Directory } from '#/accounts/types.ts'
import { OperationError } from './errors.ts'

const one = z.strictObject
const schema = one({
  settings: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  domain: z
    .array(
      one({
        name: z.string(),
        mode: z.enum(['by-name', 'one-mailbox', 'alias', 'addresses-only']).default('by-name'),
        target: z.string().nullable().default(null),
      }),
    )
    .default([]),
  mailbox: z
    .array(
      one({
        name: z.string(),
        password: z.string().optional(),
        pop3: z.boolean().default(false),
        quotaBytes: z.int().min(0).nullable().default(null),
        disabled: z.enum(['refuse', 'defer', 'no-login']).nullable().default(null),
      }),
    )
    .default([]),
  address: z
    .array(one({ address: z.string(), targets: z.array(z.string()).min(1), note: z.string().default('') }))
    .default([]),
  access: z
    .array(
      one({
        pattern: z.string(),
        action: z.enum(['allow', 'deny']).default('allow'),
        note: z.string().default(''),
        senders: z.array(z.string()).default([]),
      }),
    )
    .default([]),
})
export type WorldFile = z.infer<typeof schema>

/** @throws OperationError naming the line, or the key that is wrong. */
export function readWorld(text: string): WorldFile {
  let data: unknown
  try {
    data = parse(text)
  } catch (error) {
    throw new OperationError(`The file is no TOML: ${error instanceof Error ? error.message : String(error)}`)
  }
  const result = schema.safeParse(data)
  if (result.success) return result.data
  throw new OperationError(`The file cannot be used: ${z.prettifyError(result.error)}`)
}

/** Without passwords: they are kept as hashes only. */
export function writeWorld(tables: ReturnType<Directory['all']>, changed: ReadonlyMap<string, unknown>): string {
  const settings: Record<string, Record<string, unknown>> = {}
  for (const [name, value] of changed) {
    const [section = '', key = ''] = name.split('.')
    ;(settings[section] ??= {})[key] = value
  }
  const present = (row: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
  return stringify({
    settings,
    domain: tables.domains.map(({ name, mode, target }) => present({ name, mode, target })),
    mailbox: tables.mailboxes
      .filter((row) => row.deletedAt === null)
      .map(({ name, pop3, quotaBytes, disabled }) => present({ name, pop3, quotaBytes, disabled })),
    address: tables.addresses.map(({ address, targets, note }) => ({ address, targets, note })),
    access: tables.access.map(({ pattern, action, note, senders }) => ({ pattern, action, note, senders })),
  })
}
