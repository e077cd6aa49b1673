// Writes what a file of a world changes: adds what is missing, changes what differs, removes nothing. May be repeated.
import { appPasswordsMax } from '#/accounts/limits.ts'
import { hashPassword, sharedSalt, verifyPassword } from '#/accounts/passwords.ts'
import type { RouteRow } from '#/config/relay-tables.ts'
import type { MailboxChanges, MailboxRow } from '#/storage/store.ts'
import { whoIs } from './audit.ts'
import type { Context } from './context.ts'
import { changeAccount, revive } from './collect-change.ts'
import { placed, type CollectPlan } from './collect-import.ts'
import { matchKey } from './routes.ts'
import { readWorld } from './world-file.ts'
import { aliveByName, planWorld, type AccessPlan, type MailboxPlan } from './world-plan.ts'

const hashesAtOnce = 2 // each takes a core and 19 MiB
const writesAtOnce = 64 // they share flushes

export type Tally = { added: number; changed: number; unchanged: number }
type Fate = keyof Tally

/** @throws OperationError before anything is written, naming all that is wrong. */
export async function importWorld(context: Context, request: { text: string }): Promise<Record<string, Tally>> {
  const { accounts, directory, relay, secrets, settings, store, world } = context
  const file = readWorld(request.text)
  const changes = Object.entries(file.settings).flatMap(([section, values]) =>
    Object.entries(values).map(([key, value]): [string, unknown] => [`${section}.${key}`, value]),
  )
  settings.check(new Map(changes))
  const tables = directory.all()
  const known = { alternates: relay.alternates(), routes: relay.routes(), accounts: accounts.all(), secrets }
  const plan = planWorld(file, tables, known)
  for (const one of plan.collect) await placed(context, one)
  const before = settings.changed()
  const differing = changes.filter(([name, value]) => !same(before.get(name), value))
  const tallies: Record<string, Tally> = {
    settings: tally(changes.map(([name, value]) => fateOf(before.get(name), value))),
  }
  if (differing.length > 0)
    await settings.change(new Map(differing), {
      who: context.actor && context.actor.via !== 'socket' ? `${whoIs(context.actor)}, import` : 'import',
      at: world.clock.now(),
    })
  try {
    tallies['mailboxes'] = tally(await importMailboxes(context, plan.mailboxes))
    const domains = new Map(tables.domains.map((row) => [row.name, row]))
    tallies['domains'] = tally(
      await pooled(plan.domains, writesAtOnce, (row) => put(domains.get(row.name), row, () => store.putDomain(row))),
    )
    const addresses = new Map(tables.addresses.map((row) => [row.address, row]))
    tallies['addresses'] = tally(
      await pooled(plan.addresses, writesAtOnce, (row) =>
        put(addresses.get(row.address), row, () => store.putAddress(row)),
      ),
    )
    tallies['access'] = tally(await pooled(plan.access, 1, (row) => putAccess(context, row)))
    tallies['alternates'] = tally(
      await pooled(plan.alternates, 1, (row) =>
        put(relay.alternates().get(row.name), row, () => relay.putAlternate(row)),
      ),
    )
    tallies['routes'] = tally(await importRoutes(context, plan.routes))
  } finally {
    await directory.reload() // once, whatever was written
  }
  tallies['collect'] = tally(await pooled(plan.collect, 1, (one) => putRemote(context, one)))
  context.collector.wake()
  return tallies
}

async function putRemote(context: Context, plan: CollectPlan): Promise<Fate> {
  const { accounts } = context
  const { before } = plan
  const row = await placed(context, plan)
  return put(before?.settings, row, async () => {
    if (before) await changeAccount(context, before, row)
    else await revive(context, (await accounts.add(row)).id)
  })
}

/** A route for the same mail is changed in its place; new ones follow in the order of the file. */
async function importRoutes({ relay }: Context, wanted: readonly RouteRow[]): Promise<Fate[]> {
  const known = new Map(relay.routes().map((row) => [matchKey(row), row]))
  const fates = wanted.map((row) => fateOf(known.get(matchKey(row)), row))
  for (const row of wanted) known.set(matchKey(row), row)
  if (fates.some((fate) => fate !== 'unchanged')) await relay.putRoutes([...known.values()])
  return fates
}

