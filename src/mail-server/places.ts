// How many connections strangers may have, so that a flood of them never shuts out whom we know. Asked by server.ts. Pure. IN-22
import type { Settings } from '#/config/settings.ts'

const shareReserved = 0.1
const reservedMin = 10

type Limits = Pick<Settings['mailServer'], 'connectionsMax' | 'connectionsReserved'>

export function placesForStrangers({ connectionsMax, connectionsReserved }: Limits): number {
  return Math.max(0, connectionsMax - (connectionsReserved ?? usualReserve(connectionsMax)))
}

/** A small server keeps half its places for strangers: most mail comes from them. */
const usualReserve = (connectionsMax: number): number =>
  Math.min(Math.max(reservedMin, Math.ceil(connectionsMax * shareReserved)), Math.floor(connectionsMax / 2))
