// The directory in memory: which mailboxes an address reaches, and why. Read anew after each change of the tables.
import { addressKey, asciiLower, parseAddress, type Address, type Domain } from '#/message/address.ts'
import { reply, type Reply } from '#/message/reply.ts'
import type { SettingsNow } from '#/config/settings.ts'
import type { AddressRow, MailboxId, MailboxRow, Store } from '#/storage/store.ts'
import { discardRest } from './catch.ts'
import { DirectoryIndex, type Tables } from './directory-index.ts'
import { mappingDepthMax, mappingMembersMax } from './limits.ts'
import type { Directory, Resolution } from './types.ts'

export type DirectoryParts = {
  readonly store: Pick<Store, 'mailboxes' | 'domains' | 'addresses' | 'access'>
  readonly settingsNow: SettingsNow
  readonly hostname: string
  readonly now: () => number
}
/** What one question gathers: a set, and what was visited, so that no loop and no diamond is walked twice. AD-10 */
type Found = {
  readonly mailboxes: Map<MailboxId, MailboxRow>
  readonly outside: Map<string, Address>
  readonly because: string[]
  readonly visited: Set<string>
  readonly passedOn: Set<MailboxId> // forward all and keep nothing
  tooMuch: boolean
  caught: boolean // by a domain's catch
  discarded: boolean
}
type Step = { readonly address: Address; readonly path: readonly string[]; readonly found: Found }
type Stop = Exclude<Resolution, { is: 'local' }> | null // null: go on with what was found

/** @throws StoreError when the tables cannot be read. */
export async function openDirectory(parts: DirectoryParts): Promise<Directory> {
  const directory = new MemoryDirectory(parts)
  await directory.reload()
  return directory
}

