// In which order the addresses of a destination are tried. Called by hops.ts. Pure but for the randomness it is given.
import { parseIp } from '#/message/ip.ts'
import type { Random } from '#/world/world.ts'

export type Family = '4' | '6' | '4-first' | '6-first'

/** Better preferences first, equal ones in random order: RFC 5321 §5.1 says MUST. RO-06, OUT-18 */
export function byPreference<T extends { readonly preference: number }>(hosts: readonly T[], random: Random): T[] {
  return shuffled(hosts, random).sort((a, b) => a.preference - b.preference) // sort is stable
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const mixed = [...items]
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = below(last + 1, random)
    ;[mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!]
  }
  return mixed
}

function below(count: number, random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4)
  return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % count // of 2^32 values the bias cannot be seen
}

const familyOf = (address: string): '4' | '6' => (parseIp(address)?.family === 4 ? '4' : '6')

export function ofFamily(addresses: readonly string[], family: Family): string[] {
  const wanted = family.startsWith('4') ? '4' : '6'
  const first = addresses.filter((address) => familyOf(address) === wanted)
  return family.endsWith('-first') ? [...first, ...addresses.filter((address) => familyOf(address) !== wanted)] : first
}

/** Each attempt starts at another address. RO-08 */
export function rotated<T>(items: readonly T[], attempt: number): T[] {
  const start = items.length === 0 ? 0 : attempt % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

/** At most `max` addresses in all, dealt one to each host in turn, so that one with many leaves room for the others. RO-09 */
export function dealt<T extends { readonly addresses: readonly string[] }>(hosts: readonly T[], max: number): T[] {
  const shares = hosts.map(() => 0)
  let left = max
  for (let round = 0; left > 0 && hosts.some(({ addresses }) => addresses.length > round); round++)
    for (const [i, { addresses }] of hosts.entries())
      if (left > 0 && addresses.length > round) {
        shares[i]!++
        left--
      }
  return hosts.flatMap((host, i) =>
    shares[i] === 0 ? [] : [{ ...host, addresses: host.addresses.slice(0, shares[i]) }],
  )
}
