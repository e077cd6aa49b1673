// The tables as maps, made once per change, so that a question about an address searches nothing.
import { asciiLower, type Domain } from '#/message/address.ts'
import type { AddressRow, DomainRow, MailboxId, MailboxRow } from '#/storage/store.ts'
import type { Directory } from './types.ts'

export type Tables = ReturnType<Directory['all']>

export class DirectoryIndex {
  readonly tables: Tables
  readonly byId: ReadonlyMap<MailboxId, MailboxRow>
  readonly domains: ReadonlyMap<string, DomainRow>
  readonly addresses: ReadonlyMap<string, AddressRow>
  readonly addressDomains: ReadonlySet<string>
  readonly #byName: ReadonlyMap<string, MailboxRow>
  readonly #patterns: ReadonlyMap<string, readonly AddressRow[]>

  constructor(tables: Tables) {
    this.tables = tables
    const alive = tables.mailboxes.filter((row) => row.deletedAt === null)
    this.byId = new Map(alive.map((row) => [row.id, row]))
    this.#byName = new Map(alive.map((row) => [row.name, row]))
    this.domains = new Map(tables.domains.map((row) => [row.name, row]))
    this.addresses = new Map(tables.addresses.filter((row) => !isPattern(row)).map((row) => [row.address, row]))
    this.addressDomains = new Set(tables.addresses.map(domainOf))
    this.#patterns = Map.groupBy(tables.addresses.filter(isPattern).sort(mostLiteralFirst), domainOf)
  }

  mailbox = (name: string): MailboxRow | undefined => this.#byName.get(asciiLower(name))

  /** The most specific pattern of this domain that fits. AD-01 */
  pattern = (domain: Domain, key: string): AddressRow | undefined =>
    this.#patterns.get(domain)?.find((row) => matches(row.address, key))

  /** Follows aliases of aliases; null when they run in a circle. */
  realDomain(domain: Domain): Domain | null {
    const visited = new Set<string>()
    for (let name = domain; !visited.has(name);) {
      const row = this.domains.get(name)
      if (row?.mode !== 'alias' || row.target === null) return name
      visited.add(name)
      name = row.target as Domain // checked when it was saved
    }
    return null
  }
}

const isPattern = ({ address }: AddressRow): boolean => address.includes('*')
const domainOf = ({ address }: AddressRow): string => address.slice(address.lastIndexOf('@') + 1)
const literal = ({ address }: AddressRow): string => address.replaceAll('*', '')

function mostLiteralFirst(a: AddressRow, b: AddressRow): number {
  return (
    literal(b).length - literal(a).length || a.address.length - b.address.length || (a.address < b.address ? -1 : 1)
  )
}

/** `*` stands for any characters before the @. */
function matches(pattern: string, key: string): boolean {
  const parts = pattern.split('*')
  let at = 0
  for (const [i, part] of parts.entries()) {
    const found = i === parts.length - 1 ? key.length - part.length : key.indexOf(part, at)
    if (found < at || (i === 0 && found !== 0) || !key.startsWith(part, found)) return false
    at = found + part.length
  }
  return at === key.length
}
