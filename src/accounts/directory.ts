// The directory in memory: which mailboxes an address reaches, and why. Read anew after each change of the tables.
import { addressKey, asciiLower, parseAddress, type Address, type Domain } from '#/message/address.ts'
import { reply } from '#/message/reply.ts'
import type { SettingsNow } from '#/config/settings.ts'
import type { AddressRow, DomainRow, MailboxId, MailboxRow, Store } from '#/storage/store.ts'
import { mappingDepthMax, mappingMembersMax } from './limits.ts'
import type { Directory, Resolution } from './types.ts'

export type DirectoryParts = {
  readonly store: Pick<Store, 'mailboxes' | 'domains' | 'addresses' | 'access'>
  readonly settingsNow: SettingsNow
  readonly hostname: string
  readonly now: () => number
}
type Tables = ReturnType<Directory['all']>
type Found = { mailboxes: Map<MailboxId, MailboxRow>; outside: Map<string, Address>; because: string[] }
type Step = { readonly address: Address; readonly visited: readonly string[]; readonly found: Found }
type Stop = Exclude<Resolution, { is: 'local' }> | null // null: found, go on

/** @throws StoreError when the tables cannot be read. */
export async function openDirectory(parts: DirectoryParts): Promise<Directory> {
  const directory = new MemoryDirectory(parts)
  await directory.reload()
  return directory
}

class MemoryDirectory implements Directory {
  readonly #parts: DirectoryParts
  #tables: Tables = { mailboxes: [], domains: [], addresses: [], access: [] }
  #byName = new Map<string, MailboxRow>()
  #byId = new Map<MailboxId, MailboxRow>()
  #domains = new Map<string, DomainRow>()
  #addresses = new Map<string, AddressRow>()
  #patterns: AddressRow[] = []

  constructor(parts: DirectoryParts) {
    this.#parts = parts
  }

  async reload(): Promise<void> {
    const { store } = this.#parts
    const [mailboxes, domains, addresses, access] = await Promise.all([
      store.mailboxes(),
      store.domains(),
      store.addresses(),
      store.access(),
    ])
    this.#tables = { mailboxes, domains, addresses, access }
    const alive = mailboxes.filter((row) => row.deletedAt === null)
    this.#byName = new Map(alive.map((row) => [row.name, row]))
    this.#byId = new Map(alive.map((row) => [row.id, row]))
    this.#domains = new Map(domains.map((row) => [row.name, row]))
    this.#addresses = new Map(addresses.filter((row) => !row.address.includes('*')).map((row) => [row.address, row]))
    this.#patterns = addresses
      .filter((row) => row.address.includes('*'))
      .sort((a, b) => b.address.length - a.address.length)
  }

  all = (): Tables => this.#tables
  mailboxById = (id: MailboxId): MailboxRow | undefined => this.#byId.get(id)

  isLocalDomain(domain: Domain): boolean {
    return (
      this.#isHost(domain) ||
      (this.#domains.has(domain) && this.#parts.settingsNow().mailServer.acceptDomains) ||
      this.#hasAddress(domain)
    )
  }

  /** `user`, `user@domain`, `user+detail@domain`. PS-15 */
  mailbox(login: string): MailboxRow | undefined {
    const name = asciiLower(login)
    const direct = this.#byName.get(name)
    if (direct || !name.includes('@')) return direct
    const address = parseAddress(name)
    if (!address.ok) return undefined
    const resolution = this.resolve(address.value)
    return resolution.is === 'local' && resolution.mailboxes.length === 1 && resolution.outside.length === 0
      ? resolution.mailboxes[0]
      : undefined
  }

  owns(mailbox: MailboxRow, address: Address): boolean {
    const resolution = this.resolve(address)
    return resolution.is === 'local' && resolution.mailboxes.some((row) => row.id === mailbox.id)
  }

  /** The order of AD-01: domain alias, mapping, mailbox, without detail, pattern, the domain's catch, nobody. */
  resolve(address: Address): Resolution {
    const found: Found = { mailboxes: new Map(), outside: new Map(), because: [] }
    const stop = this.#follow({ address, visited: [], found })
    if (stop) return stop
    const mailboxes = [...found.mailboxes.values()]
    const disabled = mailboxes.find((row) => row.disabled === 'refuse' || row.disabled === 'defer')
    if (disabled && mailboxes.length === 1) return refusedMailbox(disabled, found.because)
    return { is: 'local', mailboxes, outside: [...found.outside.values()], because: found.because }
  }

  #follow({ address: given, visited, found }: Step): Stop {
    const address = this.#unalias(given, found)
    const key = addressKey(address)
    if (visited.includes(key)) return null // a loop adds nobody: AD-10
    if (visited.length > mappingDepthMax || found.mailboxes.size > mappingMembersMax) return tooDeep(found.because)
    const seen = [...visited, key]
    if (!this.isLocalDomain(address.domain))
      return { is: 'remote', because: [`${address.domain} is not a domain of this server`] }
    const mapping = this.#mapping(address)
    if (mapping) return this.#targets(mapping, { address, visited: seen, found })
    const mailbox = this.#namedMailbox(address, found)
    if (mailbox) return add(found, mailbox)
    const pattern = this.#patterns.find((row) => matches(row.address, key))
    if (pattern) return this.#targets(pattern, { address, visited: seen, found })
    return this.#catch(address, found)
  }

