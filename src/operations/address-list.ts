// Every address that mail is taken for, over all domains, with where it goes: mapped ones and patterns, mailboxes by their name,
// and what whole domains do. A page at a time. AD-01, MB-01
import { z } from 'zod'
import type { Tables } from '#/accounts/directory-index.ts'
import { discardRest } from '#/accounts/catch.ts'
import { parseAddress } from '#/message/address.ts'
import type { AddressRow, DomainRow } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { pageOf } from './pages.ts'
import { namedDomains } from './reach.ts'

const kinds = ['mapped', 'pattern', 'named', 'whole', 'rest', 'alias'] as const
const target = z.strictObject({
  to: z.string(),
  is: z.enum(['mailbox', 'address', 'outside', 'domain', 'discard', 'off', 'gone']),
})
const line = z.strictObject({
  address: z.string().describe('A star stands for any characters.'),
  kind: z.enum(kinds),
  goesTo: z.array(target),
  nowhere: z.boolean().describe('Nobody gets its mail.'),
  over: z.string().nullable().describe('Who would get it without the mapping.'),
  note: z.string(),
  expiresAt: z.number().nullable(),
  expired: z.boolean(),
})
export type AddressLine = z.infer<typeof line>
export const allRequest = z.strictObject({
  text: z.string().max(320).default(''),
  show: z.enum(['all', 'mapped', 'nowhere']).default('all'),
  limit: z.int().min(1).max(1000).default(200),
  after: z.string().optional(),
})
export const allAnswer = z.strictObject({
  rows: z.array(line),
  next: z.string().nullable(),
  found: z.int(),
  total: z.int(),
  mapped: z.int(),
})

/** Light, for there are many: made into a line when shown. */
type Entry =
  | { readonly address: string; readonly kind: 'mapped' | 'pattern'; readonly row: AddressRow }
  | { readonly address: string; readonly kind: 'whole' | 'rest' | 'alias'; readonly row: DomainRow }
  | { readonly address: string; readonly kind: 'named'; readonly row: null }

export async function allAddresses(
  context: Context,
  { text, show, limit, after }: z.infer<typeof allRequest>,
): Promise<z.infer<typeof allAnswer>> {
  const entries = entriesOf(context)
  const shown = linesOf(context)
  const wanted = text.trim().toLowerCase()
  const kept = {
    all: () => true,
    mapped: ({ kind }: Entry) => kind === 'mapped' || kind === 'pattern',
    nowhere: (entry: Entry) => entry.kind !== 'named' && shown(entry).nowhere,
  }[show]
  const found = entries.filter(
    (entry) => kept(entry) && (wanted === '' || entry.address.includes(wanted) || leadsTo(entry, wanted)),
  )
  const page = pageOf(found, { limit, after, place: ({ address, kind }) => [address, kind] })
  const mapped = context.directory.all().addresses.length
  return Promise.resolve({
    rows: page.rows.map(shown),
    next: page.next,
    found: found.length,
    total: entries.length,
    mapped,
  })
}

const leadsTo = ({ row }: Entry, wanted: string): boolean =>
  row !== null &&
  ('targets' in row ? row.targets.some((one) => one.toLowerCase().includes(wanted)) : row.target === wanted)

function entriesOf(context: Context): Entry[] {
  const tables = context.directory.all()
  const mapped = new Set(tables.addresses.map(({ address }) => address))
  const byMapping = tables.addresses.map((row): Entry => {
    const { address } = row
    return { address, kind: address.includes('*') ? 'pattern' : 'mapped', row }
  })
  const alive = tables.mailboxes.filter(({ deletedAt }) => deletedAt === null)
  const named = namedDomains(context).flatMap((domain) =>
    alive
      .map(({ name }) => `${name}@${domain}`)
      .filter((address) => !mapped.has(address))
      .map((address): Entry => ({ address, kind: 'named', row: null })),
  )
  return [...byMapping, ...tables.domains.flatMap(wholeOf), ...named]
}

function wholeOf(row: DomainRow): Entry[] {
  if (row.target === null || row.mode === 'addresses-only') return []
  const kind = row.mode === 'alias' ? 'alias' : row.mode === 'one-mailbox' ? 'whole' : 'rest'
  return [{ address: `*@${row.name}`, kind, row }]
}

/** The looks at the tables are made once for a page. */
function linesOf({ directory, world }: Context): (entry: Entry) => AddressLine {
  const tables = directory.all()
  const alive = new Map(tables.mailboxes.filter((row) => row.deletedAt === null).map((row) => [row.name, row]))
  const domains = new Map(tables.domains.map((row) => [row.name, row]))
  const now = world.clock.now()
  const isOf = (to: string): AddressLine['goesTo'][number]['is'] => {
    if (to === discardRest) return 'discard'
    if (to.includes('@')) {
      const address = parseAddress(to)
      return address.ok && directory.isLocalDomain(address.value.domain) ? 'address' : 'outside'
    }
    const row = alive.get(to)
    if (!row) return 'gone'
    return row.disabled === 'refuse' || row.disabled === 'defer' ? 'off' : 'mailbox'
  }
  const told = (to: string): AddressLine['goesTo'][number] => ({ to, is: isOf(to) })
  return ({ address, kind, row }) => {
    const goesTo = kind === 'alias' ? [{ to: row.target!, is: 'domain' as const }] : targetsOf(address, row).map(told)
    const plain = { address, kind, goesTo, note: '', expiresAt: null, expired: false, over: null }
    const nowhere = goesTo.every(({ is }) => is === 'gone' || is === 'off')
    if (kind !== 'mapped' && kind !== 'pattern') return { ...plain, nowhere }
    const expired = row.expiresAt !== null && row.expiresAt <= now
    const over = without(address, { alive, domains })
    return { ...plain, nowhere: nowhere || expired, note: row.note, expiresAt: row.expiresAt, expired, over }
  }
}

function targetsOf(address: string, row: Entry['row']): readonly string[] {
  if (row === null) return [address.slice(0, address.lastIndexOf('@'))]
  if ('targets' in row) return row.targets
  return row.target === null ? [] : [row.target]
}

type Looks = {
  readonly alive: ReadonlyMap<string, Tables['mailboxes'][number]>
  readonly domains: ReadonlyMap<string, DomainRow>
}

/** The mailbox of this name, or the one that gets the whole domain. AD-03 */
function without(address: string, { alive, domains }: Looks): string | null {
  const at = address.lastIndexOf('@')
  const row = domains.get(address.slice(at + 1))
  if (row?.mode === 'one-mailbox') return row.target
  const name = address.slice(0, at)
  return row?.mode === 'by-name' && alive.has(name) ? name : null
}
