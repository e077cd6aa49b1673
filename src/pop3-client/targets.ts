// Where an account may connect to: its host looked up once, each address judged by its value. Used by dial.ts. DNS-01, SX-06
import type { RemoteAccount } from '#/config/remote-accounts.ts'
import type { Settings } from '#/config/settings.ts'
import type { Resolver } from '#/dns/resolver.ts'
import { targetProblem } from '#/dns/targets.ts'
import { parseIp } from '#/message/ip.ts'
import type { RemoteTrouble } from './box.ts'
import { addressesMax } from './limits.ts'
import { trouble } from './troubles.ts'

export type Own = {
  readonly listeners: readonly { readonly address: string; readonly port: number }[] // of our POP3 Server
  readonly addresses: readonly string[] // of this machine
}
type Target = Pick<RemoteAccount, 'host' | 'port' | 'byOwner' | 'privateAllowed'>
type Parts = { readonly resolver: Pick<Resolver, 'addresses'>; readonly settings: Settings['pop3Client'] }

/** Numeric addresses, in the order in which they are tried. PC-38, P3C-10 */
export async function targetsOf(
  target: Target,
  { resolver, settings }: Parts,
): Promise<readonly string[] | RemoteTrouble> {
  const { host, port, byOwner } = target
  if (byOwner && !settings.ports.includes(port))
    return trouble('forbidden', `Port ${port} may be used for accounts of administrators only`)
  const addresses = parseIp(host) ? [host] : await lookUp(host, resolver)
  if ('words' in addresses) return addresses
  if (target.privateAllowed || settings.allowPrivateTargets) return addresses
  const allowed = addresses.filter((address) => targetProblem(address) === null)
  if (allowed.length > 0) return allowed
  const [first = ''] = addresses
  const where = first === host ? host : `${host}, which is ${first},`
  return trouble('forbidden', `${where} lies in a network that this account may not reach: ${targetProblem(first)}`)
}

async function lookUp(host: string, resolver: Parts['resolver']): Promise<readonly string[] | RemoteTrouble> {
  const answer = await resolver.addresses(host)
  if (answer.is === 'found') return answer.records.slice(0, addressesMax)
  if (answer.is === 'no-such-name') return trouble('unreachable', `There is no host ${host}`)
  if (answer.is === 'no-data') return trouble('unreachable', `${host} has no address`)
  return trouble('unreachable', `The address of ${host} could not be looked up: ${answer.why}`)
}

/** Whether a POP3 listener of ours answers there. LP-06 */
export function isOurs({ address, port }: { address: string; port: number }, { listeners, addresses }: Own): boolean {
  const there = parseIp(address)
  const same = (one: string): boolean => {
    const ip = parseIp(one)
    return ip !== null && ip.family === there?.family && ip.value === there.value
  }
  const isHere = targetProblem(address) === 'loopback' || addresses.some(same)
  return listeners.some((one) => one.port === port && (same(one.address) || (isAny(one.address) && isHere)))
}

const isAny = (address: string): boolean => parseIp(address)?.value === 0n
