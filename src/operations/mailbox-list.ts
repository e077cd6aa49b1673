// Mailboxes as people look at them: a page of the list, and one with everything that belongs to it. MB-01
import { z } from 'zod'
import type { MailboxRow, Store } from '#/storage/store.ts'
import { awayShown } from './away.ts'
import type { Context } from './context.ts'
import { shownAccount } from './collect-shown.ts'
import { existing } from './mailboxes.ts'
import { pageOf, type Place } from './pages.ts'
import { detailOf, namedDomains, reach, reachers } from './reach.ts'

const forward = z.object({ to: z.array(z.string()).readonly(), keep: z.boolean() }).nullable()
const state = {
  name: z.string(),
  pop3: z.boolean(),
  hasPassword: z.boolean(),
  messages: z.int(),
  bytes: z.int(),
  quotaBytes: z.int().nullable(),
  percent: z.int().nullable().describe('How full it is; null without a quota.'),
  disabled: z.enum(['refuse', 'defer', 'no-login']).nullable(),
  forward,
  lastLoginAt: z.number().nullable(),
  lastLoginFrom: z.string().nullable(),
}
const line = z.strictObject({
  ...state,
  label: z.string().describe('The name; of a deleted mailbox the name it had.'),
  deletedAt: z.number().nullable(),
  addresses: z.array(z.string()).describe('The first of those that reach it.'),
  addressCount: z.int(),
  collectors: z.int(),
})
export type MailboxLine = z.infer<typeof line>
const kinds = ['all', 'pop3', 'filling', 'disabled', 'deleted'] as const
export const listRequest = z.strictObject({
  text: z.string().max(320).default(''),
  show: z.enum(kinds).default('all'),
  sort: z.enum(['name', 'messages', 'bytes', 'lastLoginAt']).default('name'),
  descending: z.boolean().default(false),
  limit: z.int().min(1).max(1000).default(200),
  after: z.string().optional(),
})
export const listAnswer = z.strictObject({
  rows: z.array(line),
  next: z.string().nullable(),
  found: z.int(),
  counts: z.record(z.enum(kinds), z.int()),
  messages: z.int(),
  bytes: z.int(),
  nowhere: z.int().describe('Mapped addresses that lead to nobody any more.'),
})

const addressesShown = 3
const fillingPercent = 80

const belongs: Record<(typeof kinds)[number], (row: MailboxRow) => boolean> = {
  all: ({ deletedAt }) => deletedAt === null,
  pop3: ({ deletedAt, pop3 }) => deletedAt === null && pop3,
  filling: (row) => row.deletedAt === null && (percentOf(row) ?? 0) >= fillingPercent,
  disabled: ({ deletedAt, disabled }) => deletedAt === null && disabled !== null,
  deleted: ({ deletedAt }) => deletedAt !== null,
}

export async function listMailboxes(
  context: Context,
  request: z.infer<typeof listRequest>,
): Promise<z.infer<typeof listAnswer>> {
  const all = await freshRows(context)
  const alive = all.filter(belongs.all)
  const wanted = request.text.trim().toLowerCase()
  const found = all.filter(belongs[request.show]).filter(wanted === '' ? () => true : searching(context, wanted))
  const place = (row: MailboxRow): Place => [row[request.sort] ?? 0, row.name]
  const page = pageOf(found, { ...request, place })
  const lines = lineOf(context)
  return {
    rows: page.rows.map(lines),
    next: page.next,
    found: found.length,
    counts: {
      all: alive.length,
      pop3: all.filter(belongs.pop3).length,
      filling: all.filter(belongs.filling).length,
      disabled: all.filter(belongs.disabled).length,
      deleted: all.length - alive.length,
    },
    messages: sum(alive, ({ messages }) => messages),
    bytes: sum(alive, ({ bytes }) => bytes),
    nowhere: nowhere(context, alive),
  }
}

const known = new WeakMap<Store, { readonly version: number; readonly rows: MailboxRow[] }>()

