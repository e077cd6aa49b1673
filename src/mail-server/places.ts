// How many connections strangers may have, so that a flood of them never shuts out whom we know. Asked by server.ts. Pure. IN-22
import { usualReserve } from '#/accounts/reserve.ts'
import type { Settings } from '#/config/settings.ts'

type Limits = Pick<Settings['mailServer'], 'connectionsMax' | 'connectionsReserved'>

export function placesForStrangers({ connectionsMax, connectionsReserved }: Limits): number {
  return Math.max(0, connectionsMax - (connectionsReserved ?? usualReserve(connectionsMax)))
}