  #unalias(address: Address, found: Found): Address {
    const row = this.#domains.get(address.domain)
    if (row?.mode !== 'alias' || row.target === null) return address
    found.because.push(`${address.domain} is another name of ${row.target}`)
    return { local: address.local, domain: row.target as Domain } // checked when it was saved
  }

  /** The mapping of the whole address, then of the address without its detail. AD-07 */
  #mapping(address: Address): AddressRow | undefined {
    if (!this.#parts.settingsNow().mailServer.acceptAddresses) return undefined
    const exact = this.#addresses.get(addressKey(address))
    if (exact || this.#ownMailbox(address)) return exact
    const plain = this.#withoutDetail(address)
    return plain === null ? undefined : this.#addresses.get(addressKey(plain))
  }

  #targets(row: AddressRow, step: Step): Stop {
    if (row.expiresAt !== null && row.expiresAt <= this.#parts.now())
      return {
        is: 'refused',
        reply: reply(550, '5.1.6', 'This address has expired'),
        because: [`${row.address} has expired`],
      }
    step.found.because.push(`${row.address} is mapped to ${row.targets.join(', ')}`)
    let stop: Stop = null
    for (const target of row.targets) stop = this.#target(target, step) ?? stop
    return step.found.mailboxes.size + step.found.outside.size > 0 ? null : (stop ?? unknown(step.found.because))
  }

  #target(target: string, { visited, found }: Step): Stop {
    if (!target.includes('@')) {
      const mailbox = this.#byName.get(asciiLower(target))
      if (mailbox) return add(found, mailbox)
      found.because.push(`the mailbox ${target} does not exist`)
      return null
    }
    const address = parseAddress(target)
    if (!address.ok) return null
    if (this.isLocalDomain(address.value.domain)) return this.#follow({ address: address.value, visited, found })
    found.outside.set(addressKey(address.value), address.value)
    return null
  }

  #namedMailbox(address: Address, found: Found): MailboxRow | undefined {
    const own = this.#ownMailbox(address)
    if (own) {
      found.because.push(`the mailbox ${own.name} has this name`)
      return own
    }
    const name = asciiLower(address.local)
    if (name === 'postmaster' || name === 'abuse') return this.#postmaster(found) // RFC 5321 §4.5.1, IN-18
    const plain = this.#withoutDetail(address)
    const detailed = plain === null ? undefined : this.#ownMailbox(plain)
    if (detailed) found.because.push(`the mailbox ${detailed.name} has this name before the detail`)
    return detailed
  }

  #ownMailbox({ local, domain }: Address): MailboxRow | undefined {
    const byName = this.#domains.get(domain)?.mode === 'by-name' || this.#isHost(domain)
    return byName ? this.#byName.get(asciiLower(local)) : undefined
  }

  #postmaster(found: Found): MailboxRow | undefined {
    const name = this.#parts.settingsNow().server.postmaster
    const mailbox = this.#byName.get(asciiLower(name)) ?? this.#byId.values().next().value
    if (mailbox) found.because.push(`mail for the postmaster goes to ${mailbox.name}`)
    return mailbox
  }

  #catch(address: Address, found: Found): Stop {
    const row = this.#domains.get(address.domain)
    if (
      row &&
      row.mode !== 'addresses-only' &&
      row.target !== null &&
      this.#parts.settingsNow().mailServer.acceptDomains
    ) {
      const mailbox = this.#byName.get(asciiLower(row.target))
      if (mailbox) {
        found.because.push(`${row.name} sends the rest to ${mailbox.name}`)
        return add(found, mailbox)
      }
    }
    return unknown([...found.because, `nobody here is called ${address.local}@${address.domain}`])
  }

  #withoutDetail({ local, domain }: Address): Address | null {
    const { plusSeparator } = this.#parts.settingsNow().mailServer
    const at = plusSeparator === '' ? -1 : local.indexOf(plusSeparator)
    return at > 0 ? { local: local.slice(0, at), domain } : null
  }

  #isHost(domain: Domain): boolean {
    const { server, mailServer } = this.#parts.settingsNow()
    return mailServer.acceptLocalMailboxes && (domain === this.#parts.hostname || server.localNames.includes(domain))
  }

  #hasAddress(domain: Domain): boolean {
    if (!this.#parts.settingsNow().mailServer.acceptAddresses) return false
    return this.#tables.addresses.some((row) => row.address.endsWith(`@${domain}`))
  }
}

function add(found: Found, mailbox: MailboxRow): null {
  found.mailboxes.set(mailbox.id, mailbox)
  return null
}

const unknown = (because: readonly string[]): Stop => ({ is: 'unknown', because })
const tooDeep = (because: readonly string[]): Stop => ({
  is: 'refused',
  reply: reply(451, '4.3.5', 'The addresses behind this one are nested too deeply'),
  because,
})

function refusedMailbox(row: MailboxRow, because: readonly string[]): Resolution {
  const said =
    row.disabled === 'defer'
      ? reply(450, '4.2.1', 'This mailbox takes no mail at the moment')
      : reply(550, '5.2.1', 'This mailbox takes no mail')
  return { is: 'refused', reply: said, because: [...because, `the mailbox ${row.name} is switched off`] }
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