/** Counters move with each message: read anew when they did. */
async function freshRows({ store }: Context): Promise<readonly MailboxRow[]> {
  const version = store.versions.mailboxes
  const before = known.get(store)
  if (before?.version === version) return before.rows
  const rows = await store.mailboxes()
  known.set(store, { version, rows })
  return rows
}

const sum = (rows: readonly MailboxRow[], of: (row: MailboxRow) => number): number =>
  rows.reduce((total, row) => total + of(row), 0)

export function nowhere({ directory }: Context, alive: readonly MailboxRow[]): number {
  const names = new Set(alive.map(({ name }) => name))
  return directory
    .all()
    .addresses.filter(({ targets }) => targets.every((one) => !one.includes('@') && !names.has(one))).length
}

/** By name, by any address that reaches it, by a domain. */
function searching(context: Context, wanted: string): (row: MailboxRow) => boolean {
  const { addresses, domains } = context.directory.all()
  const targets = new Set([
    ...addresses.filter(({ address }) => address.includes(wanted)).flatMap((row) => row.targets),
    ...domains.filter(({ name }) => `*@${name}`.includes(wanted)).map(({ target }) => target),
  ])
  const [local = '', domain] = wanted.split('@')
  const byName = namedDomains(context)
  const atDomain = domain !== undefined && byName.some((name) => name.startsWith(domain))
  const inDomain = domain === undefined && byName.some((name) => name.includes(wanted))
  return ({ name }) =>
    name.includes(wanted) || targets.has(name) || inDomain || (atDomain && (local === '' || name.endsWith(local)))
}

function lineOf(context: Context): (row: MailboxRow) => MailboxLine {
  const reaching = reachers(context)
  const collectors = Map.groupBy(context.accounts.all(), ({ settings }) => settings.mailbox)
  return (row) => {
    const found = row.deletedAt === null ? reaching(row).map(({ address }) => address) : []
    return {
      ...stateOf(row),
      label: labelOf(row),
      deletedAt: row.deletedAt,
      addresses: found.slice(0, addressesShown),
      addressCount: found.length,
      collectors: collectors.get(row.id)?.length ?? 0,
    }
  }
}

export const labelOf = ({ name, deletedAt }: MailboxRow): string =>
  deletedAt === null ? name : name.replace(/ deleted [0-9]+$/, '')

const stateOf = (
  row: MailboxRow,
): Omit<z.infer<typeof shownAnswer>, 'away' | 'appPasswords' | 'addresses' | 'collectors'> => {
  const { name, pop3, argon2, messages, bytes, quotaBytes, disabled, lastLoginAt, lastLoginFrom } = row
  const hasPassword = argon2 !== null
  const percent = percentOf(row)
  return {
    name,
    pop3,
    hasPassword,
    messages,
    bytes,
    quotaBytes,
    percent,
    disabled,
    forward: row.forward,
    lastLoginAt,
    lastLoginFrom,
  }
}

function percentOf({ bytes, quotaBytes }: MailboxRow): number | null {
  if (quotaBytes === null) return null
  return quotaBytes === 0 ? 100 : Math.floor((bytes * 100) / quotaBytes)
}

export const shownAnswer = z.strictObject({
  ...state,
  away: awayShown.nullable(),
  appPasswords: z.array(z.string()),
  addresses: z.array(reach),
  collectors: z.array(z.strictObject({ name: z.string(), state: z.string() })),
})

/** One mailbox, and each address that reaches it with the reason. */
export async function showMailbox(context: Context, request: { name: string }): Promise<z.infer<typeof shownAnswer>> {
  const { id } = existing(context, request.name)
  const row = (await context.store.mailboxes()).find((one) => one.id === id)! // as it is this moment
  const apps = await context.store.appPasswords(id)
  const found = reachers(context)(row)
  return {
    ...stateOf(row),
    away: row.away,
    appPasswords: apps.map(({ label }) => label),
    addresses: [...found, ...detailOf(context, found)],
    collectors: context.accounts
      .all()
      .filter(({ settings }) => settings.mailbox === id)
      .map((account) => shownAccount(context, account))
      .map(({ name, state: is }) => ({ name, state: is })),
  }
}
