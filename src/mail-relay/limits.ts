// Ceilings of the mail-relay room that are no settings.

/** Mail exchangers of one domain whose addresses are looked up in one attempt. */
export const exchangersMax = 20

/** Addresses of which is remembered that they do not answer. */
export const addressesKnownMax = 10_000
/** How long an address that did not answer is left alone; doubled each time. QU-08 */
export const downFirstMs = 15_000
export const downLongestMs = 600_000
/** How long the one who looks again may take. */
export const probeTermMs = 60_000
/** How long a destination that refuses mail from us is gone round; how many are remembered. RO-16 */
export const refusingMs = 4 * 3_600_000
export const destinationsRefusingMax = 1_000
/** Destinations whose hosts all did not answer, after which port 25 counts as blocked, unless a host has answered within a
 *  day; how often one mail looks again. RO-35 */
export const unreachedMin = 5
export const workedLatelyMs = 86_400_000
export const blockedProbeMs = 900_000
/** One mail to the postmaster in this time for each problem; problems that are remembered. RO-26 */
export const alertEveryMs = 86_400_000
export const problemsMax = 200
/** When one that the postmaster's mailbox did not take is tried again. */
export const lostAgainMs = 3_600_000
/** Kept connections that turn out to be closed, in a row. OUT-16 */
export const staleMax = 3
/** Hosts that are spoken to without pipelining, because their answers got out of step. OUT-08 */
export const outOfStepMax = 1_000
/** Deliveries of just accepted messages that are begun without being read back. */
export const hotMax = 1_000
/** Batches in memory that wait for a connection, in all and for one next hop; more are left in the store. QU-18 */
export const readyMax = 200
export const readyForOneMax = 20
/** Deliveries that are not read and whose senders must hear of the delay: of one look, and messages that are told of at once. */
export const untoldAtOnce = 1_000
export const toldAtOnce = 50
/** Deliveries of one destination that are read at once. */
export const dueMax = 100
/** How long who failed waits for others of the same message that are being tried, so that one notice tells of all; and how many
 *  one tells of. */
export const togetherMs = 10_000
export const togetherMax = 500
/** How long until what became of an attempt is written again to a disk that was full. */
export const roomAgainMs = 5_000
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
