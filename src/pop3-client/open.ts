// Puts the POP3 Client together. Called by main, and by the command line on a stopped server.
import { parseServer } from '#/dns/servers.ts'
import type { Resolver } from '#/dns/resolver.ts'
import type { Secrets } from '#/accounts/secrets.ts'
import { prepareOwn } from '#/intake/own.ts'
import type { IntakeParts } from '#/intake/parts.ts'
import type { Intake } from '#/intake/types.ts'
import type { Web, World } from '#/world/world.ts'
import type { RemoteAccounts } from './accounts.ts'
import { openCollector } from './collector.ts'
import { openRemoteCredentials } from './credentials.ts'
import { openBoxes } from './dial.ts'
import type { Collector } from './types.ts'

type Listening = { readonly component: string; readonly address: string; readonly problem: string | null }
export type Pop3ClientParts = IntakeParts & {
  readonly intake: Pick<Intake, 'beginCollecting'>
  readonly accounts: RemoteAccounts
  readonly secrets: Secrets
  readonly resolver: Resolver
  readonly web: Web
  readonly world: World
  /** Our own listeners; none on a stopped server. */
  readonly listening: () => readonly Listening[]
  /** Why nothing may be deleted on other servers for now, in words; null when it may be. PC-30 */
  readonly keepsRemote?: () => string | null
  /** Told how many accounts are collected, whenever that changes. */
  readonly onBusy?: (accounts: number) => void
  /** Of all interfaces of the machine. */
  readonly localAddresses: () => readonly string[]
}

export function pop3Client(parts: Pop3ClientParts): Collector {
  const { accounts, secrets, web, world, listening, localAddresses } = parts
  const { clock } = world
  const listeners = () =>
    listening()
      .filter(({ component, problem }) => (component === 'pop3' || component === 'pop3s') && problem === null)
      .flatMap(({ address }) => parseServer(address) ?? [])
  const own = () => ({ listeners: listeners(), addresses: localAddresses() })
  return openCollector({
    ...parts,
    openBox: openBoxes({ ...parts, own }),
    credentials: openRemoteCredentials({ accounts, secrets, clock, web }),
    prepare: (mail) => prepareOwn(parts, mail),
  })
}
