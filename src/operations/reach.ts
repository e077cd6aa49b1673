// Which addresses reach a mailbox, and why: mapped ones, those by its name, and what a domain does not know otherwise. MB-01
import { parseAddress } from '#/message/address.ts'
import type { Context } from './context.ts'

export type Reach = { readonly address: string; readonly because: string }
type Sources = Pick<Context, 'directory' | 'settings' | 'hostname'>

export function reachedBy(sources: Sources, name: string): Reach[] {
  const { directory } = sources
  const { domains, addresses } = directory.all()
  const mapped = addresses
    .filter(({ targets }) => targets.includes(name))
    .map(({ address }): Reach => ({ address, because: 'mapped' }))
  const rest = domains
    .filter(({ mode, target }) => mode !== 'alias' && mode !== 'addresses-only' && target !== null)
    .filter(({ target }) => target === name || (target!.includes('@') && leadsTo(sources, target!, name)))
    .map((row): Reach => ({ address: `*@${row.name}`, because: 'everything else of the domain' }))
  const seen = new Set(mapped.map(({ address }) => address))
  const own = namedDomains(sources)
    .map((domain) => `${name}@${domain}`)
    .filter((address) => !seen.has(address) && leadsTo(sources, address, name))
  return [...mapped, ...own.map((address): Reach => ({ address, because: 'named like the mailbox' })), ...rest]
}

/** Domains where a mailbox is reached by its name: by-name ones, their other names, and the names of this server. */
function namedDomains({ directory, settings, hostname }: Sources): string[] {
  const { domains } = directory.all()
  const byName = domains.filter(({ mode }) => mode === 'by-name').map((row) => row.name)
  const aliases = domains.filter(({ mode, target }) => mode === 'alias' && byName.includes(target ?? ''))
  return [...new Set([...byName, ...aliases.map((row) => row.name), hostname, ...settings.now().server.localNames])]
}

/** The directory decides: a mapping may stand before the name, a switch may be off. */
function leadsTo({ directory }: Sources, text: string, name: string): boolean {
  const address = parseAddress(text)
  if (!address.ok) return false
  const found = directory.resolve(address.value)
  return found.is === 'local' && found.mailboxes.some((row) => row.name === name)
}
