// Mappings that go in a circle, found before they are saved. Pure. AD-10
import { addressKey, asciiLower, parseAddress } from '#/message/address.ts'
import type { AddressRow, DomainRow } from '#/storage/store.ts'

export type Mappings = {
  readonly addresses: readonly Pick<AddressRow, 'address' | 'targets'>[]
  readonly domains: readonly DomainRow[]
  readonly hasMailbox: (name: string) => boolean
}
type Index = Mappings & {
  readonly byAddress: ReadonlyMap<string, readonly string[]>
  readonly patterns: readonly Mappings['addresses'][number][]
  readonly byDomain: ReadonlyMap<string, DomainRow>
}

/** The first circle that a mapping of `starts` leads into, from its first address back to it; null when there is none. */
export function circleOf(mappings: Mappings, starts: readonly string[]): readonly string[] | null {
  const index: Index = {
    ...mappings,
    byAddress: new Map([
      ...mappings.addresses.map(({ address, targets }): [string, readonly string[]] => [address, targets]),
      ...mappings.domains.filter(hasRest).map((row): [string, readonly string[]] => [restOf(row.name), [row.target!]]),
    ]),
    patterns: mappings.addresses
      .filter(({ address }) => address.includes('*'))
      .toSorted((a, b) => b.address.length - a.address.length),
    byDomain: new Map(mappings.domains.map((row) => [row.name, row])),
  }
  const done = new Set<string>() // mappings known to end
  for (const start of starts) {
    const circle = walk(index, start, done)
    if (circle) return circle
  }
  return null
}

/** Depth first with a path of its own, so that a long chain needs no deep stack. */
function walk(index: Index, start: string, done: Set<string>): readonly string[] | null {
  const path = [start]
  const rest = [[...(index.byAddress.get(start) ?? [])]]
  while (path.length > 0) {
    const target = rest.at(-1)!.pop()
    if (target === undefined) {
      done.add(path.pop()!)
      rest.pop()
      continue
    }
    const next = mappingOf(index, target)
    if (next === null || done.has(next)) continue
    const from = path.indexOf(next)
    if (from >= 0) return [...path.slice(from), next]
    path.push(next)
    rest.push([...(index.byAddress.get(next) ?? [])])
  }
  return null
}

/** The catch of a domain as one more mapping: only an address can lead on. AD-15 */
export const restOf = (domain: string): string => `the rest of ${domain}`
const hasRest = ({ mode, target }: DomainRow): boolean => mode === 'by-name' && target !== null && target.includes('@')

/** The mapping that mail for a target follows, in the directory's order: exact, mailbox, pattern, catch. AD-01 */
function mappingOf(index: Index, target: string): string | null {
  const parsed = target.includes('@') ? parseAddress(target) : null
  if (!parsed?.ok) return null
  const row = index.byDomain.get(parsed.value.domain)
  const alias = row?.mode === 'alias' ? row.target : null
  const key = alias === null ? addressKey(parsed.value) : `${asciiLower(parsed.value.local)}@${alias}`
  if (index.byAddress.has(key)) return key
  const domain = alias ?? parsed.value.domain
  const byName = index.byDomain.get(domain)?.mode === 'by-name'
  if (byName && index.hasMailbox(asciiLower(parsed.value.local))) return null
  const pattern = index.patterns.find(({ address }) => covers(address, key))?.address
  return pattern ?? (index.byAddress.has(restOf(domain)) ? restOf(domain) : null)
}

function covers(pattern: string, key: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${escaped.join('.*')}$`).test(key)
}
