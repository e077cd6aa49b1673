// Ceilings of the POP3 Client that no operator needs to change; the others are settings (pop3Client.*) or of an account.

export const dayMs = 86_400_000
/** Retrievals that fail by themselves before a message is set aside. PC-20 */
export const triesMax = 3
/** Messages on both sides from which all new UIDs mean that the provider has changed them. PC-10 */
export const changedUidsMin = 20
/** Messages that are asked for and not durable yet, and their octets, of all sessions together: what waits for the disk costs
 *  memory, and a cancelled run waits for what is under way. A session that has the line for itself may ask further ahead: over a
 *  long line each look back costs a round trip. */
export const underWayMax = 128
export const underWayAloneMax = 1024
export const underWayBytesMax = 16_777_216
/** Of a larger message no more than this is in memory: what follows goes to a file. */
export const inMemoryBytesMax = 262_144
/** Sessions of one run: each of them has fetched something, so only a server that breaks off all the time needs many. P3C-15 */
export const sessionsMax = 1000
/** After a session of ours the server may hold the lock for a while. PC-16 */
export const lockTriesMax = 10
export const lockPauseMs = 1_000
/** A server that has answered QUIT closes the connection; one that does not is not waited for any longer. RFC 1939 §6 */
export const hangUpMs = 1_000
/** Before a session is begun anew after the line was lost. */
export const againPauseMs = 2_000
/** What is under way when a run is cancelled may end within this time. */
export const cancelMs = 5_000
/** How often progress is told. */
export const progressMs = 250
/** Logins refused without a reason before an account is stopped, and how often it is tried then. PC-04 */
export const loginTriesMax = 3
export const slowProbeMs = 21_600_000
/** For [IN-USE] and the like. */
export const busyAgainMs = 300_000
/** Rows of a page of browse. */
export const pageMax = 200
/** Largest message that somebody may fetch by hand. */
export const byHandBytesMax = 4_294_967_296
/** Header sections asked for at once. */
export const headsAtOnce = 100
/** At first where it is not known how quick the server is, and how long a slow one takes for those. */
export const headsAtFirst = 8
export const slowHeadMs = 5_000
/** Names of messages in a trace event. */
export const namedMax = 100
/** Life that an access token must still have to be shown: a slow sign-in may take as long. */
export const tokenSpareMs = 120_000
/** How long a sign-in lasts when the app of the provider is "in testing"; how much earlier (clocks differ) and how much later
 *  (we were not running) its end may be noticed. PC-03 */
export const testAppLifeMs = 7 * dayMs
export const testAppEarlyMs = 3_600_000
export const testAppLateMs = dayMs
/** Of a sender or subject that is shown. */
export const shownCharsMax = 300
/** How often the accounts are looked through though nobody is due. */
export const lookAgainMs = 60_000
/** A run that lasts longer is a slow one: slow ones have this share of the places, so that others find one. PC-05, P3C-01 */
export const slowRunMs = 60_000
export const slowShare = 0.75
/** Lines of a conversation that are shown. */
export const testLinesMax = 200

// The conversation

/** Commands that may be out at once where the server takes them in a row. RFC 2449 §6.8: no more than fits its TCP window. */
export const windowMax = 512
/** More are sent when so few are still unanswered: a group of commands travels as one segment. */
export const refillAt = 384
export const commandBytesMax = 255 // RFC 2449 §4: a longer first message of AUTH goes by itself. RFC 5034 §4
export const capabilitiesMax = 100 // no RFC
export const loginDelaySecondsMax = 86_400 // no RFC: a server that wants to be asked less often than daily is not believed
export const challengesMax = 8 // no RFC: a server that asks for ever gets no more answers
/** Lines of a list that must come within the time for one reply: a slow dripper gains nothing. P3C-01 */
export const linesAtOnce = 1000
/** Of a listing, and of a run. */
export const warningsMax = 100
/** What is kept of a header section, and after how much more the server is not asked any further. */
export const headBytesMax = 1_048_576
export const headEndlessBytes = 33_554_432
/** Text of the server that is quoted to people, and of one line in a warning. */
export const wordsCharsMax = 300
export const lineCharsMax = 60
/** Addresses of one host that are tried. */
export const addressesMax = 8
/** How often a server that waits for us hears that we are still there. RFC 1939 §3: it may hang up after 10 minutes. */
export const keepAliveMs = 120_000
/** Shorter secrets are not masked in the server's words: blackening each of their letters would tell them. */
export const secretCharsMin = 3
/** When a run has taken what one run may, the rest comes after the others had their turn. */
export const restAgainMs = 60_000
