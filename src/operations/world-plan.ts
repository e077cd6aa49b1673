// What importing a file would change. The file is checked whole, as the tables would be afterwards, before anything is written.
import { passwordProblem } from '#/accounts/passwords.ts'
import type { Away } from '#/storage/away.ts'
import type { Secrets } from '#/accounts/secrets.ts'
import type { AccessRow, AddressRow, DomainRow, MailboxRow } from '#/storage/store.ts'
import type { Directory } from '#/accounts/types.ts'
import type { AlternateRow, RouteRow } from '#/config/relay-tables.ts'
import { checkAccess } from './access-change.ts'
import type { AccountRow } from '#/pop3-client/types.ts'
import { planAccount, type CollectPlan } from './collect-import.ts'
import { completeAlternate } from './alternates.ts'
import { checkAddress, checkDomain, circleWords } from './addresses.ts'
import { circleOf, restOf } from './cycles.ts'
import { OperationError } from './errors.ts'
import { checkedAway } from './away.ts'
import { checkedForward } from './forwarding.ts'
import { checkedName } from './mailboxes.ts'
import { completeRoute, matchKey } from './routes.ts'
import { unusable, type WorldFile } from './world-file.ts'

type Tables = ReturnType<Directory['all']>
type MailboxInFile = WorldFile['mailbox'][number]
export type MailboxPlan = {
  readonly name: string
  readonly row: Omit<MailboxInFile, 'away'> & { readonly away?: Away }
}
export type AccessPlan = {
  readonly row: Omit<AccessRow, 'id' | 'uses' | 'lastUsedAt'>
  readonly before: AccessRow | undefined
}
export type Plan = {
  readonly mailboxes: readonly MailboxPlan[]
  readonly domains: readonly DomainRow[]
  readonly addresses: readonly AddressRow[]
  readonly access: readonly AccessPlan[]
  readonly alternates: readonly AlternateRow[]
  readonly routes: readonly RouteRow[]
  readonly collect: readonly CollectPlan[]
}

/** What is there beside the directory. */
export type OtherTables = {
  readonly alternates: ReadonlyMap<string, AlternateRow>
  readonly routes: readonly RouteRow[]
  readonly accounts: readonly AccountRow[]
  readonly secrets: Secrets
}

/** @throws OperationError that names everything that is wrong with the file. */
export function planWorld(file: WorldFile, tables: Tables, known: OtherTables): Plan {
  const problems: string[] = []
  const each = eachInto(problems)
  const mailboxes = each('mailbox', file.mailbox, (row) => [checkedName(row.name), mailboxPlan(row)])
  const names = new Set(tables.mailboxes.filter((row) => row.deletedAt === null).map((row) => row.name))
  for (const { name } of mailboxes) names.add(name)
  const hasMailbox = (name: string): boolean => names.has(name.toLowerCase())
  const domains = each('domain', file.domain, (row) => keyed('name', domainRow(row, tables.domains, hasMailbox)))
  const addressesNow = new Map(tables.addresses.map((row) => [row.address, row]))
  const addresses = each('address', file.address, (row) => keyed('address', addressRow(row, addressesNow, hasMailbox)))
  let position = Math.max(0, ...tables.access.map((row) => row.position))
  const access = each('access', file.access, (row) => {
    const plan = accessPlan(row, tables.access, position + 1)
    if (plan.before === undefined) position++
    return [plan.row.pattern, plan]
  })
  const circle = circleAfter(tables, { domains, addresses, hasMailbox })
  if (circle) problems.push(`address: ${circleWords(circle)}`)
  const sending = planRelay(file, known, each)
  const collect = each('collect', file.collect, (row) => {
    const plan = planAccount(row, { ...known, hasMailbox })
    return [plan.account.name, plan]
  })
  if (problems.length > 0) throw new OperationError(unusable(problems))
  return { mailboxes, domains, addresses, access, collect, ...sending }
}

type Each = <T, R>(table: string, rows: readonly T[], check: (row: T) => readonly [string, R]) => R[]

/** Checks row after row and notes what is wrong, or there twice. */
const eachInto =
  (problems: string[]): Each =>
  (table, rows, check) => {
    const seen = new Set<string>()
    return rows.flatMap((row, i) => {
      try {
        const [key, result] = check(row)
        if (seen.has(key)) throw new OperationError(`${key} stands here twice`)
        seen.add(key)
        return [result]
      } catch (error) {
        if (!(error instanceof OperationError)) throw error
        problems.push(`${table}[${i + 1}]: ${error.message}`)
        return []
      }
    })
  }

