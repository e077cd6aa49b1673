// How many connections of a service are kept for whom it knows, when nobody says how many. Asked by the listeners of the Mail
// Server and the POP3 Server. Pure. IN-22
const shareReserved = 0.1
const reservedMin = 10

/** A small server keeps half its places for strangers: most mail comes from them. */
export const usualReserve = (connectionsMax: number): number =>
  Math.min(Math.max(reservedMin, Math.ceil(connectionsMax * shareReserved)), Math.floor(connectionsMax / 2))
