// How a connection to a target is to be made: names, TLS, times, account. Pure. Called by the pool.
import type { MailRelaySettings } from '#/config/mail-relay-settings.ts'
import type { Credentials } from '#/wire/sasl-client.ts'
import type { DialOptions } from './dial.ts'
import type { SessionPlan } from './session-types.ts'
import type { RelayRoute } from './routes.ts'
import type { Target } from './walk-types.ts'

export type PlanParts = {
  readonly hostname: string
  readonly settingsNow: () => MailRelaySettings
  /** Hears what is said, secrets masked; for the tester. */
  readonly note?: (line: string) => void
  /** Hears the largest message that a host on this route takes. */
  readonly noteSize?: (route: RelayRoute, sizeBytesMax: number | null) => void
}
type Asked = PlanParts & { readonly account: Credentials | null; readonly usePipelining: boolean }
/** May be changed between tries. */
export type Plan = Omit<DialOptions, 'plan'> & { plan: DialOptions['plan'] }

export function planFor(
  target: Target,
  { hostname, settingsNow, account, usePipelining, note, noteSize }: Asked,
): Plan {
  const { hop, address, route, tls } = target
  const { connectMs, ...times } = settingsNow()
  const server = route.is === 'alternate' ? route.server : null
  return {
    address,
    port: hop.port,
    connectMs,
    implicitTls: tls === 'implicit',
    plan: {
      ehloName: hostname,
      hello: 'EHLO',
      host: hop.name,
      tls: tlsOf(target),
      clientTls: {
        servername: hop.certName,
        verify: 'none',
        ca: server?.ca ?? undefined,
        pinSha256: server?.pin ?? undefined,
      },
      credentials: account,
      plainAuthAllowed: server?.plainAuthAllowed ?? false,
      times,
      usePipelining,
      isOurs: (greeting) => isOurName(greeting, hostname),
      ...(note && { note }),
      ...(noteSize && { noteSize: (sizeBytesMax) => noteSize(route, sizeBytesMax) }),
    },
  }
}

/** The operator's own server must prove the name that the operator wrote. RO-25, OTL-10 */
function tlsOf({ route, tls }: Target): SessionPlan['tls'] {
  if (tls === 'implicit') return 'verified'
  return route.is === 'alternate' && tls === 'required' ? 'verified' : tls
}

/** A host that greets with our own name is ourselves, behind an address that we did not know. LP-03 */
const isOurName = (greeting: string, hostname: string): boolean =>
  greeting.split(' ')[0]?.toLowerCase() === hostname && hostname !== 'localhost.localdomain'