class MemoryDirectory implements Directory {
  readonly #parts: DirectoryParts
  #index = new DirectoryIndex({ mailboxes: [], domains: [], addresses: [], access: [] })

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
    this.#index = new DirectoryIndex({ mailboxes, domains, addresses, access })
  }

  all = (): Tables => this.#index.tables
  mailboxById = (id: MailboxId): MailboxRow | undefined => this.#index.byId.get(id)

  /** Asked for each recipient: no search. An alias is as local as the domain it stands for. */
  isLocalDomain(domain: Domain): boolean {
    const { acceptDomains, acceptAddresses } = this.#settings
    if (acceptDomains && this.#index.domains.has(domain)) return true
    const real = this.#index.realDomain(domain)
    if (real === null) return false
    return (
      this.#isHost(real) ||
      (acceptDomains && this.#index.domains.has(real)) ||
      (acceptAddresses && this.#index.addressDomains.has(real))
    )
  }

  /** `user`, `user@domain`, `user+detail@domain`. PS-15 */
  mailbox(login: string): MailboxRow | undefined {
    const name = asciiLower(login)
    const direct = this.#index.mailbox(name)
    if (direct || !name.includes('@')) return direct
    const address = parseAddress(name)
    if (!address.ok) return undefined
    const resolution = this.resolve(address.value)
    return resolution.is === 'local' && resolution.mailboxes.length === 1 && resolution.outside.length === 0
      ? resolution.mailboxes[0]
      : undefined
  }

  owns(mailbox: MailboxRow, address: Address): boolean {
    const found = nothingFound()
    const resolution = this.#resolved(address, found)
    if (found.passedOn.has(mailbox.id)) return true
    return resolution.is === 'local' && resolution.mailboxes.some((row) => row.id === mailbox.id)
  }

  /** The order of AD-01: domain alias, mapping, mailbox, without detail, pattern, the domain's catch, nobody. */
  resolve(address: Address): Resolution {
    if (!this.isLocalDomain(address.domain)) return notOurs(address.domain)
    return this.#resolved(address, nothingFound())
  }

  #resolved(address: Address, found: Found): Resolution {
    const resolution = concluded(this.#follow({ address, path: [], found }), found)
    if (resolution.is === 'local' || resolution.is === 'remote' || !isRole(address)) return resolution
    const because = [...resolution.because]
    const mailbox = this.#postmaster(because) // IN-18: taken whatever became of its mailbox or mapping
    return mailbox ? { is: 'local', mailboxes: [mailbox], outside: [], rule: 'local', because } : resolution
  }

  #follow({ address: given, path, found }: Step): Stop {
    const real = this.#index.realDomain(given.domain)
    if (!this.isLocalDomain(given.domain)) return notOurs(given.domain)
    if (real === null) return misconfigured('This domain', [...found.because, `${given.domain} is its own alias`])
    if (real !== given.domain) {
      found.because.push(`${given.domain} is another name of ${real}`)
      if (!this.isLocalDomain(real))
        return misconfigured('This domain', [...found.because, `${real} is not of this server`])
    }
    const address: Address = { local: given.local, domain: real }
    const key = addressKey(address)
    if (path.includes(key)) found.because.push(`${key} leads back to itself`)
    if (found.visited.has(key)) return null
    found.visited.add(key)
    if (path.length > mappingDepthMax) found.tooMuch = true
    if (isTooMuch(found)) return null
    return this.#look(key, { address, path: [...path, key], found })
  }

  #look(key: string, step: Step): Stop {
    const { address, found } = step
    const mapping = this.#mapping(address)
    if (mapping) return this.#targets(mapping, step)
    const mailbox = this.#namedMailbox(address, found.because)
    if (mailbox) return this.#add(mailbox, step)
    const pattern = this.#settings.acceptAddresses ? this.#index.pattern(address.domain, key) : undefined
    if (pattern) return this.#targets(pattern, step)
    return this.#catch(step)
  }

  /** The mapping of the whole address, then of the address without its detail. AD-07 */
  #mapping(address: Address): AddressRow | undefined {
    if (!this.#settings.acceptAddresses) return undefined
    const exact = this.#index.addresses.get(addressKey(address))
    if (exact || this.#ownMailbox(address)) return exact
    const plain = this.#withoutDetail(address)
    return plain === null ? undefined : this.#index.addresses.get(addressKey(plain))
  }

  #targets(row: AddressRow, { path, found }: Step): Stop {
    if (row.expiresAt !== null && row.expiresAt <= this.#parts.now()) {
      found.because.push(`${row.address} has expired`) // AD-16
      return { is: 'refused', reply: reply(550, '5.1.6', 'This address has expired'), because: found.because }
    }
    found.because.push(`${row.address} is mapped to ${row.targets.join(', ')}`)
    let stop: Stop = null
    for (const target of row.targets) {
      stop = this.#target(target, { path, found }) ?? stop
      if (isTooMuch(found)) return null
    }
    return stop
  }

  #target(target: string, { path, found }: Omit<Step, 'address'>): Stop {
    if (!target.includes('@')) {
      const mailbox = this.#index.mailbox(target)
      if (mailbox) return this.#add(mailbox, { path, found })
      found.because.push(`the mailbox ${target} does not exist`)
      return null
    }
    const address = parseAddress(target)
    if (!address.ok) return null
    if (this.isLocalDomain(address.value.domain)) return this.#follow({ address: address.value, path, found })
    found.outside.set(addressKey(address.value), address.value)
    return null
  }

  /** The mailbox, and where it sends what it gets. AD-14 */
  #add(mailbox: MailboxRow, step: Omit<Step, 'address'>): null {
    const { found } = step
    const { id, name, forward } = mailbox
    if (forward === null || !takesMail(mailbox) || found.mailboxes.has(id) || found.passedOn.has(id)) {
      if (!found.passedOn.has(id)) found.mailboxes.set(id, mailbox)
      return null
    }
    if (forward.keep) found.mailboxes.set(id, mailbox)
    else found.passedOn.add(id)
    found.because.push(
      `the mailbox ${name} ${forward.keep ? 'sends a copy' : 'sends it on'} to ${forward.to.join(', ')}`,
    )
    for (const target of forward.to) this.#target(target, step)
    return null
  }

  #namedMailbox(address: Address, because: string[]): MailboxRow | undefined {
    const own = this.#ownMailbox(address)
    if (own) {
      because.push(`the mailbox ${own.name} has this name`)
      return own
    }
    if (isRole(address)) return this.#postmaster(because)
    const plain = this.#withoutDetail(address)
    const detailed = plain === null ? undefined : this.#ownMailbox(plain)
    if (detailed) because.push(`the mailbox ${detailed.name} has this name before the detail`)
    return detailed
  }

  #ownMailbox({ local, domain }: Address): MailboxRow | undefined {
    const byName = this.#servedDomain(domain)?.mode === 'by-name' || this.#isHost(domain)
    return byName ? this.#index.mailbox(local) : undefined
  }

  /** The one that is set, or the first that takes mail. RFC 5321 §4.5.1, IN-18 */
  #postmaster(because: string[]): MailboxRow | undefined {
    const chosen = this.#index.mailbox(this.#parts.settingsNow().server.postmaster)
    const mailbox = [...(chosen ? [chosen] : []), ...this.#index.byId.values()].find(takesMail)
    if (mailbox) because.push(`mail for the postmaster goes to ${mailbox.name}`)
    return mailbox
  }

  /** To a mailbox, a list, an outside address, or nowhere. AD-15 */
  #catch({ address: { local, domain }, path, found }: Step): Stop {
    const row = this.#servedDomain(domain)
    const target = row && row.mode !== 'addresses-only' ? row.target : null
    if (target === null) {
      found.because.push(`nobody here is called ${local}@${domain}`)
      return null
    }
    found.caught = true
    if (target === discardRest) {
      found.because.push(`${domain} discards the rest`)
      found.discarded = true
      return null
    }
    found.because.push(`${domain} sends the rest to ${target}`)
    return this.#target(target, { path, found })
  }

  #withoutDetail({ local, domain }: Address): Address | null {
    const { plusSeparator } = this.#settings
    const at = plusSeparator === '' ? -1 : local.indexOf(plusSeparator)
    return at > 0 ? { local: local.slice(0, at), domain } : null
  }

  #isHost(domain: Domain): boolean {
    const { server, mailServer } = this.#parts.settingsNow()
    return mailServer.acceptLocalMailboxes && (domain === this.#parts.hostname || server.localNames.includes(domain))
  }

  #servedDomain = (domain: Domain) => (this.#settings.acceptDomains ? this.#index.domains.get(domain) : undefined)

  get #settings() {
    return this.#parts.settingsNow().mailServer
  }
}