/** Routes may lead to alternate servers of the same file. */
function planRelay(file: WorldFile, known: OtherTables, each: Each): Pick<Plan, 'alternates' | 'routes'> {
  const alternates = each('alternate', file.alternate, (row) =>
    keyed('name', completeAlternate(row, known.alternates.get(row.name), known.secrets)),
  )
  const all = new Map([...known.alternates, ...alternates.map((row) => [row.name, row] as const)])
  const routes = each('route', file.route, (request) => {
    const row = completeRoute(request, all)
    return [matchKey(row), row]
  })
  return { alternates, routes }
}

const keyed = <K extends string, T extends Record<K, string>>(key: K, row: T): readonly [string, T] => [row[key], row]

function mailboxPlan(row: MailboxInFile): MailboxPlan {
  const problem = row.password === undefined ? null : passwordProblem(row.password)
  if (problem !== null) throw new OperationError(`${row.name}: ${problem}`)
  if (row.password !== undefined && (row.argon2 ?? row.scram) !== undefined)
    throw new OperationError(`${row.name}: a password or its hashes, not both`)
  const { forward, away, ...rest } = row
  const checked = {
    ...(forward && { forward: checkedForward(forward) }),
    ...(away && { away: checkedAway(null, away) }),
  }
  return { name: checkedName(row.name), row: { ...rest, ...checked } }
}

function domainRow(
  row: WorldFile['domain'][number],
  known: readonly DomainRow[],
  hasMailbox: (name: string) => boolean,
): DomainRow {
  const complete = (old: DomainRow | undefined): DomainRow => {
    const mode = row.mode ?? old?.mode ?? 'by-name'
    const kept = old?.mode === mode ? old.target : null // the target of another mode means something else
    return { name: row.name, mode, target: row.target ?? kept }
  }
  const { name } = checkDomain({ name: row.name, mode: 'by-name', target: null }, hasMailbox)
  return checkDomain(complete(known.find((old) => old.name === name)), hasMailbox)
}

function addressRow(
  row: WorldFile['address'][number],
  known: ReadonlyMap<string, AddressRow>,
  hasMailbox: (name: string) => boolean,
): AddressRow {
  const checked = checkAddress({ note: '', expiresAt: null, ...defined(row) }, hasMailbox)
  const old = known.get(checked.address)
  return { ...checked, note: row.note ?? old?.note ?? '', expiresAt: row.expiresAt ?? old?.expiresAt ?? null }
}

const defined = ({ address, targets }: WorldFile['address'][number]): Pick<AddressRow, 'address' | 'targets'> => ({
  address,
  targets,
})

function accessPlan(row: WorldFile['access'][number], known: readonly AccessRow[], position: number): AccessPlan {
  const before = known.find(({ pattern }) => pattern === row.pattern)
  const action = row.action ?? before?.action ?? 'allow'
  checkAccess(
    { pattern: row.pattern, action },
    row.confirmed === true || before?.action === 'allow',
    'If you are certain, write confirmed = true beside it.',
  )
  return {
    before,
    row: {
      pattern: row.pattern,
      action,
      position: before?.position ?? position,
      note: row.note ?? before?.note ?? '',
      senders: row.senders ?? before?.senders ?? [],
      expiresAt: row.expiresAt ?? before?.expiresAt ?? null,
    },
  }
}

type After = Pick<Plan, 'domains' | 'addresses'> & { readonly hasMailbox: (name: string) => boolean }

function circleAfter(tables: Tables, { domains, addresses, hasMailbox }: After): readonly string[] | null {
  const merged = new Map([...tables.addresses, ...addresses].map((row) => [row.address, row]))
  const mergedDomains = new Map([...tables.domains, ...domains].map((row) => [row.name, row]))
  const mappings = { addresses: [...merged.values()], domains: [...mergedDomains.values()], hasMailbox }
  return circleOf(mappings, [...merged.keys(), ...[...mergedDomains.keys()].map(restOf)])
}

export const aliveByName = (tables: Tables): Map<string, MailboxRow> =>
  new Map(tables.mailboxes.filter((row) => row.deletedAt === null).map((row) => [row.name, row]))
