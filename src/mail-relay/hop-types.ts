// What a search for hops works with: hosts to be looked up, hosts found, and how this server knows itself.
// Of hops.ts and hop-lookup.ts.
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import type { MailResolver, NoAnswer } from '#/dns/resolver.ts'
import type { Random } from '#/world/world.ts'

/** `certName` is the name that a certificate must prove: of an alternate server the one that the operator wrote. RO-25 */
export type Hop = {
  readonly name: string
  readonly certName: string
  readonly addresses: readonly string[]
  readonly port: number
}

export type HopParts = {
  readonly resolver: MailResolver
  readonly settings: MailRelaySettings
  readonly random: Random
  readonly own: Own
}
/** How this server knows itself. LP-03 */
export type Own = {
  readonly listeners: readonly { readonly address: string; readonly port: number }[]
  /** Of all interfaces of the machine. */
  readonly addresses: readonly string[]
  /** What it is called: behind NAT the addresses alone do not tell. */
  readonly names: readonly string[]
}

/** A host to be looked up. Lower preference is better. */
export type Candidate = Omit<Hop, 'addresses'> & { readonly preference: number }

export function reasonOf(answer: NoAnswer): string {
  if (answer.is === 'trouble') return answer.why
  return answer.is === 'no-data' ? 'has no address' : 'does not exist'
}
