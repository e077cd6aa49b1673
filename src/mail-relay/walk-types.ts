// What the walk along a ladder works with. Used by walk.ts, pool.ts, engine.ts.
import type { DeliveryRow } from '#/storage/queue.ts'
import type { Mail, MailResult, SessionFailure } from './session-types.ts'
import type { Hop } from './hop-types.ts'
import type { RelayRoute, TlsPolicy } from './routes.ts'

/** Recipients of one message that share a ladder and a next hop: one transaction. QU-09, RO-30 */
export type Batch = {
  readonly rows: readonly DeliveryRow[]
  readonly routes: readonly RelayRoute[]
  readonly because: string
}
export type Target = {
  readonly hop: Hop
  readonly address: string
  readonly route: RelayRoute
  readonly tls: TlsPolicy | 'implicit'
}
export interface Conversation {
  /** Never rejects: a connection that breaks is told by the outcomes. */
  deliver(mail: Mail): Promise<MailResult | SessionFailure>
  /** Back to whoever needs it next, or closed when it is worn out. */
  release(): void
}
export interface Conversations {
  /** A kept connection, or a new one. */
  open(target: Target): Promise<Conversation | SessionFailure>
}

export const routeName = (route: RelayRoute): string =>
  route.is === 'alternate' ? `alternate:${route.server.name}` : route.is
