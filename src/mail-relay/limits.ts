// Ceilings of the mail-relay room that are no settings.

/** Mail exchangers of one domain whose addresses are looked up in one attempt. */
export const exchangersMax = 20

/** Addresses of which is remembered that they do not answer. */
export const addressesKnownMax = 10_000
/** How long an address that did not answer is left alone; doubled each time. QU-08 */
export const downFirstMs = 15_000
export const downLongestMs = 600_000
/** Kept connections that turn out to be closed, in a row. OUT-16 */
export const staleMax = 3
/** Deliveries of just accepted messages that are begun without being read back. */
export const hotMax = 1_000
/** Batches in memory that wait for a connection; more are left in the store. QU-18 */
export const readyMax = 500
/** Deliveries of one destination that are read at once. */
export const dueMax = 200
/** Destinations in memory. QU-18 */
export const destinationsMax = 100_000
/** How long a connection is kept for the next message. */
export const keptMs = 3_000
/** Life that an access token must still have to be shown: a slow conversation may take as long. */
export const tokenSpareMs = 60_000
export const challengesMax = 8 // no RFC: a server that asks for ever gets no more answers. OUT-11
export const commandBytesMax = 512 // RFC 5321 §4.5.3.1.4: a longer first message of AUTH goes by itself. RFC 4954 §4
export const sizeDigitsMax = 20 // RFC 1870 §4: more is no size
/** How long "send now" lets mail out that waits for its hour. */
export const flushMs = 600_000
