// Ceilings of the storage room.

/** Contents up to this size are a row, written in the same flush; larger ones are files. */
export const inlineBytesMax = 262_144
/** A group that one flush makes durable: small enough that the next can come meanwhile. */
export const groupUnitsMax = 512
export const groupBytesMax = 33_554_432
/** Turns of the event loop in which a group may grow. */
export const groupTurns = 4
/** What nobody waits for is written with what somebody waits for, or by itself after so long. */
export const patienceMs = 3
/** Waits until a finished file that somebody holds is named again: five, and 770 ms in all. */
export const nameAgainMs = [20, 50, 100, 200, 400] as const
/** Octets read from a content file at once. */
export const fileChunkBytes = 262_144
/** WAL pages that are copied into the database when nobody has written for a moment, and those that are copied at once, which
 *  takes 5 ms: the log then fits into what is kept of it, and is never cut and made longer again under load. */
export const checkpointPagesMin = 2000
export const checkpointPagesMax = 4000
export const checkpointIdleMs = 100
/** What is left of a log that was longer. */
export const walBytesKept = 67_108_864
export const pageBytes = 16_384
/** Pages that the writer keeps; fewer while memory is to be saved: what it misses is in the cache of the system. */
export const writerCacheKib = 16_384
export const writerCacheLeanKib = 4_096
/** SQLite below this can corrupt a WAL with several connections. */
export const sqliteVersionMin = '3.51.3'
/** How long a connection waits for another of this process, for example while one recovers the WAL at start. */
export const busyMs = 5_000
/** Contents kept in memory for the relay, just accepted. */
export const hotContentBytesMax = 33_554_432
/** What the server keeps about itself: figures for a week, the rest for a month, a bounded number of it. */
export const figuresKeptMs = 8 * 86_400_000
export const notesKeptMs = 30 * 86_400_000
export const notesEveryMs = 60_000
export const loginRowsMax = 10_000
/** Kinds of logins that wait to be written; those beyond are in the log only. */
export const loginsWaitingMax = 2000
/** Events of the trace in memory. */
export const latestMax = 200
/** Rows that are read at once where there may be a million: each page comes to the main thread as a message of its own. */
export const pageRowsMax = 2000
