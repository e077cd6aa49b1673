// Who asks, and whether the question comes from our own page. WEB-03, WEB-04, WEB-16
import type { Actor } from '#/accounts/types.ts'
import { hostOf } from './hosts.ts'

export type Asked = {
  readonly header: (name: string) => string | undefined
  readonly peer: string
  readonly secure: boolean
}

/** Of a cookie that only a secure line carries its name says so. RFC 6265bis §4.1.3 */
export const cookieName = (secure: boolean): string => (secure ? '__Host-netcruiser' : 'netcruiser')

export function cookieOf({ header, secure }: Asked): string | undefined {
  const name = cookieName(secure)
  for (const pair of (header('cookie') ?? '').split(';', 50)) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

export const setCookie = (
  value: string,
  { secure, maxAgeSeconds }: { secure: boolean; maxAgeSeconds: number },
): string =>
  `${cookieName(secure)}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure ? '; Secure' : ''}`

export function bearerOf({ header }: Asked): string | undefined {
  return /^Bearer ([A-Za-z0-9._~+/=-]{1,200})$/i.exec(header('authorization') ?? '')?.[1]
}

/** A browser says where a question comes from; a program with a token needs no such proof. */
export function fromOurPage({ header }: Asked, { navigation = false } = {}): boolean {
  const site = header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin' || (navigation && site === 'none')
  const origin = header('origin')
  if (origin === undefined) return navigation
  const at = /^https?:\/\/([^/]+)$/.exec(origin)?.[1]
  return at !== undefined && at.toLowerCase() === header('host')?.toLowerCase() && hostOf(at) !== null
}

/** The client's address; a proxy's word counts only when the proxy is ours. */
export function clientOf({ header, peer }: Asked, trustedProxies: readonly string[]): string {
  if (!trustedProxies.includes(peer)) return peer
  const last = (header('x-forwarded-for') ?? '').split(',').at(-1)?.trim() ?? ''
  return /^[0-9a-fA-F:.]{2,45}$/.test(last) ? last : peer
}

export type Who = { readonly actor: Actor; readonly byCookie: boolean }