const nothingFound = (): Found => ({
  mailboxes: new Map(),
  outside: new Map(),
  because: [],
  visited: new Set(),
  passedOn: new Set(),
  tooMuch: false,
  caught: false,
  discarded: false,
})

const takesMail = ({ disabled }: MailboxRow): boolean => disabled !== 'refuse' && disabled !== 'defer'
const isRole = ({ local }: Address): boolean => ['postmaster', 'abuse'].includes(asciiLower(local))
const isTooMuch = ({ mailboxes, outside, visited, tooMuch }: Found): boolean =>
  tooMuch || mailboxes.size + outside.size > mappingMembersMax || visited.size > mappingMembersMax

/** Whoever takes mail gets it; the reason of a refusal counts only when nobody is left. AD-12 */
function concluded(stop: Stop, found: Found): Resolution {
  const { because } = found
  if (isTooMuch(found)) return misconfigured('This address', [...because, 'it leads to too many others'])
  const mailboxes = [...found.mailboxes.values()].filter(takesMail)
  const off = [...found.mailboxes.values()].filter((row) => !takesMail(row))
  for (const { name } of off) because.push(`the mailbox ${name} is switched off`)
  const outside = [...found.outside.values()]
  const rule = found.caught ? 'domain catch' : 'local'
  if (mailboxes.length + outside.length > 0) return { is: 'local', mailboxes, outside, rule, because }
  if (off.length > 0) return { is: 'refused', reply: switchedOff(off), because }
  if (found.discarded) return { is: 'discarded', because }
  return stop ?? { is: 'unknown', because }
}

const notOurs = (domain: Domain): Resolution & { is: 'remote' } => ({
  is: 'remote',
  because: [`${domain} is not a domain of this server`],
})

/** Our mistake, so not for ever. */
const misconfigured = (what: string, because: readonly string[]): Resolution & { is: 'refused' } => ({
  is: 'refused',
  reply: reply(451, '4.3.5', `${what} is not set up well here; please try again later`),
  because,
})

/** One that only waits is reason enough to come again. */
const switchedOff = (rows: readonly MailboxRow[]): Reply =>
  rows.some(({ disabled }) => disabled === 'defer')
    ? reply(450, '4.2.1', 'This mailbox takes no mail at the moment')
    : reply(550, '5.2.1', 'This mailbox takes no mail')
