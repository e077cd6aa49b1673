// How this server knows itself, from its listeners and names. Called where hops are looked for. LP-03
import { parseServer } from '#/dns/servers.ts'
import { asciiLower } from '#/message/address.ts'
import type { Own } from './hop-types.ts'

type Listening = { readonly component: string; readonly address: string; readonly problem: string | null }

export function ownOf(listening: readonly Listening[], others: Pick<Own, 'names' | 'addresses'>): Own {
  const open = listening.filter(({ component, problem }) => component === 'smtp' && problem === null)
  const names = others.names.map(asciiLower)
  return { ...others, names, listeners: open.flatMap(({ address }) => parseServer(address) ?? []) }
}
