// Which addresses reach a mailbox, and why: by its name, mapped, by another name of the domain, by a pattern, as postmaster, and
// what a domain does not know otherwise. One pass over the tables serves every mailbox of a page. MB-01
import { z } from 'zod'
import { parseAddress } from '#/message/address.ts'
import type { AddressRow, DomainRow, MailboxRow } from '#/storage/store.ts'
import type { Context } from './context.ts'

export const reach = z.strictObject({
  address: z.string().describe('A star stands for any characters.'),
  kind: z.enum(['named', 'detail', 'mapped', 'pattern', 'alias', 'postmaster', 'rest']),
  because: z.string(),
  by: z.string().nullable().describe('The mapping or the domain that stands behind it.'),
  expiresAt: z.number().nullable(),
})
export type Reach = z.infer<typeof reach>
type Sources = Pick<Context, 'directory' | 'settings' | 'hostname'>

const words = {
  named: () => 'named like the mailbox',
  detail: () => 'the name with anything behind the sign for details',
  mapped: (by: string | null) => (by === null ? 'mapped' : `by way of ${by}`),
  pattern: () => 'fits this pattern',
  alias: (by: string | null) => `another name of ${by}`,
  postmaster: () => 'mail for the postmaster',
  rest: () => 'everything else of the domain',
}

type More = { readonly by?: string | null; readonly expiresAt?: number | null }

function reached(address: string, kind: Reach['kind'], { by = null, expiresAt = null }: More = {}): Reach {
  return { address, kind, because: words[kind](by), by, expiresAt }
}

/** For a question about one mailbox or about many. */
export function reachers(sources: Sources): (mailbox: MailboxRow) => Reach[] {
  const { domains } = sources.directory.all()
  const mapped = mappedNames(sources)
  const aliases = Map.groupBy(domains.filter(isAlias), ({ target }) => target)
  const places = namedDomains(sources)
  return (mailbox) => {
    const leads = (address: string): boolean => leadsTo(sources, address, mailbox)
    const own = places.map((domain) => `${mailbox.name}@${domain}`).filter(leads)
    const rows = mapped.get(mailbox.name) ?? []
    const seen = new Set(rows.map(({ row }) => row.address))
    const byMapping = rows.map(({ row, by }) =>
      reached(row.address, row.address.includes('*') ? 'pattern' : 'mapped', { by, expiresAt: row.expiresAt }),
    )
    const named = own.filter((address) => !seen.has(address)).map((address) => reached(address, 'named'))
    const others = [...named, ...byMapping]
      .flatMap(({ address }) => elsewhere(aliases, address))
      .filter(({ address }) => address.includes('*') || leads(address))
    const roles = places
      .map((domain) => `postmaster@${domain}`)
      .filter((address) => !seen.has(address) && leads(address))
    return [
      ...named,
      ...byMapping,
      ...others,
      ...(mailbox.name === 'postmaster' ? [] : roles.map((address) => reached(address, 'postmaster'))),
      ...domains.filter((row) => hasRestFor(sources, row, mailbox)).map((row) => reached(`*@${row.name}`, 'rest')),
    ]
  }
}

/** The same addresses with details behind the name, as one line. AD-07 */
export function detailOf({ settings }: Sources, found: readonly Reach[]): Reach[] {
  const { plusSeparator } = settings.now().mailServer
  const first = found.find(({ kind }) => kind === 'named')
  if (plusSeparator === '' || !first) return []
  return [reached(first.address.replace('@', `${plusSeparator}*@`), 'detail', { by: plusSeparator })]
}

const isAlias = ({ mode }: DomainRow): boolean => mode === 'alias'
const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1)

/** The same address at the other names of its domain. */
function elsewhere(aliases: ReadonlyMap<string | null, readonly DomainRow[]>, address: string): Reach[] {
  const domain = domainOf(address)
  const local = address.slice(0, -domain.length)
  return (aliases.get(domain) ?? []).map(({ name }) => reached(local + name, 'alias', { by: domain }))
}

type Mapped = { readonly row: AddressRow; readonly by: string | null }

/** Mappings by the names of the mailboxes they lead to; `by` is the local address between. */
function mappedNames({ directory }: Sources): ReadonlyMap<string, readonly Mapped[]> {
  const found = new Map<string, Mapped[]>()
  const put = (name: string, one: Mapped): void => {
    const rows = found.get(name) ?? []
    if (!rows.some(({ row }) => row.address === one.row.address)) rows.push(one)
    found.set(name, rows)
  }
  for (const row of directory.all().addresses)
    for (const target of row.targets) {
      if (!target.includes('@')) put(target, { row, by: null })
      else for (const name of mailboxesBehind(directory, target)) put(name, { row, by: target })
    }
  return found
}

function mailboxesBehind(directory: Sources['directory'], target: string): string[] {
  const address = parseAddress(target)
  if (!address.ok || !directory.isLocalDomain(address.value.domain)) return []
  const found = directory.resolve(address.value)
  return found.is === 'local' ? found.mailboxes.map(({ name }) => name) : []
}

function hasRestFor(sources: Sources, { mode, target }: DomainRow, mailbox: MailboxRow): boolean {
  if (mode === 'alias' || mode === 'addresses-only' || target === null) return false
  return target === mailbox.name || (target.includes('@') && leadsTo(sources, target, mailbox))
}

/** Domains where a mailbox is reached by its name: by-name ones and the names of this server. */
export function namedDomains({ directory, settings, hostname }: Sources): string[] {
  const byName = directory.all().domains.filter(({ mode }) => mode === 'by-name')
  return [...new Set([...byName.map((row) => row.name), hostname, ...settings.now().server.localNames])]
}

/** The directory decides: a mapping may stand before the name, a switch may be off. */
function leadsTo({ directory }: Sources, text: string, mailbox: MailboxRow): boolean {
  const address = parseAddress(text)
  return address.ok && directory.owns(mailbox, address.value)
}
