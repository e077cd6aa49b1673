// The name under which the names of an address are asked for. Called by resolver.ts. RFC 1035 §3.5, RFC 3596 §2.5
import { isIP } from 'node:net'

export function reverseName(address: string): string | null {
  const bare = address.replace(/%.*$/, '')
  const mapped = /^::ffff:([0-9.]+)$/i.exec(bare)?.[1]
  const v4 = mapped ?? bare
  if (isIP(v4) === 4) return `${v4.split('.').reverse().join('.')}.in-addr.arpa`
  return isIP(bare) === 6 ? `${nibbles(bare).reverse().join('.')}.ip6.arpa` : null
}

function nibbles(address: string): string[] {
  // URL writes IPv6 in one canonical form, an IPv4 tail included.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = Array<string>(8 - left.length - right.length).fill('0')
  return [...left, ...middle, ...right].flatMap((group) => group.padStart(4, '0').split(''))
}