async function importMailboxes(context: Context, plans: readonly MailboxPlan[]): Promise<Fate[]> {
  const known = aliveByName(context.directory.all())
  const secrets = await pooled(plans, hashesAtOnce, ({ name, row }) => secretsOf(context, row, known.get(name)))
  return pooled([...plans.entries()], writesAtOnce, async ([i, { name, row }]) => {
    const { pop3, quotaBytes, disabled, forward, away } = row
    const wanted = { pop3, quotaBytes, disabled, forward, away, ...secrets[i] }
    const before = known.get(name)
    const mailbox = before ?? (await context.store.addMailbox(name, context.world.clock.now()))
    const changes = differences(mailbox, wanted)
    if (Object.keys(changes).length > 0) await context.store.changeMailbox(mailbox.id, changes)
    const renewed = await importAppPasswords(context, mailbox, row.appPassword ?? [])
    if (!before) return 'added'
    return Object.keys(changes).length > 0 || renewed ? 'changed' : 'unchanged'
  })
}

/** Adds those that are not there; one of the same label gives way. Whether anything was added. */
async function importAppPasswords(
  { store, world }: Context,
  { id: mailbox }: MailboxRow,
  wanted: NonNullable<MailboxPlan['row']['appPassword']>,
): Promise<boolean> {
  if (wanted.length === 0) return false
  const there = new Set((await store.appPasswords(mailbox)).map(({ selector, argon2 }) => `${selector} ${argon2}`))
  const missing = wanted.filter(({ selector, argon2 }) => !there.has(`${selector} ${argon2}`))
  for (const app of missing) {
    await store.removeAppPassword(mailbox, app.label)
    await store.addAppPassword({ ...app, mailbox, createdAt: world.clock.now() }, appPasswordsMax)
  }
  return missing.length > 0
}

/** A password that is right already keeps its hash, so that a repeated import changes nothing. */
async function secretsOf(
  { store, world }: Context,
  row: MailboxPlan['row'],
  before: MailboxRow | undefined,
): Promise<MailboxChanges> {
  const { password, argon2, scram } = row
  if (password === undefined) return { ...(argon2 !== undefined && { argon2 }), ...(scram !== undefined && { scram }) }
  if (before?.argon2 && (await verifyPassword(before.argon2, password))) return {}
  return hashPassword(password, world.random, before && (await sharedSalt(store, { id: before.id, scram: null })))
}

function differences(
  row: MailboxRow,
  wanted: { readonly [K in keyof MailboxChanges]: MailboxChanges[K] | undefined },
): MailboxChanges {
  const fields = Object.entries(wanted).filter(
    ([name, value]) =>
      value !== undefined && JSON.stringify(value) !== JSON.stringify(row[name as keyof MailboxChanges]), // `wanted` has these names only
  )
  return Object.fromEntries(fields) as MailboxChanges // a part of `wanted` without what is undefined
}

async function put(before: object | undefined, after: object, write: () => Promise<void>): Promise<Fate> {
  const fate = fateOf(before, after)
  if (fate !== 'unchanged') await write()
  return fate
}

/** Changed in its place: other words of the operator may name its number. */
async function putAccess({ store }: Context, { row, before }: AccessPlan): Promise<Fate> {
  if (before) {
    const { id: _id, uses: _uses, lastUsedAt: _lastUsedAt, ...old } = before
    if (same(old, row)) return 'unchanged'
  }
  if (before) await store.changeAccess(before.id, row)
  else await store.putAccess(row)
  return before ? 'changed' : 'added'
}

const fateOf = (before: unknown, after: unknown): Fate =>
  before === undefined ? 'added' : same(before, after) ? 'unchanged' : 'changed'

function same(a: unknown, b: unknown): boolean {
  const sorted = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([x], [y]) => (x < y ? -1 : 1)))
      : value
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function tally(fates: readonly Fate[]): Tally {
  const count: Tally = { added: 0, changed: 0, unchanged: 0 }
  for (const fate of fates) count[fate]++
  return count
}

/** Works through items in their order, so many at once; results stand where their items stood. */
async function pooled<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const i = next++
      results[i] = await work(items[i]!)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return results
}
